// Receipts: what they hold, what checking them shows and at which level, and that nothing in them can be changed.

import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { AnchorMaker, anchorLine } from "../../src/ledger/anchor.ts";
import { checkReceipt } from "../../src/ledger/check-receipt.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import { ledgerFolder } from "../../src/ledger/folder.ts";
import type { Entry } from "../../src/ledger/ledger.ts";
import { makeReceipt, type ReceiptOptions } from "../../src/ledger/make-receipt.ts";
import { readReceipt, receiptText, type ReceiptContent } from "../../src/ledger/receipt.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { appendAll, keyPair, sealAgain, sealRest, someCommits } from "./sealed-ledger.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let folder: string;
let outside: string;

beforeEach(async () => {
  outside = await temporaryFolder();
  folder = join(outside, "ledger");
});

async function receipt(options: Partial<ReceiptOptions> = {}): Promise<string> {
  await using ledger = await fileLedger(folder).open({ access: "read" });
  return await makeReceipt(ledger, { runs: ["run-1"], ...options });
}

async function recorded(run: string): Promise<readonly Entry[]> {
  await using ledger = await fileLedger(folder).open({ access: "read" });
  return await ledger.read(run);
}

const anchor = async () => {
  const made = await new AnchorMaker(realDisk, ledgerFolder(folder), () => 1_763_800_000_000).make();
  return made === undefined ? "" : `${anchorLine(made)}\n`;
};

function content(text: string): ReceiptContent {
  const read = readReceipt(text);
  if (typeof read === "string") throw new Error(read);
  return read;
}

describe("a receipt", () => {
  test("holds every line of its run byte for byte and none of others, over several segments, and gives back its entries", async () => {
    await appendAll(folder, someCommits(20));
    await sealRest(folder);
    const text = await receipt();
    const checked = await checkReceipt(text);
    expect(checked).toMatchObject({ ok: true, faults: [], ledger: "ledger-one", run: "run-1", level: "chain", encrypted: 0, leftOut: [] });
    expect(checked.entries).toEqual(await recorded("run-1"));
    const { lines, statements } = content(text);
    expect(statements.length).toBeGreaterThan(3);
    const log = await Promise.all(
      statements.map(({ segment, base }) =>
        readFile(join(folder, "segments", `${String(segment).padStart(12, "0")}-${String(base).padStart(15, "0")}.jsonl`), "utf8"),
      ),
    );
    expect(lines.every((line) => log.join("").includes(`${line.text}\n`))).toBe(true);
  });

  test("is about several streams when they belong together", async () => {
    await appendAll(folder, someCommits(9));
    const checked = await checkReceipt(await receipt({ runs: ["run-1", "run-2"] }));
    expect(new Set(checked.entries.map(({ run }) => run))).toEqual(new Set(["run-1", "run-2"]));
  });

  test("brings large values along, or leaves them out and says so", async () => {
    const large = "long ".repeat(20_000);
    await appendAll(folder, [{ run: "run-1", expected: 0, facts: [{ kind: "said", text: large }] }]);
    expect((await checkReceipt(await receipt())).entries[0]?.facts).toEqual([{ kind: "said", text: large }]);
    const without = await checkReceipt(await receipt({ values: false }));
    const name = hash("sha256", JSON.stringify(large), "hex");
    expect(without).toMatchObject({
      ok: true,
      leftOut: [name],
      entries: [{ facts: [{ kind: "said", text: null, blobs: { text: name } }] }],
    });
  });

  test("of an encrypted ledger shows that its lines are in the log, and not what they say", async () => {
    vi.stubEnv("MASTER_KEY_OF_A_TEST", "ab".repeat(32));
    const encrypted = fileLedger(folder, { key: { env: "MASTER_KEY_OF_A_TEST" } });
    await using writer = await encrypted.open({ access: "write" });
    await writer.append([{ run: "run-1", expected: 0, facts: [{ kind: "said", text: "a secret" }, { kind: "said" }] }]);
    await writer.append([{ run: "run-1", expected: 2, facts: [{ kind: "said" }] }]);
    await using reader = await encrypted.open({ access: "read" });
    const text = await makeReceipt(reader, { runs: ["run-1"] });
    expect(text).not.toContain("a secret");
    expect(await checkReceipt(text)).toMatchObject({ ok: true, run: "run-1", encrypted: 2, entries: [] });
  });

  test("of a run that is not there is refused", async () => {
    await appendAll(folder, someCommits(3));
    await expect(receipt({ runs: ["run-9"] })).rejects.toMatchObject({ code: "run_not_found" });
  });
});

describe("the level of a receipt", () => {
  test("is signed when the key signed all seals and what no seal says yet", async () => {
    const { file, signer, publicKey } = await keyPair(outside);
    const other = await keyPair(outside, "other.pem");
    await appendAll(folder, someCommits(23), { file });
    await sealRest(folder, signer);
    const text = await receipt({ signing: { file } });
    expect(await checkReceipt(text, { publicKeys: publicKey })).toMatchObject({
      ok: true,
      level: "signed",
      keys: [signer.key],
      uncheckedKeys: [],
    });
    expect(await checkReceipt(text)).toMatchObject({ ok: true, level: "chain", keys: [], uncheckedKeys: [signer.key] });
    expect(await checkReceipt(text, { publicKeys: other.publicKey })).toMatchObject({ ok: false });
    const unsigned = await checkReceipt(await receipt(), { publicKeys: publicKey });
    expect(unsigned.faults).toEqual(["no signature by a key that was given vouches for this receipt"]);
  });

  test("is anchored when an anchor was made of exactly what it states, or of a seal behind it", async () => {
    await appendAll(folder, someCommits(23));
    await sealRest(folder);
    const anchors = await anchor();
    const now = await receipt();
    expect(await checkReceipt(now, { anchors })).toMatchObject({
      ok: true,
      level: "anchored",
      anchor: { position: 23, time: 1_763_800_000_000 },
    });
    await appendAll(
      folder,
      someCommits(40, 3)
        .slice(23)
        .filter(({ run }) => run !== "run-1"),
    );
    await sealRest(folder);
    const later = await receipt();
    expect((await checkReceipt(later, { anchors })).faults).toEqual(["no anchor that was given vouches for this receipt"]);
    const held = await receipt({ anchors });
    expect(await checkReceipt(held, { anchors })).toMatchObject({ ok: true, level: "anchored" });
    expect(await checkReceipt(held, { anchors: await anchor() })).toMatchObject({ ok: false });
    const behind = await anchor();
    expect(await checkReceipt(await receipt({ anchors: behind }), { anchors: behind })).toMatchObject({ ok: true, level: "anchored" });
  });

  test("cannot be anchored when the run went on after the last anchor", async () => {
    await appendAll(folder, someCommits(3));
    const anchors = await anchor();
    await appendAll(folder, someCommits(6).slice(3));
    await expect(receipt({ anchors })).rejects.toMatchObject({ code: "not_anchored" });
  });
});

describe("a receipt that was changed fails", () => {
  test("at every bit", async () => {
    const { file, publicKey } = await keyPair(outside);
    await appendAll(folder, someCommits(4, 2), { file });
    const whole = Buffer.from(await receipt({ signing: { file } }));
    expect((await checkReceipt(whole.toString("utf8"), { publicKeys: publicKey })).ok).toBe(true);
    const accepted: number[] = [];
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Buffer.from(whole);
      flipped[bit >>> 3] = (flipped[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      if ((await checkReceipt(flipped.toString("utf8"), { publicKeys: publicKey })).ok) accepted.push(bit);
    }
    expect(accepted).toEqual([]);
  });

  test("at every character of its parts, though the sum over it was made anew", async () => {
    const { file, publicKey } = await keyPair(outside);
    await appendAll(folder, someCommits(4, 2), { file });
    const text = await receipt({ signing: { file } });
    const { sum: _, ...parts } = JSON.parse(text) as Record<string, unknown>;
    const whole = JSON.stringify(parts);
    const accepted: string[] = [];
    for (let index = 0; index < whole.length; index++) {
      const other = whole[index] === "1" ? "2" : "1";
      const changed = parsed(`${whole.slice(0, index)}${other}${whole.slice(index + 1)}`);
      if (changed === undefined) continue;
      const forged = `${JSON.stringify({ ...changed, sum: hash("sha256", JSON.stringify(changed), "hex") })}\n`;
      const checked = await checkReceipt(forged, { publicKeys: publicKey });
      if (checked.ok) accepted.push(whole.slice(Math.max(0, index - 20), index + 20));
    }
    expect(accepted).toEqual([]);
  });

  test("when a line is left out, doubled, moved, or taken from another ledger", async () => {
    await appendAll(folder, someCommits(20));
    await sealRest(folder);
    const own = content(await receipt());
    const { lines } = own;
    const faults = async (changed: Partial<ReceiptContent>) => (await checkReceipt(receiptText({ ...own, ...changed }))).faults.join();
    expect(await faults({ lines: lines.toSpliced(2, 1) })).toContain("so some are left out");
    expect(await faults({ lines: lines.slice(1) })).toContain("so some are left out");
    expect(await faults({ lines: lines.toSpliced(2, 0, ...lines.slice(2, 3)) })).toContain("is not behind the one before it");
    expect(await faults({ lines: lines.toReversed() })).toContain("is not behind the one before it");
    expect(await faults({ lines: [] })).toContain("there is no line in it");
    expect(await faults({ run: "run-2" })).toContain("there is no line of run-2");
    expect(await faults({ ledger: "another" })).toContain("about another ledger");
    expect(await faults({ statements: own.statements.toSpliced(1, 1) })).toContain("not about the segment behind the one before");
    expect(await faults({ blobs: { [hash("sha256", "x", "hex")]: "x" } })).toContain("no line names the large value");
  });

  test("when it says the same in other words, or a large value is another one", async () => {
    await appendAll(folder, [{ run: "run-1", expected: 0, facts: [{ kind: "said", text: "long ".repeat(20_000) }] }]);
    const text = await receipt();
    const inOtherWords = [
      text.replace('{"receipt":1', '{ "receipt":1'),
      text.replace('{"receipt":1', '{"receipt":2,"receipt":1'),
      text.trimEnd(),
      text.replace("ledger-one", "ledger\\u002done"),
    ];
    for (const other of inOtherWords) {
      expect(other).not.toBe(text);
      expect((await checkReceipt(other)).faults).toEqual(["the receipt is not what was written: a byte of it was changed"]);
    }
    const own = content(text);
    const blobs = Object.fromEntries(Object.entries(own.blobs).map(([name, value]) => [name, value.replace("long", "LONG")]));
    expect((await checkReceipt(receiptText({ ...own, blobs }))).faults.join()).toContain("a large value is not what its name says");
  });

  test("when an unsigned statement was made up for another line, it is consistent, and no more than that is claimed", async () => {
    const { publicKey } = await keyPair(outside);
    await appendAll(folder, someCommits(4, 2));
    const made = await temporaryFolder();
    await appendAll(join(made, "ledger"), [{ run: "run-1", expected: 0, facts: [{ kind: "said", text: "made up" }] }]);
    await sealAgain(join(made, "ledger"));
    await using ledger = await fileLedger(join(made, "ledger")).open({ access: "read" });
    const forged = await makeReceipt(ledger, { runs: ["run-1"] });
    expect(await checkReceipt(forged)).toMatchObject({ ok: true, level: "chain" });
    expect(await checkReceipt(forged, { publicKeys: publicKey })).toMatchObject({ ok: false });
    expect(await checkReceipt(forged, { anchors: await anchor() })).toMatchObject({ ok: false });
  });
});

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
