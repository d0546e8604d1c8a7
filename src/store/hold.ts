// What a boundary does to the keys it covers: their facts are held until its details may go, and facts that come for one that is closed are noted as late. Knows no results.

import { InputError } from "../errors.ts";
import type { Commit, Ledger } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";
import { type Begun, receiptCommit, receiptId, receiptKeys } from "./receipt.ts";
import type { UnplacedRef } from "./order-draft.ts";

/** A step of a boundary, to be recorded with the fact that tells of it. */
export interface BoundaryStep {
  /** The stream of its facts. */
  readonly boundary: string;
  /** Closes keys: refused where one of them has another number of facts by now, unless what came meanwhile is to be late. */
  readonly covers?: readonly Cover[];
  readonly isMeanwhileLate?: boolean;
  /** Lets the facts go that it holds. */
  readonly isReleased?: boolean;
}

/** A key that is closed. */
export interface Cover {
  readonly stream: string;
  /** Of its latest fact; 0 for none. */
  readonly number: number;
}

/** What the head of a cover notes. */
interface CoverNote extends Cover {
  readonly boundary: string;
}

const COVERS_KEY = "store-covers";
const closedKey = (stream: string): string => `store-closed:${stream}`;
const holdKey = (stream: string): string => `store-hold:${stream}`;
const coverOf = (boundary: string): string => `store-cover-of:${boundary}`;

/** Boundaries that are looked at for a key. */
const COVERS_MOST = 10_000;

/** True when anything was ever closed in a ledger. */
export function hasCovers(ledger: Ledger): boolean {
  return ledger.find({ keys: [COVERS_KEY], limit: 1 }).length > 0;
}

/** A fact, and the stream it stands in. */
interface Standing {
  readonly stream: string;
  readonly ref: Pick<UnplacedRef, "id" | "store">;
}

/**
 * The commits of a step.
 * @param numberOf how many facts a key has
 * @param passed facts that came while a boundary was being closed: they are late
 * @throws InputError `write_conflict`
 */
export function stepCommits(
  ledger: Ledger,
  { boundary, covers = [], isReleased = false }: BoundaryStep,
  { numberOf, passed }: { readonly numberOf: (stream: string) => number; readonly passed: readonly Standing[] },
): readonly Commit[] {
  const closing = covers.map(({ stream, number }): Commit => {
    if (numberOf(stream) !== number + passed.filter((fact) => fact.stream === stream).length)
      throw new InputError("write_conflict", `${stream} has other facts than ${boundary} was closed with`, {
        fix: "Close it again: what came meanwhile belongs to it.",
        details: { stream, expected: number, current: numberOf(stream) },
      });
    const run = `store-cover:${sha256(`${boundary} ${stream}`).slice(0, 32)}`;
    const note: CoverNote = { boundary, stream, number };
    const keys = [COVERS_KEY, closedKey(stream), holdKey(stream), coverOf(boundary)];
    return { run, expected: 0, facts: [{ type: "store.covered", ...note }], head: { open: true, keys, note: { ...note } } };
  });
  const held = isReleased ? ledger.find({ keys: [coverOf(boundary)], open: true, limit: COVERS_MOST }) : [];
  return [
    ...closing,
    ...passed.map(({ ref }) => lateCommit(boundary, ref)),
    ...held.map(({ run, version, keys, note }): Commit => {
      const head = { open: false, keys: keys.filter((key) => !key.startsWith(holdKey(""))), note };
      return { run, expected: version, facts: [{ type: "store.released", boundary }], head };
    }),
  ];
}

/** Receipts of facts that came for a key that was closed. */
export function lateCommits(ledger: Ledger, facts: readonly Standing[]): readonly Commit[] {
  return facts.flatMap(({ stream, ref }) => coversOf(ledger, closedKey(stream)).map(({ boundary }) => lateCommit(boundary, ref)));
}

function lateCommit(boundary: string, { id, store }: Standing["ref"]): Commit {
  const receipt: Begun = {
    id: receiptId(sha256(`late ${boundary} ${id}`)),
    kind: "late",
    store,
    status: "done",
    keys: 1,
    facts: 1,
    subject: id,
    boundary,
    reason: null,
    actor: null,
    plan: null,
  };
  return receiptCommit(receipt, { found: [receiptKeys.about("late", boundary)] });
}

/** Tells whether a number of a stream is held. @param except a boundary whose own it is */
export function holdsOf(
  ledger: Ledger,
  stream: string,
  except?: string,
): { readonly lowest: number; readonly has: (number: number) => boolean } {
  const upTo = Math.max(0, ...coversOf(ledger, holdKey(stream)).flatMap(({ boundary, number }) => (boundary === except ? [] : number)));
  return { lowest: upTo === 0 ? Number.POSITIVE_INFINITY : 1, has: (number) => number <= upTo };
}

/** The streams of the boundaries that hold a number of a stream. */
export function holdersOf(ledger: Ledger, stream: string, number: number): readonly string[] {
  return coversOf(ledger, holdKey(stream)).flatMap((cover) => (number <= cover.number ? cover.boundary : []));
}

/** The stream of the boundary that closed a fact with its key; undefined for none. */
export function boundaryOf(ledger: Ledger, stream: string, number: number): string | undefined {
  return coversOf(ledger, closedKey(stream)).find((cover) => number <= cover.number)?.boundary;
}

/** The streams of all boundaries that ever closed a key. */
export function closersOf(ledger: Ledger, stream: string): readonly string[] {
  return coversOf(ledger, closedKey(stream)).map(({ boundary }) => boundary);
}

function coversOf(ledger: Ledger, key: string): readonly CoverNote[] {
  // Written by `stepCommits`.
  return ledger.find({ keys: [key], limit: COVERS_MOST }).map(({ note }) => note as unknown as CoverNote);
}
