// A run as it was: its entries up to a time or a position, read as if nothing had followed. Everything that can be asked of now can be asked of then.

import { InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import { PastLedger } from "../ledger/past-ledger.ts";
import { compactedNote } from "../run/compacted.ts";
import { keys, readNote } from "../run/head.ts";
import type { Clock } from "./clock.ts";
import { eachPage } from "./each-head.ts";
import type { RunReader } from "./run-reader.ts";

/** A moment of a ledger: all commits up to a time (milliseconds since 1970, by the clock of who wrote) or up to a position, those at it included. */
export type AsOf = { readonly time: number } | { readonly position: number };

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
  await ledger.refresh();
  if (asOf === undefined || ledger.head(id) === undefined) return reader;
  assertNotCompactedSince(ledger, id, asOf);
  const { head } = reader.root(id);
  const isThen = momentOf(asOf, { position: ledger.position, now: clock.now() });
  const then: Entry[] = [];
  const roots = new Set([id]);
  for (const root of roots) {
    const entries = (await treeEntries(ledger, root)).filter(isThen);
    if (root === id && !entries.some(({ run }) => run === id)) throw tooEarly(id, head, asOf);
    for (const entry of entries) then.push(entry);
    for (const other of entries.flatMap((entry) => othersIn(ledger, entry))) if (roots.size <= OTHERS_LIMIT) roots.add(other);
  }
  return reader.over(
    new PastLedger(
      ledger,
      then.sort((one, other) => one.position - other.position),
    ),
  );
}

/** What a run was before it was compacted, nobody can tell. From then on it is asked for as it is now. @throws InputError `as_of_too_early` */
function assertNotCompactedSince(ledger: Ledger, id: string, asOf: AsOf): void {
  const head = ledger.head(id);
  const note = head === undefined ? undefined : compactedNote(head.note);
  if (head === undefined || note === undefined || !("time" in asOf ? asOf.time < head.time : asOf.position < head.position)) return;
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

/** What was there at a moment. */
function momentOf(asOf: AsOf, end: { readonly position: number; readonly now: number }): (entry: Entry) => boolean {
  // Callers without types pass what they like.
  const { position, time }: { readonly position?: unknown; readonly time?: unknown } = asOf;
  if (typeof position === "number" && time === undefined && Number.isInteger(position) && position >= 1) {
    if (position > end.position)
      throw ahead(`position ${position}`, `the ledger ends at ${end.position}`, { position, newest: end.position });
    return (entry) => entry.position <= position;
  }
  // What is beyond has no date.
  if (typeof time === "number" && position === undefined && !Number.isNaN(new Date(time).getTime())) {
    if (time > end.now) throw ahead(new Date(time).toISOString(), `it is ${new Date(end.now).toISOString()} now`, { time, now: end.now });
    return (entry) => entry.time <= time;
  }
  throw new InputError("bad_as_of", `${JSON.stringify(asOf)} is no moment`, {
    fix: "Pass { time } in milliseconds since 1970, or { position }, a whole number from 1 on.",
  });
}

function ahead(what: string, end: string, details: JsonObject): InputError {
  return new InputError("as_of_ahead", `${what} is in the future: ${end}`, {
    fix: "Leave asOf out to ask for the run as it is now.",
    details,
  });
}

function tooEarly(run: string, { started, startedAt }: { readonly started: number; readonly startedAt: number }, asOf: AsOf): InputError {
  const then = "time" in asOf ? new Date(asOf.time).toISOString() : `position ${asOf.position}`;
  const began = "time" in asOf ? `at ${new Date(startedAt).toISOString()}` : `with position ${started}`;
  return new InputError("as_of_too_early", `run ${run} was not there yet at ${then}: it began ${began}`, {
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
