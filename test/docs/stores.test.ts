// docs/stores.md is true: its snippets are type-checked, run, and print what the page shows; it names every member of a fact.

import { createRuntime, defineStore, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { optionsIn } from "./options.ts";
import { exampleFolder, playPage, readPage, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/stores.md";
const page = readPage(PAGE);
const folder = exampleFolder("stores-");
writePrograms(folder, page);

describe("docs/stores.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual([
      "prints reminders.ts",
      "prints together.ts",
      "prints lineage.ts",
      "prints follow.ts",
      "prints versions.ts",
    ]);
  });

  it("has snippets without a type error", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names every call", () => {
    for (const call of optionsIn("src/host/fact-calls.ts", "FactCalls")) expect(page, call).toMatch(new RegExp(`kindling\\.${call}\\b`));
  });

  it("names every member of a fact", async () => {
    await using kindling = await createRuntime({ contracts: [], ledger: memoryLedger() });
    const store = kindling.store(defineStore("any", { schema: z.string() }));
    await store.write("key", "value");
    const members = Object.keys((await store.get("key")) ?? {}).filter((name) => name !== "store" && name !== "key" && name !== "act");
    expect(members.length).toBeGreaterThan(8);
    for (const member of members) expect(page).toContain(`\`${member}\``);
  });
});
