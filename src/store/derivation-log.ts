// What stands in the ledger about the derivation of a store besides its values: how far it is, and which keys could not be derived and why.

import type { Failure } from "../errors.ts";
import { isSameJson, type JsonObject } from "../json.ts";
import type { Commit, Ledger } from "../ledger/ledger.ts";
import type { Derived } from "./derive.ts";
import { headsOf } from "./heads.ts";

/** A key of a derived store that stands as it stood before something went wrong. */
export interface DerivationFault {
  /** Empty when it could not be told which keys a fact belongs to. */
  readonly key: string;
  readonly failure: Failure;
  /** Where in the ledger it went wrong first. */
  readonly position: number;
  /** When, in milliseconds since 1970. */
  readonly time: number;
}

/** The same, with what is needed to try again. */
export interface OpenFault extends DerivationFault {
  /** Facts that were not taken into the account. */
  readonly pending: readonly string[];
  /** True when only deriving everything anew can mend it. */
  readonly isStuck: boolean;
}

/** Facts kept for another attempt; beyond that, everything is derived anew. */
const PENDING_MOST = 10_000;

const POINTS_KEY = "store-derivations";

/** Everything up to here was taken in by a rule; undefined where that was another one, or none. */
export function derivedUpTo(ledger: Ledger, derived: Derived<unknown>): number | undefined {
  const { version, rule, upTo } = ledger.head(pointStream(derived.name))?.note ?? {};
  // Written by `pointCommit`.
  return version === derived.version && rule === shapeOf(derived) ? (upTo as number) : undefined;
}

/** True where values of a store are derived by some rule. */
export function isDerivedIn(ledger: Ledger, name: string): boolean {
  const { version = 0 } = ledger.head(pointStream(name))?.note ?? {};
  return version !== 0;
}

/** Records how far a rule has come. */
export function pointCommit(ledger: Ledger, derived: Derived<unknown>, upTo: number): Commit {
  return noteCommit(ledger, derived.name, { version: derived.version, rule: shapeOf(derived), upTo });
}

/** Says that all is to be derived anew: no rule has this version. */
export function nothingDerived(ledger: Ledger, derived: string): Commit {
  return noteCommit(ledger, derived, { version: 0, rule: "", upTo: 0 });
}

function noteCommit(
  ledger: Ledger,
  name: string,
  note: { readonly version: number; readonly rule: string; readonly upTo: number },
): Commit {
  const run = pointStream(name);
  const expected = ledger.head(run)?.version ?? 0;
  const head = { open: false, keys: [POINTS_KEY], note };
  return { run, expected, facts: [{ type: "derivation.point", ...note }], head, ...(expected === 0 ? {} : { replaces: "before" }) };
}

/** What of a rule can be compared: how it derives, and from what. Its code cannot, and has its version. */
function shapeOf({ rule: { type, sources } }: Derived<unknown>): string {
  const from = [...sources].map(([source, { kind, name }]) => `${source}=${kind}:${name}`);
  return [type, ...from.toSorted()].join(" ");
}

/** All stores of which it stands there how far they are derived. */
export function derivationsIn(ledger: Ledger): readonly string[] {
  return [...headsOf(ledger, POINTS_KEY)].map(({ run }) => run.slice(pointStream("").length));
}

/** Keys that could not be derived, those that went wrong first before the others. */
export function faultsOf(ledger: Ledger, derived: string): readonly DerivationFault[] {
  return ledger.find({ keys: [faultsKey(derived)] }).map(({ note }) => noted(note));
}

/** What is wrong with a key, and the facts that wait for it. */
export async function openFaultOf(ledger: Ledger, derived: string, key: string): Promise<OpenFault | undefined> {
  const stream = faultStream(derived, key);
  const head = ledger.head(stream);
  if (head?.keys.includes(faultsKey(derived)) !== true) return undefined;
  const { note } = head;
  const entries = await ledger.read(stream, { from: Number(note["from"]) });
  // Written by `faultCommits`.
  const pending = entries.flatMap(({ facts }) => facts.flatMap((fact) => fact["value"] as readonly string[]));
  return { ...noted(note), pending: [...new Set(pending)], isStuck: note["stuck"] === true };
}

/** Records that a key could not be derived, where that is not what stands there already. @param pending facts that were not taken in by this attempt, besides those that waited before */
export function faultCommits(
  ledger: Ledger,
  derived: string,
  fault: DerivationFault,
  {
    pending,
    isStuck: isStuckNow,
    before,
  }: { readonly pending: readonly string[]; readonly isStuck: boolean; readonly before: OpenFault | undefined },
): readonly Commit[] {
  const run = faultStream(derived, fault.key);
  const head = ledger.head(run);
  const expected = head?.version ?? 0;
  const waiting = new Set([...(before?.pending ?? []), ...pending]).size;
  const { position, time } = before ?? fault;
  const isStuck = isStuckNow || waiting > PENDING_MOST || before?.isStuck === true;
  const note = {
    key: fault.key,
    failure: failureJson(fault.failure),
    position,
    time,
    from: before === undefined ? expected + 1 : Number(head?.note["from"]),
    stuck: isStuck,
  };
  const value = isStuck ? [] : pending.filter((id) => before?.pending.includes(id) !== true);
  if (before !== undefined && value.length === 0 && isSameJson(note, head?.note)) return [];
  const facts = [{ type: "derivation.failed", failure: failureJson(fault.failure), value }];
  return [{ run, expected, facts, head: { open: false, keys: [faultsKey(derived)], note } }];
}

/** Records that it is derived again. */
export function mendedCommit(ledger: Ledger, derived: string, key: string): Commit {
  const run = faultStream(derived, key);
  const expected = ledger.head(run)?.version ?? 0;
  return { run, expected, facts: [{ type: "derivation.mended" }], head: { open: false, keys: [], note: {} } };
}

function noted({ key, failure, position, time }: JsonObject): DerivationFault {
  // Written by `faultCommits`.
  return { key, failure, position, time } as unknown as DerivationFault;
}

function failureJson({ code, message, fix, details }: Failure): JsonObject {
  return { code, message, ...(fix === undefined ? {} : { fix }), ...(details === undefined ? {} : { details }) };
}

export function pointStream(derived: string): string {
  return `store-derivation:${derived}`;
}

function faultStream(derived: string, key: string): string {
  return `store-derivation-failed:${derived}:${key}`;
}

function faultsKey(derived: string): string {
  return `store-derivations-failed:${derived}`;
}
