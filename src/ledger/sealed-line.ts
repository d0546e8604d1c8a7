// The body of a line in an encrypted ledger: who and when can be read, what was said cannot. Pure; knows no frames and no files.
//
//   {"run":"…","first":1,"time":1763719200000,"key":7,"sealed":"<base64url of nonce ‖ ciphertext ‖ tag>"}

import type { JsonObject } from "../json.ts";
import { type Random, seal, type SealedPlace, unseal } from "./cipher.ts";
import { keyWornOut, sealBroken } from "./key-refusals.ts";
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
  readonly time: number;
}

/** A sealed line that was read: everything but the content. */
export interface SealedLine {
  readonly run: string;
  readonly first: number;
  readonly time: number;
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
  const { run, first, time, key, sealed } = body;
  if (typeof run !== "string" || typeof first !== "number" || typeof time !== "number") return undefined;
  return typeof key === "number" && typeof sealed === "string" ? { run, first, time, slot: key, sealed } : undefined;
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

function sealedPlace({ ledger, run, first, time }: LinePlace, slot: number): SealedPlace {
  return ["line", ledger, run, first, time, slot];
}

function bodyOf({ run, first, time, slot, sealed }: SealedLine): string {
  return `{"run":${JSON.stringify(run)},"first":${first},"time":${time},"key":${slot},"sealed":"${sealed}"}`;
}
