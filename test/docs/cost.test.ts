// docs/cost.md is true: its snippets are type-checked, run, and print what the page shows; it names what is refused, and the commands.

import { describe, expect, it } from "vitest";
import { blocksOf, exampleFolder, playPage, readPage, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/cost.md";
const page = readPage(PAGE);
const folder = exampleFolder("cost-");
writePrograms(folder, page);

describe("docs/cost.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints before.ts", "prints afterwards.ts", "prints budget.ts"]);
    expect(made.every(({ text }) => text !== "")).toBe(true);
  });

  it("has snippets without a type error", async () => {
    expect(blocksOf(page).filter(({ file }) => file !== undefined).length).toBe(4);
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names what is refused, and the commands", () => {
    for (const code of ["bad_prices", "budget_exhausted", "unpriced"]) expect(page).toContain(`\`${code}\``);
    for (const command of ["plan press", "cost <run>", "run press"]) expect(page).toContain(`kindling ${command}`);
  });
});
