// R1: every file of a ledger is cut at every byte. Whoever opens, reads or verifies it then gets the right answer or an error that names the file; never less than there was.

import { basename } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { figure } from "./figure.ts";
import { type Files, MemoryDisk } from "./format/memory-disk.ts";
import { answersOf, judge } from "./format/judgement.ts";
import { exportOf, KEY, KEY_VARIABLE, sampleFolder, type SampleShape, takeIn } from "./format/sample-folder.ts";
import { IS_SOAK, sample } from "./seed.ts";

/** A cut at every so many-th byte; at each one in the long form. A prime, so that the cuts fall on all places of a line. */
const STEP = sample(61, 1);

/** Files over this are cut at fewer places: blobs and key files have no structure that changes with every byte. */
const LONG_BYTES = 8_000;

const SHAPES: readonly SampleShape[] = [
  { id: "one-line", word: "some", groups: 1 },
  { id: "groups", word: "some", groups: 7 },
  { id: "header-only", word: "some", groups: 6, endsWithHeader: true },
  { id: "encrypted", word: "some", groups: 4, isEncrypted: true },
  { id: "compacted", word: "some", groups: 8, isCompacted: true },
];

beforeEach(() => void vi.stubEnv(KEY_VARIABLE, KEY));

describe("a ledger with a file that was cut", () => {
  test("answers as before or refuses by the name of the file, and verify tells", { timeout: 3_600_000 }, async () => {
    const counts = { cuts: 0, refused: 0, right: 0, healed: 0 };
    const wrong: string[] = [];
    for (const shape of SHAPES) {
      const files = await sampleFolder(shape);
      const truth = await answersOf(files, shape);
      for (const [path, bytes] of files) {
        for (const length of cutsOf(bytes.length)) {
          const found = await judge(new Map(files).set(path, bytes.subarray(0, length)), shape, truth);
          const place = `${shape.id} ${path} cut to ${length}`;
          counts.cuts += 1;
          counts.healed += found.healed > 0 ? 1 : 0;
          counts[found.refusals.length > 0 ? "refused" : "right"] += 1;
          wrong.push(...[...found.wrong, ...found.uncaught].map((what) => `${place}: ${what}`));
          wrong.push(
            ...found.refusals.filter((text) => !text.includes(basename(path))).map((text) => `${place}: names another file: ${text}`),
          );
          if (!isRemade(path) && found.told.length === 0) wrong.push(`${place}: verify tells nothing`);
        }
      }
    }
    figure("R1", { ...counts, wrong: wrong.length });
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(Math.min(counts.refused, counts.right, counts.healed)).toBeGreaterThan(0);
  });

  test("takes the same export only whole: one that was cut is refused, and what it left is a good beginning", {
    timeout: 600_000,
  }, async () => {
    const shape: SampleShape = { id: "exported", word: "some", groups: 4 };
    const files = await sampleFolder(shape);
    const bytes = await exportOf(files);
    let cuts = 0;
    for (let length = 0; length < bytes.length; length += bytes.length > LONG_BYTES ? STEP * 5 : STEP) {
      const disk = new MemoryDisk();
      expect(await takeIn(disk, bytes.subarray(0, length)), `an export cut to ${length} of ${bytes.length} bytes`).toBe("refused");
      expect(isBeginning(disk.files, files), `what an export cut to ${length} bytes left`).toBe(true);
      cuts += 1;
    }
    expect(await takeIn(new MemoryDisk(), bytes)).toBe("taken");
    figure("R1-export", { cuts, taken: 0 });
  });
});

/** Lengths to which a file is cut. */
function cutsOf(bytes: number): readonly number[] {
  const step = bytes > LONG_BYTES ? Math.ceil(bytes / (IS_SOAK ? 400 : 12)) : STEP;
  const lengths = Array.from({ length: Math.ceil(bytes / step) }, (_, index) => index * step);
  return [...new Set([...lengths, Math.max(0, bytes - 1)])];
}

/** True for what the ledger makes again by itself. */
function isRemade(path: string): boolean {
  return path.includes("/index/") || path.includes("/snapshots/");
}

/** True when each segment that is there begins as in the whole ledger. */
function isBeginning(left: Files, whole: Files): boolean {
  return [...left].every(([path, bytes]) => !path.endsWith(".jsonl") || whole.get(path)?.subarray(0, bytes.length).equals(bytes) === true);
}
