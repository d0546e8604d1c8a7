// docs/evaluation.md is true: its snippets are type-checked, run, and print what the page shows; it names every option and every form of the command.

import { describe, expect, it } from "vitest";
import { blocksOf, exampleFolder, playPage, readPage, shownIn, tableUnder, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/evaluation.md";
const page = readPage(PAGE);
const folder = exampleFolder("evaluation-");
writePrograms(folder, page);

describe("docs/evaluation.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints evaluate.ts"]);
  });

  it("has snippets without a type error", async () => {
    expect(blocksOf(page).filter(({ file }) => file !== undefined).length).toBe(2);
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names the options and the commands", () => {
    const options = tableUnder(page, "In code").map(([cell = ""]) => cell.replaceAll("`", ""));
    expect(options).toEqual(["name", "concurrency", "answers", "maxUsd", "onCase", "signal"]);
    for (const command of ["eval triage --data", "eval list", "eval show", "eval diff", "list --tag"])
      expect(page).toContain(`kindling ${command}`);
  });
});
