// What is done to facts of the application besides recording them, as it is ordered, planned and told. Data; knows no ledger.

import { InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Compaction } from "../ledger/compaction.ts";
import type { Actor } from "../run/fact.ts";
import type { FactRetention } from "./fact-retention.ts";
import { assertKnown, assertObject, assertOneOf, whatIs } from "../graph/given.ts";
import type { StoreKind } from "./names.ts";
import type { KeepingReceipt } from "./receipt.ts";
import type { AnyStore } from "./store.ts";

/** What can be planned and carried out. */
export type KeepingVerb = "compact" | "prune" | "purge" | "erase";

/** How it is to be done. */
export interface KeepingOptions {
  /** Only tells the plan: nothing is written. */
  readonly dryRun?: boolean;
  /** Hash of the plan that is meant: refused with `plan_changed` where another one would be carried out now. Of one that was carried out its receipts are told again. */
  readonly plan?: string;
  /** Is recorded, and readable afterwards. */
  readonly reason?: string;
  readonly actor?: Actor;
}

const OPTIONS = ["dryRun", "plan", "reason", "actor"] as const satisfies readonly (keyof KeepingOptions)[];

/** What goes cannot be had back, so a word that is misspelt is not passed over. @param own what the call takes besides @throws InputError `bad_options` */
export function assertKeeping(call: string, request: unknown, own: readonly string[]): void {
  assertObject(call, request);
  assertKnown(call, request, [...own, ...OPTIONS]);
  const { dryRun, plan }: { readonly dryRun?: unknown; readonly plan?: unknown } = request;
  assertOneOf(`${call}: dryRun`, dryRun, [true, false]);
  if (plan !== undefined && typeof plan !== "string")
    throw new InputError("bad_options", `${call}: plan is ${whatIs(plan)}`, { fix: "Give the hash of a plan: plan: report.hash." });
}

/** A store and how much it keeps. */
export interface KeepingRule {
  readonly kind: StoreKind;
  readonly store: string;
  readonly retention: FactRetention;
}

/** How much a store keeps, by its definition. */
export function ruleOf({ kind, name, retention }: AnyStore): KeepingRule {
  return { kind, store: name, retention };
}

/** What is to be done, as the process that writes takes it. */
export type KeepingOrder = KeepingOptions &
  /** With `all`, stores of the ledger that no rule is about are told. */
  (
    | { readonly verb: "compact"; readonly rules: readonly KeepingRule[]; readonly all?: boolean }
    | { readonly verb: "prune"; readonly ids: readonly string[]; readonly boundary?: string }
    | { readonly verb: "purge"; readonly overCursors?: boolean; readonly archive?: string }
    | { readonly verb: "erase"; readonly kind: StoreKind; readonly store: string; readonly key: string; readonly derived: boolean }
  );

/** Facts of a key that go. */
export interface ReadyKey {
  readonly kind: StoreKind;
  readonly store: string;
  readonly key: string;
  /** From one number to another. */
  readonly numbers: readonly (readonly [from: number, to: number])[];
  readonly facts: number;
}

/** What stays although it was asked for, or would be without this. */
export interface BlockedFacts {
  readonly kind: StoreKind;
  readonly store: string;
  /** Left out where it is about a whole store. */
  readonly key?: string;
  /** Left out where it is about more than one fact. */
  readonly id?: string;
  /**
   * `latest`: the latest fact of a key stays. `boundary`: one that is closed and whose details are not given up yet rests on it. `derived`: it was derived from what is to be erased, and
   * that was not asked for. `not_registered`: the runtime does not know the store, so nobody says how much it keeps. `too_large`: more than 64 MiB of the key would stay, and be written again.
   */
  readonly reason: "latest" | "boundary" | "derived" | "not_registered" | "too_large";
}

/** What would be done. */
export interface KeepingPlan {
  readonly verb: KeepingVerb;
  /** SHA-256 over all that would go. */
  readonly hash: string;
  /** How much of each store. */
  readonly stores: readonly { readonly kind: StoreKind; readonly store: string; readonly keys: number; readonly facts: number }[];
  /** The first 1,000 keys. */
  readonly ready: readonly ReadyKey[];
  /** The first 1,000 of `blockedCount`. */
  readonly blocked: readonly BlockedFacts[];
  readonly blockedCount: number;
  /** Ids that were asked for and name no fact, or one that has gone. */
  readonly missing: readonly string[];
  /** What a purge takes off the disk. */
  readonly ledger: Compaction | null;
}

/** What was done, or would be. */
export interface KeepingReport extends KeepingPlan {
  readonly dryRun: boolean;
  /** One for each store; none where nothing was to be done. */
  readonly receipts: readonly KeepingReceipt[];
  /** True when the same plan was carried out before. */
  readonly repeated: boolean;
}

/** A part of a plan that has a receipt of its own. */
export interface KeepingPart {
  readonly store: string | null;
  readonly subject: string | null;
  readonly boundary?: string | undefined;
  readonly keys: number;
  readonly facts: number;
  /** All that is needed to do it, also after a crash: made and read by the verb alone. */
  readonly order: JsonObject;
  /** Further keys to find its receipt by. */
  readonly found: readonly string[];
}

/** A plan with its parts. */
export interface PlannedKeeping {
  readonly plan: KeepingPlan;
  readonly parts: readonly KeepingPart[];
}

/** What a part came to. */
export interface CarriedOut {
  readonly keys: number;
  readonly facts: number;
  /** What stayed all the same. */
  readonly blocked: readonly BlockedFacts[];
}

/** Keys and reasons that a plan names. */
export const SHOWN_LIMIT = 1_000;

/** A plan in which nothing goes. */
export function emptyPlan(verb: KeepingVerb): KeepingPlan {
  return { verb, hash: "", stores: [], ready: [], blocked: [], blockedCount: 0, missing: [], ledger: null };
}
