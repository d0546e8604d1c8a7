// What an export holds, which part of a log it takes, and that it can be made beside a writer.

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { exportLog } from "../../src/ledger/export-log.ts";
import type { LedgerError } from "../../src/errors.ts";
import { contentOf, exported, linesOf, logOf, open, sampleLedger, SOURCE } from "./sample-ledger.ts";

describe("an export", () => {
  test("is a header, the lines of the log byte for byte with the blobs before them, and an end with the hash of everything", async () => {
    const { simulated, disk } = await sampleLedger(1);
    const bytes = await exported(disk, SOURCE);
    const lines = linesOf(bytes);
    const values = lines.map((line): unknown => JSON.parse(line.toString("utf8")));
    expect(values[0]).toMatchObject({ kindling: "export", version: 1, from: 1, address: 0, group: 0, chain: "A".repeat(43) });
    const isBlob = (value: unknown): boolean => Array.isArray(value) && value[0] === "blob";
    const log = lines.slice(1, -1).filter((_, index) => !isBlob(values[index + 1]));
    expect(Buffer.concat(log)).toEqual(await logOf(simulated, disk, SOURCE));
    expect(values.filter(isBlob).length).toBeGreaterThan(0);
    expect(new Set(values.filter(isBlob).map(String)).size).toBe(values.filter(isBlob).length);
    const before = bytes.subarray(0, bytes.length - (lines.at(-1)?.length ?? 0));
    expect(values.at(-1)).toMatchObject({
      lines: log.length,
      blobs: values.filter(isBlob).length,
      sha256: createHash("sha256").update(before).digest("hex"),
    });
  });

  test("of a part begins and ends with whole sync groups, and parts put together are the whole log", async () => {
    const { disk } = await sampleLedger(2);
    const { entries } = await contentOf(disk, SOURCE);
    const last = entries.length;
    const isLogLine = (line: Buffer): boolean => line[0] === 0x5b && !line.toString("utf8", 0, 7).includes("blob");
    const whole = linesOf(await exported(disk, SOURCE)).filter(isLogLine);
    for (let cut = 1; cut < last; cut++) {
      const first = linesOf(await exported(disk, SOURCE, { to: cut }));
      const { end } = JSON.parse(first.at(-1)?.toString("utf8") ?? "{}") as { readonly end: number };
      expect(end).toBeGreaterThanOrEqual(cut);
      const rest = linesOf(await exported(disk, SOURCE, { from: end + 1 }));
      expect([...first.filter(isLogLine), ...rest.filter(isLogLine)]).toEqual(whole);
    }
  });

  test("that begins behind the last commit is empty, and one that begins later is refused", async () => {
    const { disk } = await sampleLedger(3);
    const last = (await contentOf(disk, SOURCE)).entries.length;
    const parts = linesOf(await exported(disk, SOURCE, { from: last + 1 }));
    expect(JSON.parse(parts.at(-1)?.toString("utf8") ?? "")).toMatchObject({ end: last });
    await expect(exported(disk, SOURCE, { from: last + 2 })).rejects.toMatchObject({
      code: "export_beyond_end",
      fix: `Begin at ${last + 1} or before.`,
    });
    for (const range of [{ from: 0 }, { from: 1.5 }, { from: 3, to: 2 }]) {
      await expect(exported(disk, SOURCE, range)).rejects.toMatchObject({ code: "invalid_range" });
    }
  });

  test("made while a writer appends ends with a whole group that was there when it began", async () => {
    const { disk } = await sampleLedger(4);
    await using writer = await open(disk, SOURCE);
    const before = writer.position;
    let number = 0;
    const end = await exportLog(disk, SOURCE, async () => {
      await writer.append([{ run: "meanwhile", expected: number, facts: [{ number: ++number }] }]);
    });
    expect(number).toBeGreaterThan(5);
    expect(end.to).toBe(before);
  });

  test("of a damaged ledger stops at the damage and has no end, so that it cannot be taken for a whole one", async () => {
    const { simulated, disk } = await sampleLedger(5);
    const segments = (await disk.list(`${SOURCE}/segments`)).filter((name) => name.endsWith(".jsonl"));
    simulated.flipBit(`${SOURCE}/segments/${segments[1]}`, 8 * 1_000);
    const parts: Uint8Array[] = [];
    const refused: unknown = await exportLog(disk, SOURCE, (lines) => void parts.push(lines)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "ledger_damaged", details: { file: `segments/${segments[1]}` } } satisfies Partial<LedgerError>);
    expect(Buffer.concat(parts).toString("utf8")).not.toContain('{"end"');
    expect(parts.length).toBeGreaterThan(1);
  });

  test("of a ledger that lost a blob is refused", async () => {
    const { disk } = await sampleLedger(6);
    const shelf = (await disk.list(`${SOURCE}/blobs`))[0] ?? "";
    const blob = (await disk.list(`${SOURCE}/blobs/${shelf}`))[0] ?? "";
    await disk.remove(`${SOURCE}/blobs/${shelf}/${blob}`);
    await expect(exported(disk, SOURCE)).rejects.toMatchObject({ code: "ledger_damaged", message: expect.stringContaining(blob) });
  });

  test("of a log that lost what was durable once is refused, and so is a place without a ledger", async () => {
    const { disk } = await sampleLedger(7);
    const segment = (await disk.list(`${SOURCE}/segments`)).at(-1) ?? "";
    const file = await disk.open(`${SOURCE}/segments/${segment}`, "update");
    await file.truncate((await file.size()) - 10);
    await expect(exported(disk, SOURCE)).rejects.toMatchObject({
      code: "ledger_damaged",
      message: expect.stringContaining("were durable once"),
    });
    await expect(exported(disk, "/nowhere")).rejects.toMatchObject({ code: "ledger_missing" });
  });
});
