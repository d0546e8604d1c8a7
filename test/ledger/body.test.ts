// The body of a line: whatever the facts hold comes back as it was.

import { fc } from "../fast-check.ts";
import { expect, test } from "vitest";
import { decodeBody, encodeBody, restoreBlobs } from "../../src/ledger/body.ts";
import { BLOB_LIMIT_BYTES } from "../../src/ledger/ledger.ts";
import type { JsonObject, JsonValue } from "../../src/json.ts";

const large = fc.constantFrom<JsonValue>(
  "x".repeat(BLOB_LIMIT_BYTES),
  { text: "ü".repeat(BLOB_LIMIT_BYTES) },
  Array.from({ length: 12_000 }, () => "a"),
);
const small = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
const fact: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.string().filter((name) => name !== "blobs" && name !== "__proto__"),
  fc.oneof({ weight: 20, arbitrary: small }, { weight: 1, arbitrary: large }),
  { noNullPrototype: true, maxKeys: 5 },
);

test("any facts come back as the same text, large members by way of blobs", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fact, { minLength: 1, maxLength: 4 }), fc.string({ minLength: 1 }), async (facts, run) => {
      const { body, blobs } = encodeBody({ run, expected: 4, facts }, 1_000);
      const entry = decodeBody(9, body);
      if (entry === undefined) throw new Error("the body is no commit");
      const restored = await restoreBlobs(entry, async (name) => blobs.get(name) ?? new Uint8Array());
      expect(JSON.stringify(restored.facts)).toBe(JSON.stringify(facts));
      expect(restored).toMatchObject({ position: 9, run, first: 5, time: 1_000 });
    }),
  );
});

test("names that JavaScript treats in a special way stay what they are", async () => {
  const hostile = JSON.parse('{"__proto__":{"polluted":true},"constructor":1,"toString":"x"}');
  const { body } = encodeBody({ run: "one", expected: 0, facts: [{ ...hostile, large: "x".repeat(BLOB_LIMIT_BYTES) }] }, 0);
  expect(decodeBody(1, body)?.facts[0]).toMatchObject({ constructor: 1, toString: "x" });
  expect("polluted" in {}).toBe(false);
});

test("text that is no commit gives nothing", () => {
  for (const text of [
    "",
    "{",
    "[]",
    "null",
    "{}",
    '{"run":"one","first":1,"time":0,"facts":[]}',
    '{"run":"one","first":1,"time":0,"facts":[1]}',
    '{"run":"one","first":1,"time":0,"facts":[{}],"head":1}',
  ]) {
    expect(decodeBody(1, text), text).toBeUndefined();
  }
});
