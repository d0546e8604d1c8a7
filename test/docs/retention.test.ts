// docs/retention.md is true: its snippets are type-checked, run, and print what the page shows; it names every reason for which a run stays, every code, and every command.

import { describe, expect, it } from "vitest";
import { blocksOf, exampleFolder, playPage, readPage, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/retention.md";
const page = readPage(PAGE);
const folder = exampleFolder("retention-");
writePrograms(folder, page);

describe("docs/retention.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints compact.ts", "prints archive.ts"]);
    expect(made.every(({ text }) => text !== "")).toBe(true);
  });

  it("has snippets without a type error", async () => {
    expect(blocksOf(page).filter(({ file }) => file !== undefined).length).toBe(3);
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names what is refused, why runs stay, and the commands", () => {
    for (const code of ["bad_retention", "run_compacted", "as_of_too_early", "cursor_too_old"]) expect(page).toContain(code);
    for (const reason of ["open_inside", "follows", "dead_letters", "in_use", "unreadable"]) expect(page).toContain(`\`${reason}\``);
    for (const command of ["compact", "compact --keep", "list --compacted", "show <run>"]) expect(page).toContain(`kindling ${command}`);
  });
});
