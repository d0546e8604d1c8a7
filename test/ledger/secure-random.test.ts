// Random bytes come once, fresh and in any number.

import { expect, test } from "vitest";
import { PORTION_BYTES, secureRandom } from "../../src/ledger/secure-random.ts";

test("no byte that was drawn is given twice, and none is given that was not drawn", () => {
  let drawn = 0;
  // Every eight bytes are a number that was not there before.
  const random = secureRandom((bytes) => {
    for (let at = 0; at + 8 <= bytes.length; at += 8) bytes.writeBigUInt64BE(BigInt(++drawn), at);
  });
  const given = new Set<bigint>();
  let count = 0;
  for (const bytes of [8, 32, PORTION_BYTES / 2, 8, PORTION_BYTES, PORTION_BYTES / 2 + 8, 32, ...Array.from({ length: 1_000 }, () => 16)]) {
    const part = Buffer.from(random(bytes));
    expect(part).toHaveLength(bytes);
    for (let at = 0; at < bytes; at += 8) given.add(part.readBigUInt64BE(at));
    count += bytes / 8;
  }
  expect(given.size).toBe(count);
  expect(given.has(0n)).toBe(false);
  expect(drawn).toBeLessThan(count + 3 * (PORTION_BYTES / 8));
});

test("what was given is not kept", () => {
  const portions: Buffer[] = [];
  const random = secureRandom((bytes) => portions.push(bytes.fill(7)));
  const first = random(32);
  expect(Buffer.from(first)).toEqual(Buffer.alloc(32, 7));
  expect(portions[0]?.subarray(0, 64)).toEqual(Buffer.concat([Buffer.alloc(32), Buffer.alloc(32, 7)]));
  first.fill(9);
  expect(Buffer.from(random(32))).toEqual(Buffer.alloc(32, 7));
});

test("comes from the system when nothing else is said", () => {
  const random = secureRandom();
  const keys = Array.from({ length: 1_000 }, () => Buffer.from(random(32)).toString("hex"));
  expect(new Set(keys).size).toBe(1_000);
  // Of 256,000 fair coins, fewer than 126,000 or more than 130,000 heads come up once in 10^14.
  const ones = keys.join("").replaceAll(/[0-9a-f]/g, (digit) => "1".repeat(bitsOf(digit))).length;
  expect(Math.abs(ones - 128_000)).toBeLessThan(2_000);
});

function bitsOf(digit: string): number {
  return [1, 2, 4, 8].filter((bit) => (Number.parseInt(digit, 16) & bit) !== 0).length;
}
