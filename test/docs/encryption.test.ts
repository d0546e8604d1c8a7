// docs/encryption.md is true: its snippets are type-checked, run, and print what the page shows; it names every refusal that has to do with keys, and every command.

import { describe, expect, it } from "vitest";
import { blocksOf, exampleFolder, playPage, readPage, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/encryption.md";
const page = readPage(PAGE);
const folder = exampleFolder("encryption-");
writePrograms(folder, page);

describe("docs/encryption.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints erase.ts", "prints backup.ts", "prints rotate.ts"]);
    expect(made.every(({ text }) => text !== "")).toBe(true);
  });

  it("has snippets without a type error", async () => {
    expect(blocksOf(page).filter(({ file }) => file !== undefined).length).toBe(4);
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names what is refused, and the commands", () => {
    for (const code of [
      "ledger_key_missing",
      "ledger_key_wrong",
      "ledger_not_encrypted",
      "ledger_locked",
      "ledger_sealed",
      "run_erased",
      "run_open",
    ])
      expect(page).toContain(code);
    for (const command of ["erase <run>", "list --erased", "keys rotate", "keys check", "backup"])
      expect(page).toContain(`kindling ${command}`);
  });
});
