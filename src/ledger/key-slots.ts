// How a wrapped data key stands on the disk: a slot of fixed size, which can be destroyed in place. Pure: knows bytes, no files.
//
//   0 "KKS1"   4 state (1 live, 2 destroyed)   8 slot number   16 id of the master key   32 mark of the tree
//   64 the data key, sealed (60 bytes)         252 CRC-32 of what stands before; everything else is zero, and so is all of a slot never used

import { crc32 } from "node:zlib";
import { KEY_BYTES, seal, SEAL_BYTES, type Random, type SealedPlace, unseal } from "./cipher.ts";
import { MASTER_ID_BYTES, type MasterKey } from "./master-key.ts";

export const SLOT_BYTES = 256;
export const SLOTS_PER_FILE = 4_096;
/** Slots a ledger can have: as many as six digits can name files for. Also keeps the seals under one master key below 2^32. */
export const SLOT_LIMIT = 1_000_000 * SLOTS_PER_FILE;
/** The number in the slots of the ledger's own key, which no tree ever has. */
export const LEDGER_SLOT = 0xffff_ffff;
/** Bytes of the mark that says which tree a slot belongs to. */
export const MARK_BYTES = 32;

/** A slot with a key in it. */
export interface LiveSlot {
  readonly kind: "live";
  readonly number: number;
  readonly masterId: string;
  /** A keyed hash of the root run: tells whether a slot is that tree's, and nothing to those without the key. */
  readonly mark: Buffer;
  readonly wrapped: Buffer;
}

/** What 256 bytes are. */
export type Slot =
  | LiveSlot
  | { readonly kind: "blank" }
  /** Not `whole` when a crash cut the destruction short: the key may still lie there, and nobody is to use it. */
  | { readonly kind: "destroyed"; readonly number: number; readonly whole: boolean }
  | { readonly kind: "damaged"; readonly reason: string };

/** Whose key a slot holds. */
export interface SlotOwner {
  readonly ledger: string;
  readonly number: number;
  readonly mark: Buffer;
}

/** The bytes of a slot with a data key wrapped under the master key. */
export function wrapKey(owner: SlotOwner, dataKey: Uint8Array, master: MasterKey, random: Random): Buffer {
  const bytes = blankSlot(LIVE, owner.number);
  Buffer.from(master.id, "base64url").copy(bytes, MASTER_ID_AT);
  owner.mark.copy(bytes, MARK_AT);
  seal(master.wrapping, dataKey, placeOf(owner), random).copy(bytes, WRAPPED_AT);
  return withChecksum(bytes);
}

/** The data key of a slot; `undefined` when it does not open. Whether the master key is the one it was wrapped under is the caller's question. */
export function unwrapKey(ledger: string, { number, mark, wrapped }: LiveSlot, master: MasterKey): Buffer | undefined {
  return unseal(master.wrapping, wrapped, placeOf({ ledger, number, mark }));
}

/** The bytes of a slot whose key is gone for ever. */
export function destroyedSlot(number: number): Buffer {
  return withChecksum(blankSlot(DESTROYED, number));
}

/** Reads the slot that is to have this number. */
export function readSlot(bytes: Buffer, number: number): Slot {
  if (bytes.length < SLOT_BYTES) return { kind: "damaged", reason: "the file ends before it" };
  if (isBlank(bytes)) return { kind: "blank" };
  const isWhole = bytes.readUInt32BE(CRC_AT) === crc32(bytes.subarray(0, CRC_AT));
  // The beginning is written first, and a live slot is two wrong bits away from it.
  const isHere = bytes.toString("latin1", 0, MAGIC.length) === MAGIC && bytes.readUInt32BE(NUMBER_AT) === number;
  const state = bytes.readUInt32BE(STATE_AT);
  if (isHere && state === DESTROYED) return { kind: "destroyed", number, whole: isWhole };
  if (!isWhole) return { kind: "damaged", reason: "its checksum is wrong" };
  if (!isHere || state !== LIVE) return { kind: "damaged", reason: "it is no slot, or another one" };
  return {
    kind: "live",
    number,
    masterId: bytes.toString("base64url", MASTER_ID_AT, MASTER_ID_AT + MASTER_ID_BYTES),
    mark: Buffer.from(bytes.subarray(MARK_AT, MARK_AT + MARK_BYTES)),
    wrapped: Buffer.from(bytes.subarray(WRAPPED_AT, WRAPPED_AT + KEY_BYTES + SEAL_BYTES)),
  };
}

const MAGIC = "KKS1";
const LIVE = 1;
const DESTROYED = 2;
const STATE_AT = 4;
const NUMBER_AT = 8;
const MASTER_ID_AT = 16;
const MARK_AT = 32;
const WRAPPED_AT = 64;
const CRC_AT = 252;

const ZEROS = Buffer.alloc(SLOT_BYTES);

function blankSlot(state: number, number: number): Buffer {
  const bytes = Buffer.alloc(SLOT_BYTES);
  bytes.write(MAGIC, 0, "latin1");
  bytes.writeUInt32BE(state, STATE_AT);
  bytes.writeUInt32BE(number, NUMBER_AT);
  return bytes;
}

function withChecksum(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32(bytes.subarray(0, CRC_AT)), CRC_AT);
  return bytes;
}

function isBlank(bytes: Buffer): boolean {
  return bytes.subarray(0, SLOT_BYTES).equals(ZEROS);
}

function placeOf({ ledger, number, mark }: SlotOwner): SealedPlace {
  return ["slot", ledger, number, mark.toString("base64url")];
}
