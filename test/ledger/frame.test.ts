// The line format. Golden bytes: ledgers in the wild look like this, so a change here is a change of format.

import { fc } from "../fast-check.ts";
import { expect, test } from "vitest";
import { BODY_LIMIT_BYTES, chainOf, encodeLine, GENESIS, readLine } from "../../src/ledger/frame.ts";
import { encodeHeader, LOG_START } from "../../src/ledger/segment.ts";

const BODY = '{"run":"one","first":1,"time":1000,"facts":[{"kind":"run.started","topic":"ö"}]}';

test("a line is these bytes", () => {
  const line = encodeLine({ position: 7, group: 0x2a, ends: true, chain: chainOf(GENESIS, BODY) }, BODY);
  expect(line.toString()).toBe(GOLDEN_LINE);
  expect(readLine(line)).toEqual({
    kind: "line",
    line: { position: 7, group: 42, ends: true, chain: chainOf(GENESIS, BODY), body: BODY, bytes: line.length },
  });
});

test("a header is these bytes", () => {
  expect(encodeHeader("6b7c0f5e-0000-4000-8000-000000000000", LOG_START).bytes.toString()).toBe(GOLDEN_HEADER);
});

test("every line is JSON on its own, with the commit as its last element", () => {
  const line: unknown = JSON.parse(encodeLine({ position: 1, group: 1, ends: false, chain: GENESIS }, BODY).toString());
  expect(line).toHaveLength(7);
  expect(Array.isArray(line) && line[6]).toEqual(JSON.parse(BODY));
});

test("a line cut short asks for more bytes, never for fewer than there are", () => {
  const line = encodeLine({ position: 1, group: 1, ends: true, chain: GENESIS }, BODY);
  for (let bytes = 0; bytes < line.length; bytes++) {
    const reading = readLine(line.subarray(0, bytes));
    expect(reading.kind).toBe("short");
    expect(reading.kind === "short" && reading.needsBytes).toBeGreaterThan(bytes);
  }
});

test("no flipped bit of a line goes unseen", () => {
  const line = encodeLine({ position: 1, group: 0xab, ends: true, chain: chainOf(GENESIS, BODY) }, BODY);
  for (let bit = 0; bit < line.length * 8; bit++) {
    const flipped = Buffer.from(line);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(readLine(flipped).kind, `bit ${bit}`).not.toBe("line");
  }
});

test("a length over the limit is no line, so that damage cannot make the reader wait for gigabytes", () => {
  const line = encodeLine({ position: 1, group: 1, ends: true, chain: GENESIS }, BODY);
  line.write((BODY_LIMIT_BYTES + 1).toString(16).padStart(8, "0"), 2, "latin1");
  expect(readLine(line).kind).toBe("bad");
});

test("zeros are no line", () => {
  expect(readLine(Buffer.alloc(4_096)).kind).toBe("bad");
});

test("any body, position and group come back unchanged", () => {
  fc.assert(
    fc.property(
      fc.json(),
      fc.integer({ min: 1, max: 999_999_999_999 }),
      fc.integer({ min: 1, max: 0xff_ffff_ffff }),
      fc.boolean(),
      (json, position, group, ends) => {
        const body = `{"value":${json}}`;
        const mark = { position, group, ends, chain: chainOf(GENESIS, body) };
        const bytes = encodeLine(mark, body);
        expect(readLine(Buffer.concat([bytes, Buffer.from("more")]))).toEqual({
          kind: "line",
          line: { ...mark, body, bytes: bytes.length },
        });
      },
    ),
  );
});

const GOLDEN_LINE =
  '["00000051","e0cc9d1b","000000000007","000000002a","E","-duikHHlhZNfddNnI4AaSXOWtMv0gMZ_KXjTPFH0UYQ",{"run":"one","first":1,"time":1000,"facts":[{"kind":"run.started","topic":"ö"}]}]\n';
const GOLDEN_HEADER =
  '["0000007f","9bf3e4fc","000000000000","0000000000","E","g_xz2u78Kv2zvmZEkWgX1LfWFICyluifAfKOGbq1cXg",{"segment":1,"ledger":"6b7c0f5e-0000-4000-8000-000000000000","base":0,"previous":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]\n';
