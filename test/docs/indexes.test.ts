// docs/indexes.md is true: its snippets are type-checked, run, and print what the page shows; it names every option and every change there is.

import { describe, expect, it } from "vitest";
import { optionsIn } from "./options.ts";
import { exampleFolder, playPage, readPage, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/indexes.md";
const page = readPage(PAGE);
const folder = exampleFolder("indexes-");
writePrograms(folder, page);

describe("docs/indexes.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints due.ts", "prints relations.ts", "prints watch.ts"]);
  });

  it("has snippets without a type error", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names every option of a question, every end of a part, and every change", () => {
    for (const option of optionsIn("src/store/query.ts", "QueryOptions")) expect(page, option).toContain(option);
    for (const end of optionsIn("src/store/index-value.ts", "IndexRange")) expect(page, end).toContain(`{ ${end}:`);
    for (const type of ["enter", "update", "leave"]) expect(page).toContain(`\`${type}\``);
  });
});
