// Erasing a subject: what was ever said of a key is made unreadable, and what was derived from it where that is asked for. Only an encrypted ledger can do that, and does: here it is
// said which streams go.

import { InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";
import type { Cutting } from "./cut-key.ts";
import { effectNotes } from "./effects.ts";
import { inTurns } from "./in-turns.ts";
import {
  type BlockedFacts,
  type CarriedOut,
  emptyPlan,
  type KeepingOrder,
  type PlannedKeeping,
  type ReadyKey,
  SHOWN_LIMIT,
} from "./keeping.ts";
import { keyNoteOf } from "./key-note.ts";
import { placeOf, shortly, streamOf } from "./names.ts";
import { projectionStreams } from "./projection-log.ts";
import { receiptKeys } from "./receipt.ts";

/** Keys that can rest on a subject: they are erased in one go, and stand in one receipt. */
const KEYS_MOST = 50_000;

type EraseFacts = Extract<KeepingOrder, { readonly verb: "erase" }>;

/** What would be erased with a key. @throws LedgerError `ledger_not_encrypted`; InputError `too_many_facts` */
export async function planErasure(ledger: Ledger, { kind, store, key, derived }: EraseFacts): Promise<PlannedKeeping> {
  // Nothing yet: asks whether this ledger can erase.
  await ledger.erase([]);
  const subject = streamOf(kind, store, key);
  if (sizeIn(ledger, subject) === 0) return { plan: { ...emptyPlan("erase"), hash: sha256("erase") }, parts: [] };
  const { streams: resting, isWhole } = await restingOn(ledger, subject);
  if (derived && !isWhole) throw tooManyKeys(subject);
  const found: ReadyKey[] = [];
  for await (const stream of inTurns(resting)) found.push(...keysOfStream(ledger, stream));
  const { number, erased } = keyNoteOf(ledger.head(subject));
  const own: ReadyKey = { kind, store, key, numbers: [[erased + 1, number]], facts: number - erased };
  const ready = derived ? [own, ...found] : [own];
  const blocked = derived ? [] : found.map((of): BlockedFacts => ({ kind: of.kind, store: of.store, key: of.key, reason: "derived" }));
  const streams = ready.map((of) => streamOf(of.kind, of.store, of.key));
  const stores = [...Map.groupBy(ready, (of) => `${of.kind}:${of.store}`).values()].flatMap((of) => {
    const [first] = of;
    return first === undefined
      ? []
      : { kind: first.kind, store: first.store, keys: of.length, facts: of.reduce((sum, { facts }) => sum + facts, 0) };
  });
  const hash = sha256(`erase ${streams.map((stream) => `${stream} ${ledger.head(stream)?.version ?? 0}`).join("\n")}`);
  const facts = ready.reduce((sum, each) => sum + each.facts, 0);
  const order = { verb: "erase", streams };
  const part = {
    store,
    subject: key,
    keys: ready.length,
    facts,
    order,
    found: streams.map((stream) => receiptKeys.about("erase", stream)),
  };
  const shown = { ready: ready.slice(0, SHOWN_LIMIT), blocked: blocked.slice(0, SHOWN_LIMIT), blockedCount: blocked.length };
  return { plan: { ...emptyPlan("erase"), hash, stores, ...shown }, parts: [part] };
}

/** Carries it out, or goes on with it. */
export async function eraseKeys({ ledger, writer }: Cutting, order: JsonObject): Promise<CarriedOut> {
  // Written by `planErasure`.
  const { streams } = order as unknown as { readonly streams: readonly string[] };
  return writer.alone(streams, async () => {
    const left = streams.filter((stream) => sizeIn(ledger, stream) > 0);
    const facts = left.reduce((sum, stream) => sum + sizeIn(ledger, stream), 0);
    // What is one value over everything is made anew of what is left.
    const going = left.length === 0 ? [] : [...left, ...projectionStreams(ledger)];
    if (going.length > 0) await ledger.erase(going.map((stream) => ({ tree: stream, runs: [stream] })));
    return { keys: left.length, facts, blocked: [] };
  });
}

/** Of which stores keys go. */
export function storesOf(order: JsonObject): ReadonlySet<string> {
  // Written by `planErasure`. Names of stores have no colon.
  const { streams } = order as unknown as { readonly streams: readonly string[] };
  return new Set(streams.map((stream) => stream.split(":")[1] ?? ""));
}

/** The keys with facts that rest on any fact of a subject, whatever lies between: streams. Not all of them where there are more than may be. */
export async function restingOn(
  ledger: Ledger,
  subject: string,
  most = KEYS_MOST,
): Promise<{ readonly streams: ReadonlySet<string>; readonly isWhole: boolean }> {
  const streams = new Set([subject]);
  let count = 0;
  // What is met while they are walked over is walked over, too.
  for await (const stream of inTurns(streams)) {
    for await (const { effect } of inTurns(effectNotes(ledger, stream))) {
      const place = placeOf(effect);
      const other = place === undefined ? stream : streamOf(place.kind, place.store, place.key);
      if (streams.has(other)) continue;
      streams.add(other);
      // Those that were erased before lead to others, and do not go again.
      if (sizeIn(ledger, other) > 0) count += 1;
    }
    if (count > most) break;
  }
  streams.delete(subject);
  return { streams, isWhole: count <= most };
}

function tooManyKeys(subject: string): InputError {
  return new InputError("too_many_facts", `over ${KEYS_MOST} keys rest on ${shortly(subject)}: they cannot be erased with it in one go`, {
    fix: "Erase some of those that rest on it first, with what rests on them: the plan without derived tells them as blocked.",
    details: { stream: subject, most: KEYS_MOST },
  });
}

/** How many facts a key has; 0 for one that has none, or whose facts were erased. */
function sizeIn(ledger: Ledger, stream: string): number {
  const { number, erased } = keyNoteOf(ledger.head(stream));
  return number - erased;
}

/** None for a stream that is no key's. */
function keysOfStream(ledger: Ledger, stream: string): readonly ReadyKey[] {
  const { id, number, erased } = keyNoteOf(ledger.head(stream));
  const place = id === null ? undefined : placeOf(id);
  if (place === undefined) return [];
  return [{ kind: place.kind, store: place.store, key: place.key, numbers: [[erased + 1, number]], facts: number - erased }];
}
