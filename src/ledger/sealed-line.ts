// The body of a line in an encrypted ledger: who and when can be read, what was said cannot. Pure; knows no frames and no files.
//
//   {"run":"…","first":1,"count":2,"time":1763719200000,"blobs":["<name>",…],"replaces":{…},"key":7,"sealed":"<base64url of nonce ‖ ciphertext ‖ tag>"}
//
// How many facts there are, which blobs belong to them and what they replace can be read, too: whoever checks, copies, compacts or erases a ledger needs no key for it.

import type { JsonObject } from "../json.ts";
import { type Random, seal, type SealedPlace, unseal } from "./cipher.ts";
import { BODY_LIMIT_BYTES } from "./frame.ts";
import { keyWornOut, sealBroken } from "./key-refusals.ts";
import type { Replacement } from "./ledger.ts";
import { isReplacement } from "./replacement.ts";
import type { TreeKey } from "./tree-key.ts";

/**
 * Facts of one run after which nothing more is sealed: a line has one at least, so no run seals more often than its key is good for.
 * Runs of a tree share a key. A line takes at least 200 bytes, so a tree needs 800 GB in this ledger to come as far together, and 16 times as much
 * before the chance of two equal nonces reaches 1 in 2^25.
 */
export const SEALED_FACTS_LIMIT = 2 ** 32;

/** Where a line stands: what its content is bound to. */
export interface LinePlace {
  /** Id of the ledger. */
  readonly ledger: string;
  readonly run: string;
  /** Number of the first fact in the run. */
  readonly first: number;
  /** How many facts it has. */
  readonly count: number;
  readonly time: number;
  /** Names of the blobs that its facts name. */
  readonly blobs: readonly string[];
  readonly replaces?: Replacement;
}

/** A sealed line that was read: everything but the content. */
export interface SealedLine extends Omit<LinePlace, "ledger"> {
  /** The slot of the key. */
  readonly slot: number;
  readonly sealed: string;
}

/** Writes the body of a line. `content` is the JSON text of `{facts, head}`. */
export function sealLine(place: LinePlace, content: string, { slot, key }: TreeKey, random: Random): string {
  if (place.first > SEALED_FACTS_LIMIT) throw keyWornOut(place.run, SEALED_FACTS_LIMIT);
  const sealed = seal(key, Buffer.from(content), sealedPlace(place, slot), random).toString("base64url");
  return bodyOf({ ...place, slot, sealed });
}

/** Reads the open part of a body. `undefined` when it is no sealed line: for one, when it is a plain one. */
export function readSealedLine(body: JsonObject): SealedLine | undefined {
  const { run, first, count, time, blobs = [], replaces, key, sealed } = body;
  if (typeof run !== "string" || typeof first !== "number" || typeof count !== "number" || typeof time !== "number") return undefined;
  if (typeof key !== "number" || typeof sealed !== "string" || !Array.isArray(blobs)) return undefined;
  // A body cannot hold more facts than it has bytes.
  if (!Number.isInteger(count) || count < 1 || count > BODY_LIMIT_BYTES) return undefined;
  const names = blobs.filter((name) => typeof name === "string");
  if (replaces === undefined) return { run, first, count, time, blobs: names, slot: key, sealed };
  return isReplacement(replaces) ? { run, first, count, time, blobs: names, replaces, slot: key, sealed } : undefined;
}

/**
 * The content of a line. `body` is the text the line was read from: a text that says the same in other words was not written by us.
 * @throws LedgerError `ledger_damaged` when it is not what was sealed in this place
 */
export function openLine(ledger: string, line: SealedLine, body: string, { slot, key }: TreeKey): string {
  const bytes = Buffer.from(line.sealed, "base64url");
  // Base64 has several texts for some bytes, and JSON for every value; only the ones that are written are right.
  const isAsWritten = bytes.toString("base64url") === line.sealed && body === bodyOf(line) && slot === line.slot;
  const content = isAsWritten ? unseal(key, bytes, sealedPlace({ ledger, ...line }, slot)) : undefined;
  if (content === undefined) throw sealBroken(`fact ${line.first} of ${line.run}`, line.slot);
  return content.toString("utf8");
}

function sealedPlace({ ledger, run, first, count, time, blobs, replaces }: LinePlace, slot: number): SealedPlace {
  return ["line", ledger, run, first, count, time, slot, ...blobs, ...(replaces === undefined ? [] : [JSON.stringify(replaces)])];
}

function bodyOf({ run, first, count, time, blobs, replaces, slot, sealed }: SealedLine): string {
  const names = blobs.length === 0 ? "" : `"blobs":${JSON.stringify(blobs)},`;
  const named = replaces === undefined ? names : `${names}"replaces":${JSON.stringify(replaces)},`;
  return `{"run":${JSON.stringify(run)},"first":${first},"count":${count},"time":${time},${named}"key":${slot},"sealed":"${sealed}"}`;
}
