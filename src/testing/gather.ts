// From the facts of a run to its recording: what came from outside, by path and in order. Pure; what a model was asked stands in the facts as a hash only.

import type { JsonObject } from "../json.ts";
import type { RecordedFact, RetriedChild } from "../run/fact.ts";
import { childPath } from "../run/path.ts";
import type { Happening, RecordedCall, RecordedNode, RecordedResult } from "../../providers/recorded/run-recording.ts";

/** What was gathered. */
export interface Gathered {
  readonly happenings: readonly Happening[];
  readonly nodes: Readonly<Record<string, RecordedNode>>;
}

/** One node while its facts are read. The last of a list may still be open. */
interface Gathering {
  /** False while all that is known of it is what a run did that this one was forked from. */
  isOwn: boolean;
  given: RecordedNode["given"];
  prompt: RecordedNode["prompt"];
  calls: RecordedCall[];
  results: RecordedResult[];
  takenBack: NonNullable<RecordedNode["takenBack"]>[number][];
}

/** Texts of prompts that facts name by hash: by `<path> <name>@<version>`. */
export type Prompts = ReadonlyMap<string, string>;

/** What is gathered. */
export interface GatherOptions {
  /** The run that is recorded: what it did itself stands in place of what the runs it was forked from did. */
  readonly root: string;
  readonly startedAt: number;
  readonly prompts: Prompts;
}

/** Gathers a recording from facts in the order of the ledger. */
export function gather(facts: readonly RecordedFact[], { root, startedAt, prompts }: GatherOptions): Gathered {
  const nodes = new Map<string, Gathering>();
  const happenings: (Happening & { readonly run: string })[] = [];
  const own = ownRuns(facts, root);
  for (const fact of facts) {
    const afterMs = fact.time - startedAt;
    const isOwn = own.has(fact.run);
    const happening = happeningOf(fact, afterMs);
    if (happening !== undefined && (isOwn || happening.type === "event")) happenings.push({ ...happening, run: isOwn ? root : fact.run });
    if ("node" in fact) gatherNode(nodeAt(nodes, fact.path, isOwn), fact, { afterMs, isOwn, prompts });
  }
  return {
    happenings: lastTellers(happenings, root).map(({ run: _run, ...happening }) => happening),
    nodes: Object.fromEntries([...nodes].flatMap(([path, node]): [string, RecordedNode][] => finished(path, node))),
  };
}

/** The run and its children. */
function ownRuns(facts: readonly RecordedFact[], root: string): ReadonlySet<string> {
  return new Set([root, ...facts.flatMap((fact) => (fact.type === "run.started" && fact.root === root ? [fact.run] : []))]);
}

function nodeAt(nodes: Map<string, Gathering>, path: string, isOwn: boolean): Gathering {
  const known = nodes.get(path);
  if (known !== undefined) return known;
  const node: Gathering = { isOwn, given: undefined, prompt: undefined, calls: [], results: [], takenBack: [] };
  nodes.set(path, node);
  return node;
}

interface Told {
  readonly prompts: Prompts;
  readonly afterMs: number;
  readonly isOwn: boolean;
}

function gatherNode(node: Gathering, fact: RecordedFact & { readonly node: string }, { afterMs, isOwn, prompts }: Told): void {
  switch (fact.type) {
    case "node.started":
      // What was taken over from another run is not what happened in this one.
      if (isOwn && !node.isOwn) Object.assign(node, { isOwn, given: undefined, prompt: undefined, calls: [], results: [], takenBack: [] });
      // One that a crash cut off was made again.
      if (isOpenResult(node.results.at(-1))) node.results.pop();
      node.results.push({ afterMs });
      return;
    case "prompt.resolved": {
      const { prompt, from, fallback } = fact;
      node.prompt = { prompt, text: prompts.get(`${fact.path} ${prompt}`) ?? "", from, ...(fallback === undefined ? {} : { fallback }) };
      return;
    }
    case "model.requested":
      if (isOpenResult(node.results.at(-1))) node.results.pop();
      if (isOpenCall(node.calls.at(-1))) node.calls.pop();
      node.calls.push({ model: fact.model, turn: fact.turn, afterMs, hash: fact.request });
      return;
    case "model.replied":
      return close(node.calls, isOpenCall, { afterMs, reply: fact.reply, cost: fact.cost });
    case "model.failed": {
      const last = node.calls.at(-1);
      // One that is not set up, or that is down, was never asked; one whose reply is of no use was.
      if (last?.model !== fact.model || last.turn !== fact.turn) node.calls.push({ model: fact.model, turn: fact.turn, afterMs });
      return close(node.calls, isOpenCall, { afterMs, error: fact.error });
    }
    case "node.succeeded":
      if (fact.by !== undefined) node.given = fact.value ?? null;
      return close(node.results, isOpenResult, { afterMs, value: fact.value ?? null });
    case "node.reused":
      if (fact.value !== undefined && node.calls.length + node.results.length === 0) node.given = fact.value;
      return;
    case "node.failed":
      close(node.calls, isOpenCall, { afterMs, error: fact.error });
      return close(node.results, isOpenResult, { afterMs, error: fact.error });
    case "compensation.succeeded":
      node.takenBack.push({ afterMs });
      return;
    case "compensation.failed":
      node.takenBack.push({ afterMs, error: fact.error });
      return;
    default:
      return;
  }
}

function close<T>(entries: T[], isOpen: (entry: T | undefined) => boolean, rest: Partial<T>): void {
  const last = entries.at(-1);
  if (last !== undefined && isOpen(last)) entries[entries.length - 1] = { ...last, ...rest };
}

function isOpenCall(call: RecordedCall | undefined): boolean {
  return call !== undefined && call.reply === undefined && call.error === undefined;
}

function isOpenResult(result: RecordedResult | undefined): boolean {
  return result !== undefined && result.value === undefined && result.error === undefined;
}

function finished(path: string, { given, prompt, calls, results, takenBack }: Gathering): [string, RecordedNode][] {
  const node: RecordedNode = {
    ...(given === undefined ? {} : { given }),
    ...(prompt === undefined ? {} : { prompt }),
    ...(calls.length === 0 ? {} : { calls }),
    ...(results.length === 0 ? {} : { results }),
    ...(takenBack.length === 0 ? {} : { takenBack }),
  };
  return Object.keys(node).length === 0 ? [] : [[path, node]];
}

function happeningOf(fact: RecordedFact, afterMs: number): Happening | undefined {
  switch (fact.type) {
    case "event.delivered":
    case "event.counted":
      return { type: "event", afterMs, event: fact.event, path: fact.path, payload: fact.payload, actor: fact.actor };
    case "input.updated":
      return isOfRoot(fact) ? { type: "update", afterMs, inputs: changedIn(fact.inputs, fact.changed), ...actorOf(fact) } : undefined;
    case "run.retried": {
      const path = retriedPath(fact.children);
      return isOfRoot(fact) ? { type: "retry", afterMs, ...(path === undefined ? {} : { path }), ...actorOf(fact) } : undefined;
    }
    case "run.cancelling":
    case "run.cancelled":
      return isOfRoot(fact) ? { type: "cancel", afterMs, reason: fact.reason, actor: fact.actor } : undefined;
    default:
      return undefined;
  }
}

/** Children are told what their root was told. */
function isOfRoot({ path }: RecordedFact): boolean {
  return path === "";
}

function changedIn(inputs: JsonObject, changed: readonly string[]): JsonObject {
  return Object.fromEntries(changed.flatMap((name) => (inputs[name] === undefined ? [] : [[name, inputs[name]]])));
}

function actorOf<T>({ actor }: { readonly actor?: T }): { readonly actor?: T } {
  return actor === undefined ? {} : { actor };
}

/** The path of a retry that was for one item or node; of one for everything there is none. */
function retriedPath(children: readonly RetriedChild[] | undefined, before = ""): string | undefined {
  const [only, ...others] = children ?? [];
  if (only === undefined || others.length > 0) return undefined;
  const path = childPath(before, only.node, only.key);
  return only.inside === undefined ? path : (retriedPath(only.inside, path) ?? path);
}

/** What is told twice (a cancel that took its time) counts once; an answer of this run stands in place of one that it was forked with. */
function lastTellers<T extends Happening & { readonly run: string }>(happenings: readonly T[], root: string): readonly T[] {
  const answered = new Set(happenings.flatMap((each) => (each.type === "event" && each.run === root ? [each.path] : [])));
  const firstCancel = happenings.findIndex(({ type }) => type === "cancel");
  return happenings.filter((each, index) => {
    if (each.type === "cancel") return index === firstCancel;
    return each.type !== "event" || each.run === root || !answered.has(each.path);
  });
}
