// What remembers orders by their idempotency keys, so that the same key gives the first receipt again; and how that is forgotten where nobody can ask again.

import { InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Commit, Ledger, StreamHead } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";
import { headsInTurns } from "./heads.ts";
import type { UnplacedRef } from "./order-draft.ts";

/** How long a key is remembered: as long as a call may be made again, or as long as a run (its root) has its details. */
export type RememberedFor = "call" | { readonly run: string };

/** An order that is to be remembered. */
export interface Once {
  readonly stream: string;
  /** A hash of the order: the same key with another one is refused. */
  readonly request: string;
  /** For ever when left out. */
  readonly rememberedFor?: RememberedFor | undefined;
}

const KEY_LIMIT = 512;
/** A call whose answer was lost is made again within seconds. */
const CALLS_REMEMBERED_MS = 86_400_000;

const CALLS_KEY = "store-once-call";

/** What memories that go with the details of a run are found by. */
export function rememberedWith(root: string): string {
  return `store-once-with:${root}`;
}

/** Where an order is remembered. @throws InputError `bad_idempotency_key` */
export function onceStream(idempotencyKey: unknown): string {
  if (typeof idempotencyKey === "string" && idempotencyKey !== "" && idempotencyKey.length <= KEY_LIMIT && idempotencyKey.isWellFormed())
    return `store-once:${sha256(idempotencyKey)}`;
  const what = typeof idempotencyKey === "string" ? `a text of ${idempotencyKey.length} characters` : `a ${typeof idempotencyKey}`;
  throw new InputError("bad_idempotency_key", `the idempotency key is ${what}`, {
    fix: `Give a text of 1 to ${KEY_LIMIT} characters that names this one change.`,
  });
}

/** The commit that remembers an order with what it recorded. */
export function onceCommit({ stream, request, rememberedFor }: Once, refs: readonly UnplacedRef[]): Commit {
  const fact = { type: "store.once", request, facts: refs.map((ref) => JSON.parse(JSON.stringify(ref)) as JsonObject) };
  return { run: stream, expected: 0, facts: [fact], head: { open: false, keys: ["store-once", ...untilOf(rememberedFor)], note: {} } };
}

function untilOf(rememberedFor: RememberedFor | undefined): readonly string[] {
  if (rememberedFor === undefined) return [];
  return [rememberedFor === "call" ? CALLS_KEY : rememberedWith(rememberedFor.run)];
}

/** The commit after which an order is remembered no more. */
export function forgetCommit({ run, version }: Pick<StreamHead, "run" | "version">): Commit {
  return { run, expected: version, facts: [{ type: "store.forgotten" }], replaces: "all" };
}

/** Forgets calls that nobody makes again. @param now in milliseconds since 1970 */
export async function forgetCalls(ledger: Ledger, now: number): Promise<void> {
  const gone: StreamHead[] = [];
  for await (const head of headsInTurns(ledger, CALLS_KEY)) {
    if (head.time > now - CALLS_REMEMBERED_MS) break;
    gone.push(head);
  }
  if (gone.length > 0) await ledger.append(gone.map(forgetCommit));
}
