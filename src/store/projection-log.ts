// How far a projection was made, as it stands in the ledger: its state, and the position up to which facts are in it.

import type { JsonValue } from "../json.ts";
import type { Commit, Ledger } from "../ledger/ledger.ts";
import { receiptKeys } from "./receipt.ts";

/** What states that are kept are found by. */
const PROJECTIONS_KEY = "store-projections";

/** A state that is kept. */
export interface ProjectionPoint {
  /** Of the projection. */
  readonly version: number;
  /** Facts from this position on are in it: 1, unless older ones were gone when it was made. */
  readonly since: number;
  /** Facts up to this position are in it. */
  readonly upTo: number;
  readonly state: JsonValue;
}

/** The one that was kept last. */
export async function keptPoint(ledger: Ledger, name: string): Promise<ProjectionPoint | undefined> {
  const stream = streamOf(name);
  const version = ledger.head(stream)?.version;
  const [entry] = version === undefined ? [] : await ledger.read(stream, { from: version, limit: 1 });
  const fact = entry?.facts[0];
  if (fact === undefined) return undefined;
  // Written by `pointCommit`.
  const { version: of, since, upTo, value } = fact as unknown as Omit<ProjectionPoint, "state"> & { readonly value: JsonValue };
  return { version: of, since, upTo, state: value };
}

/** How far a state is kept, without the state. */
export interface KeptProjection extends Omit<ProjectionPoint, "state"> {
  readonly name: string;
}

/** All states that are kept, by how long ago the first one was. */
export function keptProjections(ledger: Ledger): readonly KeptProjection[] {
  // Written by `pointCommit`; one that was erased says nothing.
  return ledger
    .find({ keys: [PROJECTIONS_KEY] })
    .flatMap(({ note }) => (note["name"] === undefined ? [] : (note as unknown as KeptProjection)));
}

/** The streams of all states that are kept: what is erased may stand in each. */
export function projectionStreams(ledger: Ledger): readonly string[] {
  return keptProjections(ledger).map(({ name }) => streamOf(name));
}

/** Up to where facts were erased last; 0 for never. A state that was begun before may hold what was. */
export function erasedUpTo(ledger: Ledger): number {
  const [last] = ledger.find({ keys: [receiptKeys.kind("erase")], newestFirst: true, limit: 1 });
  return last?.position ?? 0;
}

/** True while facts are being erased: a state that was made meanwhile may hold them, too. */
export function isErasing(ledger: Ledger): boolean {
  return ledger.find({ keys: [receiptKeys.kind("erase")], open: true, limit: 1 }).length > 0;
}

/** Keeps a state in place of the one before. */
export function pointCommit(ledger: Ledger, name: string, { version, since, upTo, state }: ProjectionPoint): Commit {
  const run = streamOf(name);
  // A large state stands beside the log: the member is called as that of facts.
  const fact = { type: "projection.point", version, since, upTo, value: state };
  const note = { name, version, since, upTo };
  const expected = ledger.head(run)?.version ?? 0;
  return {
    run,
    expected,
    facts: [fact],
    head: { open: false, keys: [PROJECTIONS_KEY], note },
    ...(expected === 0 ? {} : { replaces: "before" }),
  };
}

function streamOf(name: string): string {
  return `store-projection:${name}`;
}
