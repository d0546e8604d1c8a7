// docs/testing.md is true: its snippets are type-checked, run, and print what the page shows; its test runs here, with the recording beside it; it names every
// matcher, every name of the entry, and the commands.

import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { projectSource } from "../architecture/source-file.ts";
import { publicNames } from "../architecture/public-names.ts";
import { blocksOf, exampleFolder, playPage, readPage, shownIn, tableUnder, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";
import { methodsOf } from "./options.ts";

const PAGE = "docs/testing.md";
const page = readPage(PAGE);
const folder = exampleFolder("testing-");
writePrograms(folder, page);

const block = (name: string) => blocksOf(page).find(({ file }) => file === name)?.text ?? "";
const beside = (name: string) => new URL(name, import.meta.url);

describe("docs/testing.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints scripted.ts", "prints replay.ts"]);
  });

  it("shows the contract and the test that stand beside this one (UPDATE_GOLDEN=1 writes them)", () => {
    for (const name of ["letter.ts", "letter.test.ts"]) {
      if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(beside(name), block(name));
      expect(readFileSync(beside(name), "utf8")).toBe(block(name));
    }
  });

  it("has snippets without a type error", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names every matcher and everything that is for tests", () => {
    const matchers = tableUnder(page, "Matchers for vitest").map(([cell = ""]) => /\w+/.exec(cell)?.[0] ?? "");
    expect([...matchers].sort()).toEqual([...methodsOf("src/testing/vitest.ts", "KindlingMatchers")].sort());
    const values = publicNames(projectSource()).filter(({ entry, isType }) => entry === "kindling/testing" && !isType);
    const known = ["readRunRecording", "writeRunRecording"];
    for (const { name } of values) if (!known.includes(name)) expect(page, name).toMatch(new RegExp(`\\b${name}\\b`));
    for (const command of ["record <run>", "record --update", "replay"]) expect(page).toContain(`kindling ${command}`);
  });
});
