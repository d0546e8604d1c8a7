// What is sealed (bytes, lines, blobs) opens in its own place with its own key, and nowhere else.

import { hash, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { fc } from "../fast-check.ts";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import { deriveKey, seal, SEAL_BYTES, type SealedPlace, takeKey, unseal } from "../../src/ledger/cipher.ts";
import { openBlob, sealBlob, slotOfBlob } from "../../src/ledger/sealed-blob.ts";
import { type LinePlace, openLine, readSealedLine, SEALED_FACTS_LIMIT, sealLine } from "../../src/ledger/sealed-line.ts";
import type { TreeKey } from "../../src/ledger/tree-key.ts";
import { seededBytes } from "./seeded-bytes.ts";

const PLACE: LinePlace = { ledger: "ledger-1", run: "run-1", first: 5, count: 1, time: 1_763_719_200_000, blobs: [] };
const CONTENT = '{"facts":[{"kind":"run.started","inputs":{"name":"Zoë"}}]}';

describe("a seal", () => {
  test("opens to any content in its place and nowhere else", () => {
    const part = fc.oneof(fc.string(), fc.integer());
    const place = fc.tuple(fc.string(), part, part).map((parts): SealedPlace => parts);
    fc.assert(
      fc.property(fc.uint8Array(), place, place, fc.nat(), (content, here, there, seed) => {
        const key = keyOf(seed);
        const sealed = seal(key, content, here, seededBytes(seed + 1));
        expect(sealed).toHaveLength(content.length + SEAL_BYTES);
        expect(unseal(key, sealed, here)).toEqual(Buffer.from(content));
        fc.pre(JSON.stringify(here) !== JSON.stringify(there));
        expect(unseal(key, sealed, there)).toBeUndefined();
        expect(unseal(keyOf(seed + 1), sealed, here)).toBeUndefined();
      }),
    );
  });

  test("does not open when any bit of it is another, or any byte is missing", () => {
    const key = keyOf(1);
    const sealed = seal(key, Buffer.from("content"), ["place"], seededBytes(2));
    for (let bit = 0; bit < sealed.length * 8; bit++) expect(unseal(key, flipped(sealed, bit), ["place"])).toBeUndefined();
    for (let length = 0; length < sealed.length; length++) expect(unseal(key, sealed.subarray(0, length), ["place"])).toBeUndefined();
  });

  test("has another nonce each time", () => {
    const nonces = Array.from({ length: 100 }, () => seal(keyOf(1), Buffer.alloc(0), ["place"], randomBytes).toString("hex", 0, 12));
    expect(new Set(nonces).size).toBe(nonces.length);
  });
});

test("a key that was taken leaves no bytes behind and does not show itself", () => {
  const bytes = Buffer.alloc(32, "k");
  const key = takeKey(bytes);
  expect(bytes).toEqual(Buffer.alloc(32));
  expect(`${inspect(key, { depth: 9, showHidden: true })}${JSON.stringify(key)}`).not.toMatch(/kkkk|6b6b/);
});

test("keys for different purposes are different", () => {
  const exported = ["one", "other", "one"].map((purpose) => deriveKey(keyOf(1), purpose).export().toString("hex"));
  expect(new Set(exported).size).toBe(2);
});

describe("a sealed line", () => {
  test("says who and when to everybody, and what only to those with the key", () => {
    const body = sealLine(PLACE, CONTENT, treeKey(7), randomBytes);
    expect(JSON.parse(body)).toEqual({
      run: "run-1",
      first: 5,
      count: 1,
      time: PLACE.time,
      key: 7,
      sealed: expect.stringMatching(/^[\w-]+$/),
    });
    expect(body).toContain('{"run":"run-1","first":5,');
    expect(body).not.toContain("started");
    expect(openLine("ledger-1", read(body), body, treeKey(7))).toBe(CONTENT);
  });

  test("comes back whatever its run is called and its content says", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.nat(), fc.nat(), (run, content, first, slot) => {
        const body = sealLine({ ...PLACE, run, first }, content, treeKey(slot), randomBytes);
        expect(read(body)).toMatchObject({ run, first, slot });
        expect(openLine("ledger-1", read(body), body, treeKey(slot))).toBe(content);
      }),
    );
  });

  test("does not open with another key, and says where it stands", () => {
    const body = sealLine(PLACE, CONTENT, treeKey(7), randomBytes);
    expect(() => openLine("ledger-1", read(body), body, { slot: 7, mark: "", key: keyOf(8) })).toThrow(
      expect.objectContaining({ code: "ledger_damaged", details: { place: "fact 5 of run-1", slot: 7 } }),
    );
  });

  test("does not open when it was moved to another ledger, run, position, time or slot", () => {
    const body = sealLine(PLACE, CONTENT, treeKey(7), randomBytes);
    const moves: readonly JsonObject[] = [{ run: "run-2" }, { first: 6 }, { time: PLACE.time + 1 }, { key: 8 }];
    for (const move of moves) {
      const moved = JSON.stringify({ ...parse(body), ...move });
      expect(() => openLine("ledger-1", read(moved), moved, treeKey(read(moved).slot))).toThrow("does not open");
    }
    expect(() => openLine("ledger-2", read(body), body, treeKey(7))).toThrow("does not open");
  });

  test("does not open when any bit of its text is another", () => {
    const text = Buffer.from(sealLine(PLACE, CONTENT, treeKey(7), seededBytes(3)));
    let opened = 0;
    for (let bit = 0; bit < text.length * 8; bit++) {
      const body = flipped(text, bit).toString("utf8");
      const line = readIfJson(body);
      if (line === undefined) continue;
      opened++;
      expect(() => openLine("ledger-1", line, body, treeKey(line.slot)), `bit ${bit}`).toThrow(
        expect.objectContaining({ code: "ledger_damaged" }),
      );
    }
    expect(opened).toBeGreaterThan(100);
  });

  test("does not open when the same is said in other words", () => {
    const body = sealLine(PLACE, CONTENT, treeKey(7), randomBytes);
    const others = [
      body.replace('"first":5', '"first":5.0'),
      body.replace("}", ',"more":1}'),
      body.replace("run-1", "\\u0072un-1"),
      ` ${body}`,
    ];
    for (const other of others) expect(() => openLine("ledger-1", read(other), other, treeKey(7)), other).toThrow("does not open");
  });

  test("is not written once its run has more facts than its key may seal", () => {
    const at = (first: number) => () => sealLine({ ...PLACE, first }, CONTENT, treeKey(7), randomBytes);
    expect(at(SEALED_FACTS_LIMIT)).not.toThrow();
    expect(at(SEALED_FACTS_LIMIT + 1)).toThrow(expect.objectContaining({ code: "key_worn_out" }));
  });

  test("is told from a plain one", () => {
    expect(readSealedLine({ run: "run-1", first: 1, time: 2, facts: [{ kind: "noted" }] })).toBeUndefined();
  });
});

describe("a sealed blob", () => {
  test("comes back with its key, under a name that does not tell its content", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 0, max: 0xffff_fffe }), (content, slot) => {
        const blob = sealBlob("ledger-1", content, treeKey(slot), randomBytes);
        expect(slotOfBlob(blob.bytes)).toBe(slot);
        expect(openBlob("ledger-1", blob, treeKey(slot))).toEqual(Buffer.from(content));
        expect(sealBlob("ledger-1", content, treeKey(slot), randomBytes).name).not.toBe(blob.name);
      }),
    );
  });

  test("does not open when any bit is another, under another name, in another ledger or with another key", () => {
    const blob = sealBlob("ledger-1", Buffer.from("content"), treeKey(7), seededBytes(4));
    const refused = expect.objectContaining({ code: "ledger_damaged", details: { place: expect.stringMatching(/^blob /), slot: 7 } });
    for (let bit = 0; bit < blob.bytes.length * 8; bit++) {
      const bytes = flipped(blob.bytes, bit);
      expect(() => openBlob("ledger-1", { ...blob, bytes }, treeKey(7)), `bit ${bit}`).toThrow(refused);
      // Whoever changes it may give it the name that fits.
      expect(() => openBlob("ledger-1", { name: hash("sha256", bytes, "hex"), bytes }, treeKey(7)), `bit ${bit}`).toThrow(refused);
    }
    expect(() => openBlob("ledger-1", { ...blob, name: "0".repeat(64) }, treeKey(7))).toThrow(refused);
    expect(() => openBlob("ledger-2", blob, treeKey(7))).toThrow(refused);
    expect(() => openBlob("ledger-1", blob, { slot: 7, mark: "", key: keyOf(8) })).toThrow(refused);
  });

  test("is told from a plain one", () => {
    expect(slotOfBlob(Buffer.from(JSON.stringify({ text: "x".repeat(100) })))).toBeUndefined();
    expect(slotOfBlob(Buffer.from("KKB1"))).toBeUndefined();
  });
});

function keyOf(seed: number): TreeKey["key"] {
  return takeKey(seededBytes(seed)(32));
}

function treeKey(slot: number): TreeKey {
  return { slot, mark: "", key: keyOf(1) };
}

function parse(body: string): JsonObject {
  // The cast holds for every text here: a body is an object, and a flipped bit makes it another one or no JSON.
  return JSON.parse(body) as JsonObject;
}

function read(body: string): ReturnType<typeof readSealedLine> & object {
  const line = readSealedLine(parse(body));
  if (line === undefined) throw new Error(`no sealed line: ${body}`);
  return line;
}

/** The line in a text that damage may have made into something else; `undefined` when it is no sealed line any more, which reading tells by itself. */
function readIfJson(body: string): ReturnType<typeof readSealedLine> {
  try {
    return readSealedLine(parse(body));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}
