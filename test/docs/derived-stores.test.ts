// docs/derived-stores.md is true: its snippets are type-checked, run, and print what the page shows; it names every option and call.

import { describe, expect, it } from "vitest";
import { optionsIn } from "./options.ts";
import { exampleFolder, playPage, readPage, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/derived-stores.md";
const page = readPage(PAGE);
const folder = exampleFolder("derived-stores-");
writePrograms(folder, page);

describe("docs/derived-stores.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints availability.ts", "prints overview.ts", "prints faults.ts"]);
  });

  it("has snippets without a type error", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names every option of a rule, and every call", () => {
    for (const options of ["ComputeOptions", "ReduceOptions", "GatherOptions"])
      for (const option of optionsIn("src/store/derive.ts", options)) expect(page, option).toContain(`\`${option}\``);
    for (const call of optionsIn("src/host/derivation-calls.ts", "DerivationCalls"))
      expect(page, call).toContain(`kindling.derivations.${call}(`);
  });
});
