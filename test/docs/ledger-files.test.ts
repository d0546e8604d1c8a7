// docs/ledger-files.md is true: its snippets are type-checked, run, and print what the page shows; it names every function, every name in a ledger folder and every refusal of an import.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { blocksOf, exampleFolder, playPage, readPage, shownIn, tableUnder, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/ledger-files.md";
const page = readPage(PAGE);
const folder = exampleFolder("ledger-files-");
writePrograms(folder, page);

describe("docs/ledger-files.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints follow.ts", "prints backup.ts", "prints salvage.ts"]);
  });

  it("has snippets without a type error", async () => {
    expect(blocksOf(page).filter(({ file }) => file !== undefined).length).toBe(4);
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names everything that lies in the folder of a ledger", async () => {
    const place = join(await temporaryFolder(), "ledger");
    await using ledger = await fileLedger(place).open({ access: "write" });
    await ledger.append([{ run: "one", expected: 0, facts: [{ a: 1 }] }]);
    const named = tableUnder(page, "What lies in the folder")
      .map(([cell = ""]) => cell)
      .join(" ");
    for (const name of await readdir(place)) expect(named).toContain(name);
  });

  it("names every way an import is refused", () => {
    const codes = [...readPage("src/ledger/copy-refusals.ts").matchAll(/"(import_(?!no_export)\w+)"/g)].map(([, code]) => code ?? "");
    expect(codes.length).toBeGreaterThan(5);
    for (const code of codes) expect(page).toContain(code);
  });
});
