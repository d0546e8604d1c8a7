// Compacting: what the retention of a store does not keep is given up, key by key. Which facts that are is said for a moment, so that it is the same when it is gone on with after a crash.

import type { JsonObject } from "../json.ts";
import type { Ledger, StreamHead } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";
import { type Cutting, cutKey } from "./cut-key.ts";
import { windowMs } from "./fact-retention.ts";
import { keyIn } from "./fact-reader.ts";
import { headsInTurns } from "./heads.ts";
import { holdsOf } from "./hold.ts";
import {
  type BlockedFacts,
  type CarriedOut,
  emptyPlan,
  type KeepingPart,
  type KeepingRule,
  type PlannedKeeping,
  type ReadyKey,
  SHOWN_LIMIT,
} from "./keeping.ts";
import { factsKept, keyNoteOf } from "./key-note.ts";
import { headKeys } from "./names.ts";
import { Past } from "./past.ts";
import type { RecordedAt } from "./fact.ts";

/** A key of which facts go. */
interface Expired {
  readonly head: StreamHead;
  /** Numbers that go. */
  readonly from: number;
  readonly upTo: number;
  /** More would, but for this. */
  readonly isHeld: boolean;
}

const NO_NUMBERS: ReadonlySet<number> = new Set();
/** Keys that are cut at the same time: they share syncs. */
const KEYS_AT_ONCE = 32;

/** What would go by some rules, at a moment. @param takenUpTo what of a store was recorded behind that is still to be derived from, and stays */
export async function planCompaction(
  ledger: Ledger,
  rules: readonly KeepingRule[],
  now: RecordedAt,
  takenUpTo: (rule: KeepingRule) => number,
): Promise<PlannedKeeping> {
  const stores: { kind: KeepingRule["kind"]; store: string; keys: number; facts: number }[] = [];
  const ready: ReadyKey[] = [];
  const blocked: BlockedFacts[] = [];
  const parts: KeepingPart[] = [];
  let [hash, blockedCount] = ["", 0];
  for (const rule of rules) {
    const { kind, store } = rule;
    const pin = { ...now, position: Math.min(now.position, takenUpTo(rule)) };
    let [keys, facts] = [0, 0];
    for await (const { head, from, upTo, isHeld } of expired(ledger, rule, pin)) {
      const key = keyIn(kind, store, head.run);
      const count = Math.max(0, upTo - from + 1);
      if (isHeld && ++blockedCount <= SHOWN_LIMIT) blocked.push({ kind, store, key, reason: "boundary" });
      if (count === 0) continue;
      hash = sha256(`${hash}${head.run} ${from}-${upTo}`);
      [keys, facts] = [keys + 1, facts + count];
      if (ready.length < SHOWN_LIMIT) ready.push({ kind, store, key, numbers: [[from, upTo]], facts: count });
    }
    if (keys === 0) continue;
    stores.push({ kind, store, keys, facts });
    // Every member of it is JSON.
    const order = { verb: "compact", rule: rule as unknown as JsonObject, pin };
    parts.push({ store, subject: null, keys, facts, order, found: [] });
  }
  return { plan: { ...emptyPlan("compact"), hash: sha256(`compact ${hash}`), stores, ready, blocked, blockedCount }, parts };
}

/** Carries out a part of it, or goes on with that. */
export async function compactStore(cutting: Cutting, order: JsonObject, receipt: string): Promise<CarriedOut> {
  // Written by `planCompaction`.
  const { rule, pin } = order as unknown as { readonly rule: KeepingRule; readonly pin: RecordedAt };
  let [keys, facts] = [0, 0];
  const blocked: BlockedFacts[] = [];
  let batch: Expired[] = [];
  const cut = async (): Promise<void> => {
    const going = batch.filter(({ from, upTo }) => from <= upTo);
    batch = [];
    const went = await Promise.all(going.map(({ head, upTo }) => cutKey(cutting, head.run, { upTo, numbers: NO_NUMBERS }, receipt)));
    for (const [index, count] of went.entries()) {
      const { kind, store } = rule;
      if (count === "too_large") blocked.push({ kind, store, key: keyIn(kind, store, going[index]?.head.run ?? ""), reason: "too_large" });
      else if (count > 0) [keys, facts] = [keys + 1, facts + count];
    }
  };
  for await (const each of expired(cutting.ledger, rule, pin)) {
    batch.push(each);
    if (batch.length === KEYS_AT_ONCE) await cut();
  }
  await cut();
  return { keys, facts, blocked };
}

/** The keys of which a rule does not keep all. */
async function* expired(ledger: Ledger, rule: KeepingRule, pin: RecordedAt): AsyncGenerator<Expired, void> {
  if (rule.retention === "permanent") return;
  for await (const head of headsInTurns(ledger, headKeys.all(rule.kind, rule.store))) {
    const note = keyNoteOf(head);
    const from = note.number - factsKept(note) + 1;
    const end = Math.min(await endOf(ledger, head, rule, pin), note.number - 1);
    if (end < from) continue;
    const { lowest } = holdsOf(ledger, head.run);
    yield { head, from, upTo: Math.min(end, lowest - 1), isHeld: lowest <= end };
  }
}

/** The number of the last fact that is not kept. */
async function endOf(ledger: Ledger, head: StreamHead, { kind, retention }: KeepingRule, pin: RecordedAt): Promise<number> {
  if (retention === "permanent") return 0;
  const past = new Past(ledger, head);
  if ("last" in retention) {
    if (past.last <= retention.last) return 0;
    return (await past.lastAt({ position: pin.position })) - retention.last;
  }
  const until = pin.time - windowMs(retention);
  if ((past.note.cut?.since ?? head.startedAt) > until) return 0;
  const last = await past.lastAt({ position: pin.position, time: until });
  // What a store held when the window begins is asked for within it.
  return kind === "store" ? last - 1 : last;
}
