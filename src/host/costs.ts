// What runs spent, stream by stream. Heads of runs at rest tell it; facts are read only of runs at work, of runs that an older edition left, and where a question
// goes into what heads do not hold. It executes nothing.

import { setImmediate } from "node:timers/promises";
import type { Ledger, StreamHead } from "../ledger/ledger.ts";
import { compactedNote } from "../run/compacted.ts";
import type { JournalEntry } from "../graph/work.ts";
import { modelOf } from "../run/fold-spending.ts";
import { keys, readNote, type RunNote } from "../run/head.ts";
import { joinPath } from "../run/path.ts";
import { readFact } from "../run/read-fact.ts";
import { addSpending, NO_SPENDING, replySpending, type Spending } from "../run/spending.ts";
import type { RunStatus } from "../run/state.ts";
import { eachPage, type HeadQuery } from "./each-head.ts";
import { erasureIn, ERASURE_KEY } from "./erasure.ts";
import { readReceipt } from "./run-receipts.ts";

/** Which runs are looked at. */
export interface CostScope {
  /** This root run alone. */
  readonly run?: string;
  /** Runs of this contract. */
  readonly contract?: string;
  /** Runs that were started since then: milliseconds since 1970. */
  readonly since?: number;
  readonly signal?: AbortSignal;
}

/** A root run that is looked at. */
export interface CostedRun {
  readonly run: string;
  readonly contract: string;
  readonly status: RunStatus;
  readonly startedAt: number;
  /** Its facts were given up: only the sum is known. */
  readonly isCompacted: boolean;
}

/** One reply of a model. */
export interface CostedReply {
  /** From the root run. */
  readonly path: string;
  readonly model: string;
  readonly time: number;
  readonly spending: Spending;
}

/** What the own nodes of one stream spent. */
export interface StreamCost {
  readonly root: CostedRun;
  /** The contract whose nodes they are, which may be that of a child. */
  readonly contract: string;
  readonly models: ReadonlyMap<string, Spending>;
  readonly discarded: Spending;
  /** Left out where the head was enough. */
  readonly replies?: readonly CostedReply[];
}

/** What it took to find out. */
export interface CostEffort {
  heads: number;
  /** Streams whose facts were read. */
  streams: number;
}

/** What was found. */
export interface Costs {
  readonly runs: readonly CostedRun[];
  readonly streams: readonly StreamCost[];
  /** Runs that were erased: nobody knows what they spent. */
  readonly erased: number;
  readonly looked: CostEffort;
}

/** Runs may have been started in another order than their times say, by clocks that were put back for less than this. */
const CLOCK_SLACK_MS = 86_400_000;

/** Looks up what runs spent. With `needsReplies` the facts of all streams that spent something are read. */
export async function costsIn(ledger: Ledger, scope: CostScope, needsReplies: boolean): Promise<Costs> {
  const looked: CostEffort = { heads: 0, streams: 0 };
  const roots = new Map<string, CostedRun>();
  const streams: StreamCost[] = [];
  const seen = new Set<string>();
  const unnoted: string[] = [];
  const take = async (head: StreamHead): Promise<void> => {
    const note = readNote(head.note);
    const root = note === undefined ? undefined : roots.get(note.root);
    if (note === undefined || root === undefined || seen.has(head.run)) return;
    seen.add(head.run);
    const cost = await costOfStream(ledger, head, note, root, needsReplies, looked);
    if (cost.models.size > 0) streams.push(cost);
  };
  for await (const head of headsOf(ledger, scope, looked)) {
    const root = rootOf(head);
    if (root === undefined) continue;
    roots.set(root.run, root);
    if (root.isCompacted) streams.push(await costOfReceipt(ledger, head, root));
    else if (readNote(head.note)?.spent === undefined) unnoted.push(root.run);
    else await take(head);
  }
  for await (const head of spentUnder(ledger, scope, looked)) await take(head);
  // At work, or left by an edition that noted nothing: also what stands under them may not say that it spent anything.
  for (const run of unnoted) {
    const own = ledger.head(run);
    if (own !== undefined) await take(own);
    for await (const head of paged(ledger, { keys: [keys.inTree(run)] }, scope, looked)) await take(head);
  }
  // A root may wait while one of its children is at work.
  for await (const head of paged(ledger, { keys: [keys.status("running")], open: true }, scope, looked)) await take(head);
  return { runs: [...roots.values()], streams, erased: erasedIn(ledger, scope), looked };
}

/** The heads of the root runs in question, those that were compacted among them. */
async function* headsOf(ledger: Ledger, scope: CostScope, looked: CostEffort): AsyncGenerator<StreamHead, void> {
  if (scope.run !== undefined) {
    const head = ledger.head(scope.run);
    if (head !== undefined) yield head;
    return;
  }
  const of = scope.contract === undefined ? [] : [keys.contract(scope.contract)];
  for (const kind of [keys.root, keys.compacted]) yield* paged(ledger, { keys: [kind, ...of], newestFirst: true }, scope, looked);
}

/** The heads of all that says it spent something, roots and children alike. */
function spentUnder(ledger: Ledger, scope: CostScope, looked: CostEffort): AsyncGenerator<StreamHead, void> {
  const under = scope.run === undefined ? [] : [keys.inTree(scope.run)];
  return paged(ledger, { keys: [keys.spent, ...under], newestFirst: true }, scope, looked);
}

/** Heads page by page, as long as they are not too old; others get their turn in between. */
async function* paged(
  ledger: Ledger,
  query: HeadQuery,
  { since, signal }: CostScope,
  looked: CostEffort,
): AsyncGenerator<StreamHead, void> {
  for (const page of eachPage(ledger, query)) {
    signal?.throwIfAborted();
    for (const head of page) {
      looked.heads += 1;
      if (since !== undefined && query.newestFirst === true && head.startedAt < since - CLOCK_SLACK_MS) return;
      if (since === undefined || head.startedAt >= since) yield head;
    }
    await setImmediate();
  }
}

function rootOf({ run, note, startedAt }: StreamHead): CostedRun | undefined {
  const compacted = compactedNote(note);
  if (compacted !== undefined) return { run, contract: compacted.contract, status: compacted.status, startedAt, isCompacted: true };
  const known = readNote(note);
  return known === undefined ? undefined : { run, contract: known.contract, status: known.status, startedAt, isCompacted: false };
}

/** Which models they were is known no more. */
async function costOfReceipt(ledger: Ledger, { run, note }: StreamHead, root: CostedRun): Promise<StreamCost> {
  const spending = compactedNote(note)?.spending ?? (await readReceipt(ledger, run)).spending;
  const models = spending.calls === 0 ? [] : ([["compacted:unknown", spending]] as const);
  return { root, contract: root.contract, models: new Map(models), discarded: NO_SPENDING };
}

async function costOfStream(
  ledger: Ledger,
  { run }: StreamHead,
  note: RunNote,
  root: CostedRun,
  needsReplies: boolean,
  looked: CostEffort,
): Promise<StreamCost> {
  const { contract, path, spent } = note;
  const isNoted = spent !== undefined && (!needsReplies || Object.keys(spent.models).length === 0);
  if (isNoted) return { root, contract, models: new Map(Object.entries(spent.models)), discarded: spent.discarded ?? NO_SPENDING };
  looked.streams += 1;
  const replies = await repliesOf(ledger, run, path);
  const models = new Map<string, Spending>();
  for (const { model, spending } of replies) models.set(model, addSpending(models.get(model) ?? NO_SPENDING, spending));
  return { root, contract, models, discarded: spent?.discarded ?? NO_SPENDING, replies };
}

async function repliesOf(ledger: Ledger, run: string, prefix: string): Promise<readonly CostedReply[]> {
  const replies: CostedReply[] = [];
  const conversations = new Map<string, JournalEntry[]>();
  for (const { facts, time } of await ledger.read(run)) {
    for (const json of facts) {
      // Only these two are of interest: a kind of fact that a newer edition wrote is none of them.
      if (json["type"] !== "model.requested" && json["type"] !== "model.replied") continue;
      const fact = readFact(json, run);
      if (fact.type !== "model.requested" && fact.type !== "model.replied") continue;
      const journal = conversations.get(fact.node) ?? [];
      conversations.set(fact.node, journal);
      journal.push(fact);
      if (fact.type === "model.replied")
        replies.push({ path: joinPath(prefix, fact.node), model: modelOf(journal, fact.turn), time, spending: replySpending(fact) });
    }
  }
  return replies;
}

function erasedIn(ledger: Ledger, { run, contract, since }: CostScope): number {
  let count = 0;
  for (const page of eachPage(ledger, { keys: [ERASURE_KEY] })) {
    for (const head of page) {
      const erasure = erasureIn(head);
      if (erasure === undefined || (since !== undefined && erasure.startedAt < since)) continue;
      if ((run ?? erasure.run) === erasure.run && (contract ?? erasure.contract) === erasure.contract) count += 1;
    }
  }
  return count;
}
