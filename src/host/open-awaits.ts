// The awaits that are open, as the heads of the ledger tell them: of one run with its children, or of all, in the order in which their runs began.

import type { Ledger, StreamHead } from "../ledger/ledger.ts";
import { keys, readNote } from "../run/head.ts";
import { childRunId } from "../run/ids.ts";
import { joinPath, splitPath } from "../run/path.ts";
import { eachHead } from "./each-head.ts";
import type { InboxQuery } from "./client.ts";
import type { OpenAwait } from "./run-summary.ts";

/** Which awaits, how many, and from where on. */
export type AwaitQuery = InboxQuery & { readonly event?: string };

/** Open awaits. Whoever wants the first ones pays for those. */
export function openAwaits(ledger: Ledger, query: AwaitQuery): OpenAwait[] {
  const { event, by, after, limit = Number.POSITIVE_INFINITY } = query;
  const found: OpenAwait[] = [];
  for (const head of headsFor(ledger, query)) {
    const open = awaitsOf(ledger, head).filter(
      (each) => (by === undefined || each.by === by) && (event === undefined || each.event === event),
    );
    found.push(...(after?.started === head.started ? behind(open, after) : open));
    if (found.length >= limit) return found.slice(0, limit);
  }
  return found;
}

/** The open await at a path of a root run, and the run in which it stands. */
export function awaitAt(ledger: Ledger, root: string, path: string): { readonly stream: string; readonly open: OpenAwait } | undefined {
  const matches = (head: StreamHead) => awaitsOf(ledger, head).find((open) => open.path === path);
  // Where the path leads to in most cases; names and keys may hold what divides a path.
  const guess = ledger.head(streamAt(root, path));
  const guessed = guess?.open === true ? matches(guess) : undefined;
  if (guess !== undefined && guessed !== undefined) return { stream: guess.run, open: guessed };
  for (const head of headsFor(ledger, { run: root })) {
    const open = matches(head);
    if (open !== undefined) return { stream: head.run, open };
  }
  return undefined;
}

/** The open awaits of one run, its children left out. */
export function awaitsOf(ledger: Ledger, { note, started }: StreamHead): OpenAwait[] {
  const known = readNote(note);
  if (known === undefined) return [];
  const root = ledger.head(known.root);
  const contract = (root === undefined ? undefined : readNote(root.note)?.contract) ?? known.contract;
  return (known.awaits ?? []).map((open) => ({
    run: known.root,
    path: joinPath(known.path, open.node),
    contract,
    event: open.event,
    ...(open.history === undefined ? {} : { history: open.history }),
    by: open.gate === undefined ? "anyone" : "human",
    assurance: open.gate?.assurance,
    roles: open.gate?.roles ?? [],
    notStarter: open.gate?.notStarter ?? false,
    ...(open.gate?.quorum === undefined ? {} : { quorum: { ...open.gate.quorum, voices: open.voices ?? [] } }),
    since: open.since,
    deadline: open.deadline,
    correlation: known.correlation,
    shown: open.shown,
    started,
  }));
}

function streamAt(root: string, path: string): string {
  return splitPath(path)
    .slice(0, -1)
    .reduce((run, { node, key }) => childRunId(run, node, key), root);
}

function* headsFor(ledger: Ledger, { run, by, event, after }: AwaitQuery): Generator<StreamHead, void> {
  const key = event === undefined ? (by === "human" ? keys.gate : keys.waits) : keys.awaits(event);
  const own = run === undefined ? undefined : ledger.head(run);
  if (own?.open === true && (after === undefined || own.started >= after.started)) yield own;
  const wanted = run === undefined ? [key] : [keys.inTree(run), key];
  // The run of the last one may have more of them.
  yield* eachHead(ledger, { keys: wanted, open: true, ...(after === undefined ? {} : { after: after.started - 1 }) });
}

/** Of the awaits of one run those behind another one, or where that was answered meanwhile those that opened no sooner. */
function behind(open: readonly OpenAwait[], { path, since }: NonNullable<AwaitQuery["after"]>): readonly OpenAwait[] {
  const index = open.findIndex((each) => each.path === path);
  return index === -1 ? open.filter((each) => each.since >= since) : open.slice(index + 1);
}
