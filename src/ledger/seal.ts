// What is stated about a segment: its size, its hashes and how its chain ends, linked to what was stated of the segment before. A seal is such a statement kept
// beside the segment once nothing more is added to it. Knows no files.

import { hash } from "node:crypto";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { SegmentName } from "./folder.ts";
import { placeInName, type SegmentPlace } from "./segment-name.ts";

/** A statement about a segment. */
export interface Statement {
  /** Id of the ledger. */
  readonly ledger: string;
  /** Position of the segment's first commit. */
  readonly segment: number;
  /** Address of the segment's first byte in the whole log. */
  readonly base: number;
  /** False for a segment that still grows: the statement is about its lines so far. */
  readonly complete: boolean;
  /** Position of the last commit; one less than `segment` while there is none. */
  readonly last: number;
  readonly bytes: number;
  /** The header included. */
  readonly lines: number;
  /** Times of the first and the last commit, milliseconds since 1970; null while there is none. */
  readonly firstTime: number | null;
  readonly lastTime: number | null;
  /** The chain behind the last line. */
  readonly chain: string;
  /** `sealHash` of the seal before; null when there is none before. */
  readonly previous: string | null;
  /** SHA-256 of the bytes, hexadecimal. */
  readonly sha256: string;
  /** Root of the hash tree over the lines, base64url. */
  readonly root: string;
}

/** A statement that may be signed. */
export interface Seal extends Statement {
  readonly signature?: Signature;
}

/** An Ed25519 signature over a statement. */
export interface Signature {
  /** Names the key, as `keyId` does. */
  readonly key: string;
  /** 64 bytes, base64url. */
  readonly value: string;
}

/** The bytes that are signed. The first line keeps the signature from being good for anything else. */
export function signedText({ signature: _, ...statement }: Seal): string {
  return `kindling-seal-1\n${JSON.stringify(statement)}`;
}

/** What the next statement names this one by: it covers every member, the signature included. */
export function sealHash(seal: Seal): string {
  return hash("sha256", JSON.stringify(seal), "base64url");
}

/** Reads a seal back; `undefined` when the content is none, or has another member or order than a seal has. */
export function readSeal(content: JsonObject): Seal | undefined {
  const { ledger, segment, base, complete, last, bytes, lines, firstTime, lastTime, chain, previous, sha256, root } = content;
  if (![segment, base, last, bytes, lines].every(isCount) || typeof complete !== "boolean") return undefined;
  if (![ledger, chain, sha256, root].every((each) => typeof each === "string")) return undefined;
  if (previous !== null && typeof previous !== "string") return undefined;
  if (![firstTime, lastTime].every((each) => each === null || isCount(each))) return undefined;
  const { signature } = content;
  const isSigned = signature === undefined || (isJsonObject(signature) && isSignature(signature));
  if (!isSigned) return undefined;
  // Every member was looked at just now; the text decides whether there are more.
  const seal = content as unknown as Seal;
  return JSON.stringify(inOrder(seal)) === JSON.stringify(content) ? seal : undefined;
}

/** The seal as JSON. */
export function sealJson(seal: Seal): JsonObject {
  return { ...inOrder(seal) };
}

/** The file of a segment's seal. */
export function sealPath({ path }: SegmentName): string {
  return path.replace(/\.jsonl$/, SEAL_ENDING);
}

/** True for the name of a seal's file. Seals may outlive their segments. */
export function isSealName(name: string): boolean {
  return sealedPlace(name) !== undefined;
}

/** The segment that a seal of that name is about; `undefined` when it is no such name. */
export function sealedPlace(name: string): SegmentPlace | undefined {
  return placeInName(name, SEAL_ENDING);
}

/** Why a statement cannot stand behind another one; `undefined` when it can. */
export function misfit(before: Seal, { ledger, segment, base, previous }: Seal): string | undefined {
  if (ledger !== before.ledger) return "it is about another ledger than the one before";
  if (segment !== before.last + 1 || base !== before.base + before.bytes) return "it is not about the segment behind the one before";
  return previous === sealHash(before) ? undefined : "it does not name the statement before it";
}

const SEAL_ENDING = ".seal.json";

function inOrder(seal: Seal): JsonObject {
  const { ledger, segment, base, complete, last, bytes, lines, firstTime, lastTime, chain, previous, sha256, root, signature } = seal;
  const statement = { ledger, segment, base, complete, last, bytes, lines, firstTime, lastTime, chain, previous, sha256, root };
  return signature === undefined ? statement : { ...statement, signature: { key: signature.key, value: signature.value } };
}

function isSignature({ key, value, ...more }: JsonObject): boolean {
  return typeof key === "string" && typeof value === "string" && Object.keys(more).length === 0;
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
