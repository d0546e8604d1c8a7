// How facts of the application are named: stores, keys, the streams they stand in, and the ids by which a fact is found again. Knows no values.

import { InputError } from "../errors.ts";

/** A store holds what is there now by key; a history holds what happened, by partition. */
export type StoreKind = "store" | "history";

const NAME = /^[a-z][a-z0-9-]{0,63}$/;
const NAME_RULE = "1 to 64 lower case letters, digits and dashes, the first one a letter";

/** Longest key, in UTF-16 units: it stands in every line of the log that is about it. */
export const KEY_LIMIT = 256;

/** Unseen in lists and lines of a terminal. */
const CONTROL = /\p{Cc}/u;

/** What is wrong with the name of a store or an index; undefined for a fit one. */
export function nameProblem(name: unknown): string | undefined {
  return typeof name === "string" && NAME.test(name) ? undefined : `is ${shortly(name)}, and names are ${NAME_RULE}`;
}

/** @throws InputError `bad_key` */
export function assertKey(store: string, key: unknown, what = "key"): asserts key is string {
  const problem = keyProblem(key);
  if (problem === undefined) return;
  throw new InputError("bad_key", `${store}: the ${what} ${problem}`, {
    fix: `Give a text of 1 to ${KEY_LIMIT} characters, none of them a control character: an id. What is long belongs into the value.`,
    details: { store },
  });
}

function keyProblem(key: unknown): string | undefined {
  if (typeof key !== "string") return `is ${key === null ? "null" : `a ${typeof key}`}`;
  if (key === "") return "is empty";
  if (key.length > KEY_LIMIT) return `${shortly(key)} has ${key.length} characters`;
  if (!key.isWellFormed()) return "is no well-formed text";
  return CONTROL.test(key) ? `${shortly(key)} has a control character` : undefined;
}

/** The stream of a key. A history that is not parted has one without a key. */
export function streamOf(kind: StoreKind, store: string, key: string): string {
  return `${kind}:${store}:${key}`;
}

/** The stream that says that there is such a store: one for each, found by `NAMES_KEY`. */
export function nameStream(kind: StoreKind, store: string): string {
  return `store-name:${kind}:${store}`;
}

/** What the names of all stores and histories of a ledger are found by. */
export const NAMES_KEY = "store-names";

/** What the streams of a store are found by: all there ever were, and those that have a value. */
export const headKeys = {
  all: (kind: StoreKind, store: string): string => `${kind}:${store}`,
  present: (store: string): string => `store-present:${store}`,
} as const;

/** The parts of an id, by which the fact is found: no index of ids is needed. */
export interface FactPlace {
  readonly kind: StoreKind;
  readonly store: string;
  readonly key: string;
  /** Of the facts of this key, from 1. */
  readonly number: number;
  /** The beginning of the hash of the fact: an id tells what the fact says, too. */
  readonly digest: string;
}

const DIGEST_DIGITS = 16;
const ID = /^(?<kind>store|history):(?<store>[a-z][a-z0-9-]*):(?<key>.*)@(?<number>[1-9]\d{0,14})#(?<digest>[0-9a-f]{16})$/su;

/** @param hash of the fact, 64 hexadecimal digits */
export function factId({ kind, store, key, number }: Omit<FactPlace, "digest">, hash: string): string {
  return `${streamOf(kind, store, key)}@${number}#${hash.slice(0, DIGEST_DIGITS)}`;
}

/** Where the fact of an id stands; undefined for a text that is no id. */
export function placeOf(id: string): FactPlace | undefined {
  const { kind, store, key, number, digest } = ID.exec(id)?.groups ?? {};
  if (kind === undefined || store === undefined || key === undefined || number === undefined || digest === undefined) return undefined;
  return { kind: kind === "store" ? "store" : "history", store, key, number: Number(number), digest };
}

/** Of what is no text nothing is looked up. @throws InputError `bad_fact_id` */
export function assertFactId(id: unknown): asserts id is string {
  if (typeof id !== "string") throw badFactId(id);
}

/** What is no id of a fact. */
export function badFactId(id: unknown): InputError {
  return new InputError("bad_fact_id", `${shortly(id)} is no id of a fact of the application`, {
    fix: "Give the id of a receipt or of a fact that was read: store:NAME:KEY@NUMBER#DIGITS.",
  });
}

const RUN_FACT = /^(?<run>.+):\d+$/s;

/** Where it is noted what followed from a fact: one stream for each key of a store, and for each run. */
export function effectsStream(cause: string): string {
  return notesStream(subjectOf(cause));
}

/** Where it is noted what followed from the facts of a key, or from a run. @param subject the stream of the key, or the run */
export function notesStream(subject: string): string {
  return `store-effects:${subject}`;
}

/** The stream of the key that a fact is of, or the run; what is no id of either as it is. */
export function subjectOf(cause: string): string {
  const place = placeOf(cause);
  return place === undefined ? (RUN_FACT.exec(cause)?.groups?.["run"] ?? cause) : streamOf(place.kind, place.store, place.key);
}

const SHOWN = 40;

/** A value somebody gave, short enough for a message. */
export function shortly(value: unknown): string {
  if (typeof value !== "string") return value === null ? "null" : typeof value;
  return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
}
