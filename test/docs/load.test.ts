// docs/load.md is true: its snippets are type-checked, run, and print what the page shows; it names every option, every reason and every code.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exampleFolder, playPage, readPage, ROOT, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/load.md";
const page = readPage(PAGE);
const folder = exampleFolder("load-");
writePrograms(folder, page);

describe("docs/load.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints minute.ts"]);
  });

  it("has snippets without a type error", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("shows `kindling load` as it is printed", () => {
    expect(page).toContain(readFileSync(join(ROOT, "test/cli/golden/load.txt"), "utf8"));
  });

  it("names the options and the codes", () => {
    for (const name of ["calls", "perResource", "concurrency", "requestsPerMinute", "tokensPerMinute", "breaker", "faults", "pause"])
      expect(page).toContain(name);
    for (const code of ["bad_limits", "over_limit", "circuit_open", "queued"]) expect(page).toContain(`\`${code}\``);
  });
});
