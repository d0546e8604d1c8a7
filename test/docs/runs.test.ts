// docs/runs.md is true: its snippets are type-checked, run, and print what the page shows; every call of the client is named on it. And docs/README.md, the
// table of contents, names every page.

import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { methodsOf } from "./options.ts";
import { blocksOf, exampleFolder, playPage, readPage, ROOT, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/runs.md";
const page = readPage(PAGE);
const folder = exampleFolder("runs-");
writePrograms(folder, page);

describe("docs/runs.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.length).toBeGreaterThan(15);
  });

  it("shows for each snippet what it prints", () => {
    const files = blocksOf(page).flatMap(({ file, language }) => (file === undefined || language !== "ts" ? [] : [file]));
    const marks = shownIn(page).map(({ mark }) => mark.split(" ").at(-1));
    expect(new Set(marks)).toEqual(new Set(files));
  });

  it("names every call of the client", () => {
    const calls = methodsOf("src/host/client.ts", "RunCalls");
    expect(calls.length).toBeGreaterThan(15);
    for (const call of calls) expect(page, call).toMatch(new RegExp(`\\b${call}\\b`));
  });

  it("links to places that are there", () => {
    const targets = [...page.matchAll(/\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g)].flatMap(([, target]) => target ?? []);
    expect(targets.filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(ROOT, "docs", target)))).toEqual([]);
  });

  it("has snippets without a type error", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });
});

describe("docs/README.md", () => {
  it("names every page once, and none that is not there", () => {
    const pages = globSync("**/*.md", { cwd: join(ROOT, "docs") }).filter((name) => name !== "README.md");
    const targets = [...readPage("docs/README.md").matchAll(/\]\((?<target>[^)#\s]+\.md)\)/g)].map(
      ({ groups }) => groups?.["target"] ?? "",
    );
    const inside = targets.filter((target) => !target.startsWith("../"));
    expect(inside.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(pages.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(targets.filter((target) => !existsSync(join(ROOT, "docs", target)))).toEqual([]);
  });
});
