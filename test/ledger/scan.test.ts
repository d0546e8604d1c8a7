// The verdict on a log: what is cut off is torn, what is changed is damaged, and nothing is ever taken for something it is not.

import { describe, expect, test } from "vitest";
import { sampleLog, type SampleLine, scanBytes } from "./sample-log.ts";

const { bytes, lines } = sampleLog(12);
const LAST_GROUP = lines.at(-1)?.group ?? 0;
const LAST_GROUP_AT = lines.find(({ group }) => group === LAST_GROUP)?.from ?? 0;

test("an untouched log is clean and gives every line", async () => {
  const scan = await scanBytes(bytes);
  expect(scan.end).toMatchObject({ verdict: "clean", end: { offset: bytes.length, position: lines.length, group: LAST_GROUP } });
  expect(scan.lines.map(({ offset }) => offset)).toEqual(lines.map(({ from }) => from));
});

test("cut at any byte, a log gives exactly its whole groups and is never called damaged", async () => {
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { end, lines: found } = await scanBytes(bytes.subarray(0, cut));
    const whole = wholeGroupsWithin(cut);
    expect(end, `cut at ${cut}`).toMatchObject({ verdict: isEndOfGroup(cut) ? "clean" : "torn", end: { position: whole.length } });
    expect(found.length, `cut at ${cut}`).toBe(whole.length);
  }
});

test("any flipped bit is damage, except in the last group, where it is a torn tail: none is accepted", async () => {
  const wrong: string[] = [];
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const { end } = await scanBytes(flipped);
    const expected = bit >> 3 >= LAST_GROUP_AT ? "torn" : "damaged";
    if (end.verdict !== expected) wrong.push(`bit ${bit}: ${end.verdict}, not ${expected}`);
  }
  expect(wrong).toEqual([]);
});

describe("surgery on whole lines", () => {
  const pieces = lines.map(({ from, to }) => bytes.subarray(from, to));

  test("a line left out is damage, unless it is the last", async () => {
    for (const [index, line] of lines.entries()) {
      const { end } = await scanBytes(Buffer.concat(pieces.filter((_, other) => other !== index)));
      const isLast = index === lines.length - 1;
      expect(end.verdict, `line ${index + 1} of group ${line.group}`).toBe(
        isLast ? (lines.at(-2)?.group === LAST_GROUP ? "torn" : "clean") : "damaged",
      );
    }
  });

  test("two lines in the wrong order are damage", async () => {
    for (let index = 0; index < pieces.length - 1; index++) {
      const swapped = pieces.with(index, pieces[index + 1] ?? bytes).with(index + 1, pieces[index] ?? bytes);
      expect((await scanBytes(Buffer.concat(swapped))).end.verdict).toBe("damaged");
    }
  });

  test("a line written twice is damage", async () => {
    for (let index = 0; index < pieces.length; index++) {
      expect((await scanBytes(Buffer.concat(pieces.toSpliced(index, 0, pieces[index] ?? bytes)))).end.verdict).toBe("damaged");
    }
  });
});

test("a sector of zeros, of ones or of old content is never accepted, and never hides an earlier group", async () => {
  for (let from = 0; from < bytes.length; from += 512) {
    const to = Math.min(from + 512, bytes.length);
    for (const fill of [0x00, 0xff, 0x5b]) {
      const { end } = await scanBytes(Buffer.concat([bytes.subarray(0, from), Buffer.alloc(to - from, fill), bytes.subarray(to)]));
      expect(end.verdict, `${fill} at ${from}`).toBe(to > LAST_GROUP_AT ? "torn" : "damaged");
    }
  }
});

test("zeros behind the log, as a power cut leaves them, are a torn tail", async () => {
  expect((await scanBytes(Buffer.concat([bytes, Buffer.alloc(10_000)]))).end).toMatchObject({
    verdict: "torn",
    end: { offset: bytes.length },
  });
});

test("damage names its place, the last good commit and the next one", async () => {
  const third = lines[2];
  const flipped = Buffer.from(bytes);
  flipped[(third?.from ?? 0) + 110] = 0;
  expect((await scanBytes(flipped)).end).toMatchObject({
    verdict: "damaged",
    offset: third?.from,
    lastGood: 2,
    nextGood: firstOfLaterGroup(third),
  });
});

function wholeGroupsWithin(cut: number): readonly SampleLine[] {
  return lines.filter(({ group }) => lines.every((line) => line.group !== group || line.to <= cut));
}

function isEndOfGroup(cut: number): boolean {
  return cut === 0 || lines.some((line, index) => line.to === cut && lines[index + 1]?.group !== line.group);
}

function firstOfLaterGroup(line: SampleLine | undefined): number {
  return lines.findIndex(({ group }) => group > (line?.group ?? 0)) + 1;
}
