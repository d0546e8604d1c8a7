// A blob of an encrypted ledger: its bytes sealed, with the slot of the key before them. It is named by the SHA-256 of all of that, so the name tells nothing of the content. Pure.
//
//   "KKB1"   slot number (4 bytes)   nonce ‖ ciphertext ‖ tag

import { hash } from "node:crypto";
import { type Random, seal, SEAL_BYTES, type SealedPlace, unseal } from "./cipher.ts";
import { sealBroken } from "./key-refusals.ts";
import type { TreeKey } from "./tree-key.ts";

/** A blob as it is stored. */
export interface SealedBlob {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Seals a blob. The same content sealed twice gives two blobs. */
export function sealBlob(ledger: string, content: Uint8Array, { slot, key }: TreeKey, random: Random): SealedBlob {
  const header = Buffer.from(`${MAGIC}0000`, "latin1");
  header.writeUInt32BE(slot, SLOT_AT);
  const bytes = Buffer.concat([header, seal(key, content, placeOf(ledger, slot), random)]);
  return { name: hash("sha256", bytes, "hex"), bytes };
}

/** The slot whose key opens the blob. `undefined` when it is no sealed blob: for one, when it is a plain one. */
export function slotOfBlob(bytes: Buffer): number | undefined {
  const isSealed = bytes.length >= HEADER_BYTES + SEAL_BYTES && bytes.toString("latin1", 0, SLOT_AT) === MAGIC;
  return isSealed ? bytes.readUInt32BE(SLOT_AT) : undefined;
}

/**
 * The content of a blob.
 * @throws LedgerError `ledger_damaged` when the bytes are not what their name says, or do not open with the key
 */
export function openBlob(ledger: string, { name, bytes }: SealedBlob, { slot, key }: TreeKey): Buffer {
  const isWhole = slotOfBlob(bytes) === slot && hash("sha256", bytes, "hex") === name;
  const content = isWhole ? unseal(key, bytes.subarray(HEADER_BYTES), placeOf(ledger, slot)) : undefined;
  if (content === undefined) throw sealBroken(`blob ${name}`, slot);
  return content;
}

const MAGIC = "KKB1";
const SLOT_AT = 4;
const HEADER_BYTES = 8;

function placeOf(ledger: string, slot: number): SealedPlace {
  return ["blob", ledger, slot];
}
