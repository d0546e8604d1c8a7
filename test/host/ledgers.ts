// Ledgers for host tests: copies that end where a crash would have ended them, and one whose syncs wait until they are let go.

import { hash } from "node:crypto";
import { onTestFinished } from "vitest";
import { hashesIn } from "../../src/ledger/hashes-in.ts";
import type { Entry, Ledger, LedgerPlace } from "../../src/ledger/ledger.ts";
import { memoryLedger } from "../../src/ledger/memory.ts";

/** Everything durable in a ledger: its commits in order, and the blobs beside them. */
export interface Log {
  readonly entries: readonly Entry[];
  readonly blobs: readonly Uint8Array[];
}

/** Reads a ledger as it is on disk at this moment, also while somebody writes to it. */
export async function logOf(place: LedgerPlace): Promise<Log> {
  await using reader = await place.open({ access: "read" });
  const entries: Entry[] = [];
  for await (const entry of reader.changes({ after: 0 })) entries.push(entry);
  const named = new Set(entries.flatMap(({ facts }) => hashesIn(JSON.stringify(facts))));
  const blobs = await Promise.all([...named].map((hash) => reader.blobs.get(hash)));
  return { entries, blobs: blobs.flatMap((blob) => blob ?? []) };
}

/** A ledger that holds the first commits of a log: what a crash after them leaves. */
export async function ledgerWith(
  { entries, blobs }: Log,
  commits = entries.length,
  place: LedgerPlace = memoryLedger(),
): Promise<LedgerPlace> {
  let now = 0;
  await using ledger = await place.open({ access: "write", now: () => now });
  for (const blob of blobs) await ledger.blobs.put(blob);
  for (const { time, run, first, facts, head, replaces } of entries.slice(0, commits)) {
    now = time;
    const more = { ...(head === undefined ? {} : { head }), ...(replaces === undefined ? {} : { replaces: replaces.what }) };
    await ledger.append([{ run, expected: first - 1, facts, ...more }]);
  }
  return place;
}

/** What a ledger would hold if the process died now. */
export async function crashed(place: LedgerPlace, onto?: LedgerPlace): Promise<LedgerPlace> {
  const log = await logOf(place);
  return ledgerWith(log, log.entries.length, onto);
}

/** A recorded fact with what most of them have. */
export interface LoggedFact {
  readonly run: string;
  readonly type: string;
  readonly node?: string;
  readonly key?: string;
  readonly path?: string;
  readonly deliveryId?: string;
  readonly status?: string;
  readonly retryAt?: number;
}

/** The facts of a log in order; of its first commits, when their number is given. */
export function factsIn({ entries }: Log, commits = entries.length): readonly LoggedFact[] {
  // Written by the core: the members named above have these types wherever they stand.
  return entries.slice(0, commits).flatMap(({ run, facts }) => facts.map((fact) => ({ ...fact, run }) as unknown as LoggedFact));
}

/** The facts of a ledger in order. */
export async function factsOf(place: LedgerPlace): Promise<readonly LoggedFact[]> {
  return factsIn(await logOf(place));
}

/** A ledger whose appends become durable only when they are let go. */
export interface HeldLedger extends LedgerPlace {
  /** From now on appends wait. */
  hold(): void;
  /** Those that wait go on, and further ones do not wait. */
  release(): void;
  /** Commits given to `append` so far. */
  readonly commits: number;
}

/** Puts a barrier before the appends of a ledger. */
export function heldLedger(place: LedgerPlace = memoryLedger()): HeldLedger {
  let barrier = Promise.resolve();
  let open: () => void = () => {};
  let commits = 0;
  onTestFinished(() => open());
  return {
    location: place.location,
    hold: () => {
      barrier = new Promise((resolve) => (open = resolve));
    },
    release: () => open(),
    get commits() {
      return commits;
    },
    open: async (options) => {
      const ledger = await place.open(options);
      let last: Promise<unknown> = Promise.resolve();
      return overridden(ledger, {
        append: (list) => {
          commits += list.length;
          const appended = Promise.all([last, barrier]).then(() => ledger.append(list));
          last = appended.catch(() => undefined);
          return appended;
        },
      });
    },
  };
}

/** A ledger with some of its methods replaced; the rest are its own. */
export function overridden(ledger: Ledger, changes: Partial<Ledger>): Ledger {
  return new Proxy(ledger, {
    get: (target, name) => {
      const value: unknown = name in changes ? Reflect.get(changes, name) : Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(name in changes ? changes : target) as unknown) : value;
    },
  });
}

/** The first digits of a text's hash: a short name for a long thing. */
export function digest(text: string): string {
  return hash("sha256", text, "hex").slice(0, 8);
}
