// An export of sealed lines, which only the ledger they were sealed for can open: refused before anything is made or changed, with the way out.

import { randomBytes } from "node:crypto";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportLedger, importLedger } from "../../src/ledger/copies.ts";
import { HELD_BLOB_BYTES } from "../../src/ledger/export-reader.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import { ledgerFolder, readCard, writeCard } from "../../src/ledger/folder.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const SMALL = { text: "small" };
const LARGE = { text: "large".repeat(20_000) };
/** More than is held before the lines that name it. */
const HUGE = Array.from({ length: 5 }, (_, index) => ({ text: String(index).repeat(HELD_BLOB_BYTES / 4) }));

test.each([
  ["small values", [SMALL]],
  ["a large value at its beginning", [LARGE, SMALL]],
  ["more large values than are held", HUGE],
])("sealed lines with %s are not imported without their keys, and nothing is made for them", async (_, facts) => {
  const { base, lines } = await sealedExport(facts);
  const copy = join(base, "copy");
  await expect(importLedger(copy, lines())).rejects.toMatchObject({
    code: "ledger_key_missing",
    fix: expect.stringContaining("kindling backup"),
  });
  expect(await readdir(base)).not.toContain("copy");
});

test("sealed lines do not get behind those of the same ledger that is there", async () => {
  const { base, lines, id } = await sealedExport([SMALL]);
  const copy = join(base, "copy");
  await (await fileLedger(copy, { newId: () => id }).open({ access: "write" })).close();
  const before = await readdir(copy, { recursive: true });
  await expect(importLedger(copy, lines())).rejects.toMatchObject({
    code: "ledger_key_missing",
    message: expect.stringMatching(/line \d+ of the export/),
  });
  await using ledger = await fileLedger(copy).open({ access: "read" });
  expect(ledger.position).toBe(0);
  expect((await readdir(copy, { recursive: true })).filter((name) => name.endsWith(".jsonl"))).toEqual(
    before.filter((name) => name.endsWith(".jsonl")),
  );
});

/** What would come out of an encrypted ledger whose keys were taken away, and its card's word of them. */
async function sealedExport(facts: readonly { readonly text: string }[]) {
  const base = await temporaryFolder();
  const folder = join(base, "ledger");
  const key = { file: join(base, "master.key") };
  await writeFile(key.file, randomBytes(32).toString("hex"), { mode: 0o600 });
  const ledger = await fileLedger(folder, { key }).open({ access: "write" });
  await ledger.append([{ run: "one", expected: 0, facts }]);
  await ledger.close();
  await expect(exportLedger(folder, () => undefined)).rejects.toMatchObject({
    code: "ledger_sealed",
    fix: expect.stringContaining("backup"),
  });
  const paths = ledgerFolder(folder);
  const { id = "", created = 0 } = (await readCard(realDisk, paths)) ?? {};
  await writeCard(realDisk, paths, id, created, undefined);
  await rm(paths.keys, { recursive: true });
  const parts: Uint8Array[] = [];
  await exportLedger(folder, (bytes) => void parts.push(Uint8Array.from(bytes)));
  const lines = async function* () {
    yield* parts;
  };
  return { base, id, lines };
}
