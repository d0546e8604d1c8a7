// docs/stores-in-contracts.md is true: its snippets are type-checked, run, and print what the page shows.

import { describe, expect, it } from "vitest";
import { optionsIn } from "./options.ts";
import { exampleFolder, playPage, readPage, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/stores-in-contracts.md";
const page = readPage(PAGE);
const folder = exampleFolder("stores-in-contracts-");
writePrograms(folder, page);

describe("docs/stores-in-contracts.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints remind.ts", "prints calls.ts", "prints order.ts", "prints memory.ts"]);
  });

  it("names every option of the tools", () => {
    const options = ["StoreToolOptions", "HistoryToolOptions"].flatMap((type) => optionsIn("src/dsl/store-tools.ts", type));
    expect(new Set(options).size).toBeGreaterThan(8);
    for (const option of options) expect(page, option).toMatch(new RegExp(`^\\|.*\`${option}\`.*\\|`, "m"));
  });

  it("has snippets without a type error", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });
});
