// docs/prompts.md is true: its snippets are type-checked, run, and print what the page shows; every key of the header and every command stands in its tables.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { grammar } from "../../src/cli/grammar.ts";
import { SETTING_KEYS } from "../../src/model/prompt-settings.ts";
import { exampleFolder, playPage, readPage, ROOT, shownIn, tableUnder, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/prompts.md";
const page = readPage(PAGE);
const folder = exampleFolder("prompts-");
writePrograms(folder, page);

describe("docs/prompts.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made).toHaveLength(3);
  });

  it("has snippets without a type error", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names every key of the header, and every command", () => {
    const format = tableUnder(page, "The format").map(([cell = ""]) => cell);
    for (const key of ["name", "description", "inputs", "untrusted", ...SETTING_KEYS]) expect(format.join(" ")).toContain(`\`${key}\``);
    const prompts = grammar("0", false).commands.find((command) => command.name() === "prompts");
    const told = tableUnder(page, "Versions").map(([cell = ""]) => /^`kindling prompts (\w+)/.exec(cell)?.[1]);
    expect(new Set(told)).toEqual(new Set(prompts?.commands.map((command) => command.name())));
  });

  it("links to places that are there", () => {
    const targets = [...page.matchAll(/\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g)].flatMap(([, target]) => target ?? []);
    expect(targets.filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(ROOT, "docs", target)))).toEqual([]);
    const findings = readPage("docs/findings.md");
    for (const [, code = ""] of page.matchAll(/findings\.md#(\w+)/g)) expect(findings).toContain(`### \`${code}\``);
  });
});
