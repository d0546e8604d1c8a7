// A run as it was: its entries up to a time or a position, read as if nothing had followed. Everything that can be asked of now can be asked of then.

import { InputError } from "../errors.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import { type AsOf, isUpTo, momentOf, type PastMoment } from "../ledger/moment.ts";
import { PastLedger } from "../ledger/past-ledger.ts";
import { compactedNote } from "../run/compacted.ts";
import { keys, readNote } from "../run/head.ts";
import type { Clock } from "./clock.ts";
import { eachPage } from "./each-head.ts";
import type { RunReader } from "./run-reader.ts";

/** How a run is asked for. */
export interface PastOptions {
  /** As it was then; as it is now when left out. Only what is recorded was: a run that was at work shows its last commit. */
  readonly asOf?: AsOf;
}

/** Runs looked into beside the one asked for, since it took over work of theirs: each with all that belongs to it. */
const OTHERS_LIMIT = 16;

/**
 * Answers about one root run, as it is or as it was at a moment. One that is not there now was not there then either.
 * @throws InputError `run_not_found`, `bad_as_of` (no time or position), `as_of_ahead` (in the future), `as_of_too_early` (the run began later)
 */
export async function readerAt(reader: RunReader, id: string, asOf: AsOf | undefined, clock: Pick<Clock, "now">): Promise<RunReader> {
  const { ledger } = reader;
  if (asOf === undefined || ledger.head(id) === undefined) return reader;
  const then = momentOf(asOf, ledger, clock.now());
  assertNotCompactedSince(ledger, id, then);
  const { head } = reader.root(id);
  const found: Entry[] = [];
  const roots = new Set([id]);
  for (const root of roots) {
    const entries = (await treeEntries(ledger, root)).filter((entry) => isUpTo(then.upTo, entry));
    if (root === id && !entries.some(({ run }) => run === id)) throw tooEarly(id, head, { asOf, moment: then });
    for (const entry of entries) found.push(entry);
    for (const other of entries.flatMap((entry) => othersIn(ledger, entry))) if (roots.size <= OTHERS_LIMIT) roots.add(other);
  }
  return reader.over(
    new PastLedger(
      ledger,
      found.sort((one, other) => one.position - other.position),
    ),
  );
}

/** What a run was before it was compacted, nobody can tell. From then on it is asked for as it is now. @throws InputError `as_of_too_early` */
function assertNotCompactedSince(ledger: Ledger, id: string, then: PastMoment): void {
  const head = ledger.head(id);
  const note = head === undefined ? undefined : compactedNote(head.note);
  if (head === undefined || note === undefined || isUpTo(then.upTo, head)) return;
  throw new InputError("as_of_too_early", `run ${id} was compacted with position ${head.position}, and what it was before is gone`, {
    fix: `Its receipt is what is left: kindling show ${id}.`,
    details: { run: id, oldest: head.position, compactedAt: note.compactedAt },
  });
}

/** Refuses to list runs of the past: that would mean to read them all. @throws InputError `as_of_needs_run` */
export function assertOfNow(query: object): void {
  if (!("asOf" in query) || query.asOf === undefined) return;
  throw new InputError("as_of_needs_run", "runs are listed as they are now, not as they were", {
    fix: "Name a run: get, explain and facts take asOf.",
  });
}

function tooEarly(
  run: string,
  { started, startedAt }: { readonly started: number; readonly startedAt: number },
  { asOf, moment }: { readonly asOf: AsOf; readonly moment: PastMoment },
): InputError {
  const began = "time" in asOf ? `at ${new Date(startedAt).toISOString()}` : `with position ${started}`;
  return new InputError("as_of_too_early", `run ${run} was not there yet at ${moment.name}: it began ${began}`, {
    fix: "Ask for a later moment.",
    details: { run, started, startedAt },
  });
}

/** All commits of a root run and of what belongs to it. */
async function treeEntries(ledger: Ledger, root: string): Promise<Entry[]> {
  const entries = [...(await ledger.read(root))];
  for (const page of eachPage(ledger, { keys: [keys.inTree(root)] }))
    for (const read of await Promise.all(page.map(({ run }) => ledger.read(run)))) for (const entry of read) entries.push(entry);
  return entries;
}

/** Roots of the runs whose work an entry takes over. */
function othersIn(ledger: Ledger, { facts }: Entry): string[] {
  const named = facts.flatMap(({ source, forked }) => {
    const donor = typeof forked === "object" && forked !== null && "run" in forked ? forked.run : undefined;
    // Of a node it is `<run>:<number>`, of a child the run alone.
    return [donor, source, typeof source === "string" ? source.slice(0, source.lastIndexOf(":")) : undefined];
  });
  return named.flatMap((run) => {
    const head = typeof run === "string" ? ledger.head(run) : undefined;
    return (head === undefined ? undefined : readNote(head.note)?.root) ?? [];
  });
}
