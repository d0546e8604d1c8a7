// A fact of the application as it stands in the ledger, and as it is told. What it says is covered by its hash, and its id names the hash: nobody changes one unseen.

import { hashJson, type JsonObject, type JsonValue } from "../json.ts";
import type { Entry } from "../ledger/ledger.ts";
import { factId, type FactPlace, placeOf } from "./names.ts";

/** Who or what made a fact, for whoever asks where it came from. */
export interface Producer {
  readonly kind: "program" | "person" | "run" | "derivation" | "import";
  /** E.g. `billing`, `cli:ada`, the id of a run. */
  readonly name: string;
}

/** How a value was derived. */
export interface Derivation {
  /** Of the rule: the version of what it derives. */
  readonly version: number;
  /** Everything up to this position in the ledger is taken into account. */
  readonly upTo: number;
  /** Values it is made of; `causes` names at most 100 of them. */
  readonly sources: number;
}

/** What a fact says besides its place: what its hash covers. */
export interface FactContent {
  /** `removed`: from here on there is no value. */
  readonly act: "written" | "removed";
  /** Left out when it was removed. */
  readonly value?: JsonValue;
  /** Version of the values of its store when it was written. */
  readonly version: number;
  /** The fact of this key before it, its hash included; null for the first one. */
  readonly previous: string | null;
  /** Ids of facts it rests on. */
  readonly causes: readonly string[];
  /** Since when it holds in the world, in milliseconds since 1970, where that is not when it was recorded. */
  readonly validFrom?: number;
  readonly producer?: Producer;
  readonly derivation?: Derivation;
}

/** Where a fact was recorded first, when that was another ledger. */
export interface FactOrigin {
  /** Id of the ledger. */
  readonly ledger: string;
  readonly position: number;
  readonly time: number;
}

/** A fact without its value: safe to show to whoever may not see that. */
export interface FactRef {
  readonly id: string;
  readonly store: string;
  /** Of a history: the partition, empty where there are none. */
  readonly key: string;
  /** Of the facts of this key, from 1. */
  readonly number: number;
  /** Place in the ledger: the order of all facts. */
  readonly position: number;
  /** When it was recorded, in milliseconds since 1970. Never decreases with `position`. */
  readonly time: number;
  /** Since when it holds in the world. */
  readonly validFrom: number;
  readonly act: FactContent["act"];
  /** SHA-256 over all it says and where it stands, in 64 hexadecimal digits. */
  readonly hash: string;
  readonly previous: string | null;
  readonly causes: readonly string[];
  readonly producer: Producer | undefined;
  /** Of a derived value. */
  readonly derivation: Derivation | undefined;
  /** Version of its value. */
  readonly version: number;
  /** Left out for one that was recorded in this ledger. */
  readonly origin?: FactOrigin;
}

/** A fact with its value as it was recorded; none when the key was removed. */
export interface RawFact extends FactRef {
  readonly value: JsonValue | undefined;
}

/** The hash of a fact at its place. */
export function hashOf({ kind, store, key, number }: Omit<FactPlace, "digest">, content: FactContent): string {
  return hashJson({ kind, store, key, number, ...jsonOf(content) });
}

/** Where and when a fact was recorded. One that is written again says it itself, since the commit it stands in then is a later one. */
export interface RecordedAt {
  readonly position: number;
  readonly time: number;
}

/** What stands with a fact besides what it says. */
interface StandingFact {
  readonly id: string;
  readonly hash: string;
  readonly at?: RecordedAt;
  readonly origin?: FactOrigin;
}

/** As it stands in the ledger. */
export function recordedFact(id: string, hash: string, content: FactContent): JsonObject {
  return { type: `store.${content.act}`, id, hash, ...jsonOf(content) };
}

function jsonOf({ act, value, version, previous, causes, validFrom, producer, derivation }: FactContent): JsonObject {
  return {
    act,
    version,
    previous,
    causes,
    ...(value === undefined ? {} : { value }),
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(producer === undefined ? {} : { producer: { ...producer } }),
    ...(derivation === undefined ? {} : { derivation: { ...derivation } }),
  };
}

/** The fact of an entry of a store's stream; undefined for one that was erased, and for what a cut has left of older ones. Each other commit of such a stream holds one. */
export function factIn({ facts: [json], position, time }: Entry): RawFact | undefined {
  return json === undefined ? undefined : factOfJson(json, { position, time });
}

/** True for the latest fact of a key that was written again by a cut: no news. */
export function isWrittenAgain({ facts: [json] }: Pick<Entry, "facts">): boolean {
  return json?.["at"] !== undefined;
}

/** The fact that was recorded as this; undefined for what is none. @param stood where it stands, unless it says where it was */
export function factOfJson(json: JsonObject, stood: RecordedAt): RawFact | undefined {
  // Written by `recordedFact`; the ledger's checksums vouch for it since.
  const place = typeof json["id"] === "string" ? placeOf(json["id"]) : undefined;
  if (place === undefined) return undefined;
  const {
    id,
    hash,
    act,
    value,
    version,
    previous,
    causes,
    at: { position, time } = stood,
    origin,
    validFrom = origin?.time ?? time,
    producer,
    derivation,
  } = json as unknown as FactContent & StandingFact;
  const { store, key, number } = place;
  const fact = { id, store, key, number, position, time, validFrom, act, hash, previous, causes, producer, derivation, version, value };
  return origin === undefined ? fact : { ...fact, origin };
}

/** What a fact says of itself, without the value. */
export function refOf({ value: _value, ...ref }: RawFact): FactRef {
  return ref;
}

/** True when a fact says what its hash and its id say. */
export function isWhole(fact: RawFact, recorded: JsonObject): boolean {
  const place = placeOf(fact.id);
  if (place === undefined) return false;
  const { type: _type, id: _id, at: _at, origin: _origin, hash, ...content } = recorded;
  return hash === hashOf(place, content as unknown as FactContent) && factId(place, String(hash)) === fact.id;
}
