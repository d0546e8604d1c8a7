// docs/tools.md is true: its snippets are type-checked, run, and print what the page shows; it names every option of a tool and every code.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  blocksOf,
  exampleFolder,
  playPage,
  readPage,
  ROOT,
  shownIn,
  tableUnder,
  typeErrorsIn,
  updatePage,
  writePrograms,
} from "./pages.ts";

const PAGE = "docs/tools.md";
const page = readPage(PAGE);
const folder = exampleFolder("tools-");
writePrograms(folder, page);

describe("docs/tools.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints agent.ts", "prints gate.ts"]);
    expect(made.every(({ text }) => text !== "")).toBe(true);
  });

  it("has snippets without a type error", async () => {
    expect(blocksOf(page).filter(({ file }) => file !== undefined).length).toBe(2);
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names every option of a tool", () => {
    const source = readFileSync(join(ROOT, "src/graph/tool.ts"), "utf8");
    const options = /export interface ToolOptions<[^{]*\{(?<body>[\s\S]*?)^\}/m.exec(source)?.groups?.["body"] ?? "";
    const names = [...options.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name = ""]) => name);
    const rows = tableUnder(page, "What a tool says of itself").map(([cell = ""]) => cell.replaceAll("`", ""));
    expect(new Set(rows)).toEqual(new Set(names));
    expect(rows).toHaveLength(names.length);
  });

  it("names what can happen", () => {
    for (const word of [
      "tool_uncertain",
      "turns_exhausted",
      "tool.called",
      "tool.returned",
      "tool.uncertain",
      "tool.approval",
      "tool.outcome",
    ])
      expect(page).toContain(word);
  });
});
