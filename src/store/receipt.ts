// Receipts of what is done to facts of the application besides recording them: giving up, taking out, erasing, closing. They are recorded before anything goes, and hold no value.

import { BugError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Commit, FindQuery, Ledger, StreamHead } from "../ledger/ledger.ts";
import type { Actor } from "../run/fact.ts";

/** What was done. */
export type KeepingKind = "compact" | "prune" | "purge" | "erase" | "late";

/** A receipt of something that was done to facts besides recording them. Safe to show: it holds no values. */
export interface KeepingReceipt {
  readonly id: string;
  /**
   * `compact`: by the retention of a store. `prune`: exact facts, with a reason. `purge`: what was given up was taken off the disk. `erase`: a key was made unreadable.
   * `late`: a fact came for a boundary that was closed.
   */
  readonly kind: KeepingKind;
  /** Null for what is about a whole ledger. */
  readonly store: string | null;
  /** `begun` until all of it is done: what a crash cut short is completed by the next process that writes. */
  readonly status: "begun" | "done";
  /** Keys and facts that it is about: as planned while it is begun, as done afterwards. Of a purge, commits in place of facts. */
  readonly keys: number;
  readonly facts: number;
  /** A fact or a key that it is about, where it is one. */
  readonly subject: string | null;
  /** The boundary whose details went, that was closed, or for which a fact came late: the stream of its facts. */
  readonly boundary: string | null;
  readonly reason: string | null;
  readonly actor: Actor | null;
  /** Where it was begun in the ledger, and when, in milliseconds since 1970. */
  readonly position: number;
  readonly time: number;
  /** Hash of the plan that was carried out. */
  readonly plan: string | null;
}

/** A receipt as it is recorded: the ledger says where and when. */
export type Begun = Omit<KeepingReceipt, "position" | "time">;

/** What receipts are found by. */
export const receiptKeys = {
  all: "store-receipts",
  of: (store: string): string => `store-receipts:${store}`,
  kind: (kind: KeepingKind): string => `store-receipts-kind:${kind}`,
  plan: (hash: string): string => `store-receipts-plan:${hash}`,
  /** Late facts and details of a boundary, and the erasure of a key. */
  about: (kind: "late" | "prune" | "erase", stream: string): string => `store-receipts-${kind}:${stream}`,
} as const;

/** All of them share a key of an encrypted ledger, which is destroyed with none of them. No stream has this name. */
const RECEIPTS_TREE = "store-receipts";

/** The stream of a receipt is its id. @param digits of a hash, at least 32 */
export function receiptId(digits: string): string {
  return `store-receipt:${digits.slice(0, 32)}`;
}

/** A receipt as it begins, or as it is at once. @param order what is to be gone on with after a crash @param found further keys to find it by */
export function receiptCommit(
  receipt: Begun,
  { order = {}, found = [] }: { readonly order?: JsonObject; readonly found?: readonly string[] } = {},
): Commit {
  return {
    run: receipt.id,
    tree: RECEIPTS_TREE,
    expected: 0,
    facts: [{ type: "store.receipt", order, ...jsonOf(receipt) }],
    head: headOf(receipt, found),
  };
}

/** That it is done, and how much it was. */
export function doneCommit(ledger: Ledger, receipt: Begun): Commit {
  const done: Begun = { ...receipt, status: "done" };
  const { keys = [], version: expected = 0 } = ledger.head(receipt.id) ?? {};
  const head = { open: false, keys, note: jsonOf(done) };
  return { run: receipt.id, tree: RECEIPTS_TREE, expected, facts: [{ type: "store.receipt_done", ...jsonOf(done) }], head };
}

/** The receipt a head tells of. */
export function receiptIn({ note, started, startedAt }: StreamHead): KeepingReceipt {
  // Written by `headOf`, as the keys say by which it was found.
  return { ...(note as unknown as Begun), position: started, time: startedAt };
}

/** A receipt by its id; undefined for none. */
export function receiptById(ledger: Ledger, id: string): KeepingReceipt | undefined {
  const head = ledger.head(id);
  return head?.keys.includes(receiptKeys.all) === true ? receiptIn(head) : undefined;
}

/** What is to be done by a receipt that is begun. */
export async function orderOfReceipt(ledger: Ledger, { id }: KeepingReceipt): Promise<JsonObject> {
  const [entry] = await ledger.read(id, { limit: 1 });
  const order = entry?.facts[0]?.["order"];
  if (typeof order !== "object" || order === null || Array.isArray(order)) throw new BugError(`${id} does not say what is to be done`);
  // An object of JSON is one.
  return order as JsonObject;
}

/** Receipts that are found by some keys. */
export function receiptsBy(ledger: Ledger, query: FindQuery): readonly KeepingReceipt[] {
  return ledger.find(query).map(receiptIn);
}

function headOf(receipt: Begun, found: readonly string[]): NonNullable<Commit["head"]> {
  const { kind, store, plan, status } = receipt;
  const keys = [
    receiptKeys.all,
    receiptKeys.kind(kind),
    ...(store === null ? [] : [receiptKeys.of(store)]),
    ...(plan === null ? [] : [receiptKeys.plan(plan)]),
    ...found,
  ];
  return { open: status === "begun", keys, note: jsonOf(receipt) };
}

function jsonOf(receipt: Begun): JsonObject {
  // Every member of it is JSON.
  return { ...receipt } as unknown as JsonObject;
}
