// docs/nodes/ is true: every kind has a page, every option stands in its table, and every example is type-checked, run and drawn as the page shows it.

import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { literalText, nodeAt, nodesAt, sourceFile } from "../architecture/source-file.ts";
import { codesIn, optionsIn, optionsOfMethods } from "./options.ts";
import { exampleFolder, playPage, readPage, ROOT, shownIn, tableUnder, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

/** Files of the registry whose page is the contract's: they make no node. */
const NO_NODES = ["scope", "present"];
/** What an option's row is called that the author writes without its name. */
const POSITIONAL = /argument\)/;
/** Findings of a file that kinds share, and that this kind has no use for. */
const NOT_MADE: Readonly<Record<string, readonly string[]>> = {
  aggregate: ["executor_input_type", "executor_input_missing", "executor_input_unknown"],
  // How conversations and calls of tools fail in a run.
  llm: ["refused", "truncated", "context_too_long", "tool_rejected", "tool_uncertain"],
};
const SECTIONS = ["Example", "Options", "Findings", "In the graph", "What happens", "What it does not do"];

/** The files of src/nodes that the registry imports methods from. */
const kinds = nodesAt(sourceFile("src/nodes/index.ts", readPage("src/nodes/index.ts")).program, "body")
  .filter((node) => node.type === "ImportDeclaration")
  .flatMap((node) => literalText(nodeAt(node, "source")) ?? [])
  .map((path) => basename(path, ".ts"))
  .filter((name) => name !== "kind");

const pages = readdirSync(join(ROOT, "docs/nodes")).map((file) => basename(file, ".md"));
const kindPages = kinds.filter((kind) => !NO_NODES.includes(kind));
const read = (page: string) => readPage(`docs/nodes/${page}.md`);

const folder = exampleFolder("nodes-");
for (const page of pages) writePrograms(join(folder, page), read(page));

/** The files a kind is made of: its own, and those it imports that are no kinds and not what all share. */
function filesOf(kind: string): readonly string[] {
  const path = `src/nodes/${kind}.ts`;
  const imported = nodesAt(sourceFile(path, readPage(path)).program, "body")
    .flatMap((node) => literalText(nodeAt(node, "source")) ?? [])
    .filter((from) => from.startsWith("./"))
    .map((from) => basename(from, ".ts"))
    .filter((name) => !kinds.includes(name) && name !== "kind" && name !== "index");
  return [path, ...imported.map((name) => `src/nodes/${name}.ts`)];
}

const namesIn = (page: string, isPositional: boolean) =>
  tableUnder(read(page), "Options")
    .filter(([cell = ""]) => POSITIONAL.test(cell) === isPositional)
    .map(([cell = ""]) => /^`(\w+)`/.exec(cell)?.[1] ?? cell)
    .toSorted();

describe("docs/nodes", () => {
  it("has a page for every kind of the registry, for inputs and for contracts, and no other", () => {
    expect(kinds.length).toBeGreaterThan(15);
    expect(pages.toSorted()).toEqual([...kindPages, "input", "contract"].toSorted());
  });

  it.each(kindPages)("names every option of %s in its table, and none that is not there", (kind) => {
    expect(namesIn(kind, false)).toEqual(optionsOfMethods(`src/nodes/${kind}.ts`));
  });

  it("names every option of a contract, of its schedule, of what starts it and of a migration", () => {
    const named = ["ContractOptions", "ScheduleOptions", "StartOptions", "MigrationOptions"].flatMap((type) =>
      optionsIn("src/dsl/contract.ts", type),
    );
    expect(named.length).toBeGreaterThan(15);
    const rows = tableUnder(read("contract"), "Options").map(([cell = ""]) => cell.replaceAll("`", ""));
    const names = rows.map((row) => row.replace(/^(schedule|start|migrate)\./, ""));
    expect([...new Set(names)].toSorted()).toEqual([...new Set(named)].toSorted());
  });

  it("tells of what makes no node on the page of contracts", () => {
    for (const name of NO_NODES) expect(read("contract")).toContain(`\`g.${name}(`);
  });

  it.each(kindPages)("says which findings %s makes", (kind) => {
    const section = read(kind).split("\n## Findings\n")[1]?.split("\n## ")[0] ?? "";
    const codes = filesOf(kind)
      .flatMap(codesIn)
      .filter((code) => NOT_MADE[kind]?.includes(code) !== true);
    for (const code of codes) expect(section, code).toContain(`\`${code}\``);
  });

  it.each(pages)("has all sections on the page of %s", (page) => {
    const titles = [...read(page).matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(titles).toEqual(expect.arrayContaining(SECTIONS));
  });

  it.each(pages)("shows on the page of %s what its example prints, and its graph", async (page) => {
    const made = await playPage(join(folder, page), read(page));
    updatePage(`docs/nodes/${page}.md`, made);
    expect(made.map(({ mark }) => mark.split(" ")[0])).toEqual(expect.arrayContaining(["prints", "graph"]));
    expect(shownIn(read(page))).toEqual(made);
  });

  it.each(pages)("links on the page of %s go to places that are there", (page) => {
    const targets = [...read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g)].flatMap(([, target]) => target ?? []);
    expect(targets.filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(ROOT, "docs/nodes", target)))).toEqual([]);
  });

  it("has examples without a type error", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });
});
