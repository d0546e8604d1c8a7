// R2: bits of every file of a ledger are flipped, sectors lost, lines dropped, doubled and exchanged, files taken from another ledger. None of it is believed.

import { basename } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { seededRandom } from "../ledger/seeded-random.ts";
import { figure } from "./figure.ts";
import { type Damaged, flips, lineSurgery, sectors } from "./format/damages.ts";
import { type Files, MemoryDisk } from "./format/memory-disk.ts";
import { type Answers, answersOf, judge } from "./format/judgement.ts";
import { exportOf, KEY, KEY_VARIABLE, sampleFolder, type SampleShape, takeIn } from "./format/sample-folder.ts";
import { IS_SOAK, SEED } from "./seed.ts";

/** One bit out of so many; a prime, so that all bits of a byte and all places of a line are met. */
const STEP = 487;

/** In the long form, by the sample: every single one of the first. */
const LONG_STEPS: Readonly<Record<string, number>> = { groups: 1, "header-only": 5, encrypted: 13 };

/** Files over this have as many bits flipped as a file of this size. */
const LONG_BYTES = 6_000;

const SHAPES: readonly SampleShape[] = [
  { id: "groups", word: "some", groups: 7 },
  { id: "header-only", word: "some", groups: 5, endsWithHeader: true },
  { id: "encrypted", word: "some", groups: 4, isEncrypted: true },
  { id: "compacted", word: "some", groups: 8, isCompacted: true },
];

beforeEach(() => void vi.stubEnv(KEY_VARIABLE, KEY));

/** A ledger as it was. */
interface Before {
  readonly files: Files;
  readonly shape: SampleShape;
  readonly truth: Answers;
}

/** Judges changed files and keeps what must not be. */
class Inquest {
  readonly accepted: string[] = [];
  deeds = 0;
  refused = 0;
  /** Noticed by verify alone. */
  onVerify = 0;

  async hold({ files, shape, truth }: Before, path: string, { bytes, deed, isForeign = false }: Damaged): Promise<void> {
    const found = await judge(new Map(files).set(path, bytes), shape, truth);
    const place = `${shape.id} ${path}, ${deed}`;
    this.deeds += 1;
    if (found.refusals.length > 0) this.refused += 1;
    this.accepted.push(...found.uncaught.map((what) => `${place}: ${what}`));
    // A reader of one line looks at its checksum and its position. That a whole line is of another ledger, the chain tells, and verify follows it.
    if (isForeign && path.endsWith(".jsonl") && found.told.length > 0) this.onVerify += found.wrong.length > 0 ? 1 : 0;
    else this.accepted.push(...found.wrong.map((what) => `${place}: ${what}`));
    // What can be made again is made again without a word; of all else, somebody must be told.
    if (!isRemade(path) && found.told.length === 0) this.accepted.push(`${place}: verify tells nothing`);
    if (!isRemade(path) && !found.told.some((told) => isOf(path, told)))
      this.accepted.push(`${place}: verify tells of others only: ${found.told[0]}`);
  }
}

describe("a ledger with bytes that are not what was written", () => {
  test.for(SHAPES)("with a flipped bit is refused, or answers as before ($id)", { timeout: 7_200_000 }, async (shape) => {
    const random = seededRandom(SEED);
    const { inquest, before } = await inquestOf(shape);
    for (const [path, bytes] of before.files) {
      const each = IS_SOAK ? (LONG_STEPS[shape.id] ?? STEP) : STEP;
      const step = bytes.length > LONG_BYTES ? Math.ceil(bytes.length / LONG_BYTES) * each : each;
      for (const damaged of flips(bytes, Math.floor(random() * Math.min(step, bytes.length * 8)), step))
        await inquest.hold(before, path, damaged);
    }
    figure(`R2-bits-${shape.id}`, { flips: inquest.deeds, refused: inquest.refused, accepted: inquest.accepted.length });
    expect(inquest.accepted.slice(0, 20)).toEqual([]);
    expect(inquest.refused).toBeGreaterThan(inquest.deeds / 4);
  });

  test("with a lost sector, or with lines dropped, doubled or exchanged, is refused or answers as before", {
    timeout: 600_000,
  }, async () => {
    const counts = { sectors: 0, lines: 0, "noticed by verify alone": 0 };
    const accepted: string[] = [];
    for (const shape of IS_SOAK ? SHAPES : SHAPES.filter(({ id }) => id === "groups" || id === "compacted")) {
      const { inquest, before } = await inquestOf(shape);
      const twin = await sampleFolder(twinOf(shape));
      for (const [path, bytes] of before.files)
        if (bytes.length < 40 * LONG_BYTES) for (const damaged of sectors(bytes, twin.get(path))) await inquest.hold(before, path, damaged);
      counts.sectors += inquest.deeds;
      for (const [path, bytes] of before.files)
        if (path.endsWith(".jsonl")) for (const damaged of lineSurgery(bytes)) await inquest.hold(before, path, damaged);
      counts.lines += inquest.deeds;
      counts["noticed by verify alone"] += inquest.onVerify;
      accepted.push(...inquest.accepted);
    }
    figure("R2-surgery", { ...counts, lines: counts.lines - counts.sectors, accepted: accepted.length });
    expect(accepted.slice(0, 20)).toEqual([]);
  });

  test("with a file of another ledger in the place of its own is refused or answers as before", { timeout: 600_000 }, async () => {
    let files = 0;
    let onVerify = 0;
    const accepted: string[] = [];
    for (const shape of SHAPES) {
      const { inquest, before } = await inquestOf(shape);
      for (const [path, bytes] of await sampleFolder(twinOf(shape))) {
        const own = before.files.get(path);
        if (own === undefined || own.equals(bytes)) continue;
        await inquest.hold(before, path, { bytes, deed: "taken from another ledger", isForeign: true });
      }
      files += inquest.deeds;
      onVerify += inquest.onVerify;
      accepted.push(...inquest.accepted);
    }
    figure("R2-swaps", { files, "noticed by verify alone": onVerify, accepted: accepted.length });
    expect(accepted).toEqual([]);
    expect(files).toBeGreaterThan(20);
  });

  test("is not made of an export with a flipped bit or with other lines", { timeout: 7_200_000 }, async () => {
    const bytes = await exportOf(await sampleFolder({ id: "exported", word: "some", groups: 4 }));
    const taken: string[] = [];
    let deeds = 0;
    for (const { bytes: changed, deed } of [...flips(bytes, 3, IS_SOAK ? 41 : STEP * 7), ...lineSurgery(bytes)]) {
      deeds += 1;
      if ((await takeIn(new MemoryDisk(), changed)) === "taken") taken.push(deed);
    }
    figure("R2-export", { deeds, taken: taken.length });
    expect(taken).toEqual([]);
  });
});

async function inquestOf(shape: SampleShape): Promise<{ readonly inquest: Inquest; readonly before: Before }> {
  const files = await sampleFolder(shape);
  return { inquest: new Inquest(), before: { files, shape, truth: await answersOf(files, shape) } };
}

/** A ledger with the same names, the same sizes, and other content. */
function twinOf(shape: SampleShape): SampleShape {
  return { ...shape, id: shape.id.toUpperCase(), digit: 1 };
}

/** True for what the ledger makes again by itself. */
function isRemade(path: string): boolean {
  return path.includes("/index/") || path.includes("/snapshots/");
}

/** True when something told is about a file, or about the log that it is a part or a witness of. */
function isOf(path: string, told: string): boolean {
  const isOfLog = /segments|head\.json|ledger\.json/.test(path) && /segments|head\.json|ledger\.json/.test(told);
  return isOfLog || told.includes(basename(path));
}
