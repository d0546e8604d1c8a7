// A slot gives its key to the right master key in its own place, says when it is not whole, and keeps nothing once it is destroyed.

import { crc32 } from "node:zlib";
import { fc } from "../fast-check.ts";
import { describe, expect, test } from "vitest";
import { destroyedSlot, type LiveSlot, readSlot, SLOT_BYTES, type SlotOwner, unwrapKey, wrapKey } from "../../src/ledger/key-slots.ts";
import { makeMasterKey, requireMaster } from "../../src/ledger/master-key.ts";
import { seededBytes } from "./seeded-bytes.ts";

const OWNER: SlotOwner = { ledger: "ledger-1", number: 17, mark: Buffer.alloc(32, "m") };
const DATA_KEY = Buffer.from(seededBytes(100)(32));

describe("a slot", () => {
  test("gives back the key that was wrapped in it", () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(), (ledger, number, mark, seed) => {
        const owner = { ledger, number, mark: Buffer.from(mark) };
        const key = seededBytes(seed)(32);
        const bytes = wrapKey(owner, key, master(1), seededBytes(seed + 1));
        expect(bytes).toHaveLength(SLOT_BYTES);
        expect(bytes.includes(Buffer.from(key))).toBe(false);
        const slot = readSlot(bytes, number);
        expect(slot).toMatchObject({ kind: "live", number, masterId: master(1).id, mark: owner.mark });
        expect(slot.kind === "live" && unwrapKey(ledger, slot, master(1))).toEqual(Buffer.from(key));
      }),
    );
  });

  test("does not open with another master key, in another ledger, under another number or as another tree's", () => {
    const slot = live(wrap());
    expect(unwrapKey("ledger-1", slot, master(1))).toEqual(DATA_KEY);
    expect(unwrapKey("ledger-1", slot, master(2))).toBeUndefined();
    expect(unwrapKey("ledger-2", slot, master(1))).toBeUndefined();
    expect(unwrapKey("ledger-1", { ...slot, number: 18 }, master(1))).toBeUndefined();
    expect(unwrapKey("ledger-1", { ...slot, mark: Buffer.alloc(32, "n") }, master(1))).toBeUndefined();
  });

  test("is damaged when any bit of it is another", () => {
    for (let bit = 0; bit < SLOT_BYTES * 8; bit++)
      expect(readSlot(flipped(wrap(), bit), 17), `bit ${bit}`).toMatchObject({ kind: "damaged" });
  });

  test("is never whole again when any bit of it is another after it was destroyed", () => {
    for (let bit = 0; bit < SLOT_BYTES * 8; bit++) {
      const slot = readSlot(flipped(destroyedSlot(17), bit), 17);
      expect(slot.kind === "damaged" || (slot.kind === "destroyed" && !slot.whole), `bit ${bit}`).toBe(true);
    }
  });

  test("is whole or destroyed however much of its destruction was written", () => {
    for (let length = 0; length <= SLOT_BYTES; length++) {
      const slot = readSlot(Buffer.concat([destroyedSlot(17).subarray(0, length), wrap().subarray(length)]), 17);
      const expected = length < 8 ? { kind: "live" } : { kind: "destroyed", whole: length === SLOT_BYTES };
      expect(slot, `${length} bytes`).toMatchObject(expected);
    }
  });

  test("is damaged when it is cut, is in another's place or is something else", () => {
    for (let length = 0; length < SLOT_BYTES; length++) expect(readSlot(wrap().subarray(0, length), 17).kind).toBe("damaged");
    expect(readSlot(wrap(), 18)).toEqual({ kind: "damaged", reason: "it is no slot, or another one" });
    expect(readSlot(Buffer.alloc(SLOT_BYTES, "x"), 17).kind).toBe("damaged");
    const unknown = wrap();
    unknown.writeUInt32BE(3, 4);
    unknown.writeUInt32BE(crc32(unknown.subarray(0, 252)), 252);
    expect(readSlot(unknown, 17).kind).toBe("damaged");
  });

  test("is blank when nothing was ever written there", () => {
    expect(readSlot(Buffer.alloc(SLOT_BYTES), 17)).toEqual({ kind: "blank" });
  });

  test("holds its number and nothing else once it is destroyed", () => {
    const bytes = destroyedSlot(17);
    expect(readSlot(bytes, 17)).toEqual({ kind: "destroyed", number: 17, whole: true });
    expect(bytes.subarray(12, 252)).toEqual(Buffer.alloc(240));
    expect(destroyedSlot(17)).toEqual(bytes);
  });
});

describe("a master key", () => {
  test("has an id that tells it from others and not what it is", () => {
    const bytes = seededBytes(1)(32);
    const text = Buffer.from(bytes).toString("base64url");
    expect(master(1).id).toBe(master(1).id);
    expect(master(1).id).not.toBe(master(2).id);
    expect(text).not.toContain(master(1).id);
  });

  test("is refused when it is not among the ids the ledger was sealed under", () => {
    expect(() => requireMaster("the ledger", [master(2).id, master(1).id], master(1))).not.toThrow();
    expect(() => requireMaster("the ledger", [master(2).id], master(1))).toThrow(
      expect.objectContaining({ code: "ledger_key_wrong", fix: expect.stringContaining("the key the ledger was made with") }),
    );
  });

  test("is made of 32 bytes, and leaves none of them behind", () => {
    const bytes = seededBytes(1)(32);
    makeMasterKey(bytes);
    expect(Buffer.from(bytes)).toEqual(Buffer.alloc(32));
    expect(() => makeMasterKey(Buffer.alloc(31))).toThrow("32 bytes, not 31");
  });
});

function master(seed: number): ReturnType<typeof makeMasterKey> {
  return makeMasterKey(seededBytes(seed)(32));
}

function wrap(): Buffer {
  return wrapKey(OWNER, DATA_KEY, master(1), seededBytes(3));
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

function live(bytes: Buffer): LiveSlot {
  const slot = readSlot(bytes, 17);
  if (slot.kind !== "live") throw new Error(`the slot is ${slot.kind}`);
  return slot;
}
