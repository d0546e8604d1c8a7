// docs/keeping-facts.md is true: its snippets are type-checked, run, and print what the page shows; it names every call, reason and member of a receipt.

import { createRuntime, defineStore, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { optionsIn } from "./options.ts";
import { exampleFolder, playPage, readPage, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/keeping-facts.md";
const page = readPage(PAGE);
const folder = exampleFolder("keeping-facts-");
writePrograms(folder, page);

describe("docs/keeping-facts.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints retention.ts", "prints boundary.ts"]);
  });

  it("has snippets without a type error", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names every call", () => {
    for (const call of optionsIn("src/host/keeping-calls.ts", "KeepingCalls"))
      expect(page, call).toMatch(new RegExp(`kindling\\.${call}\\b`));
  });

  it("names every member of a receipt and of a plan", async () => {
    await using kindling = await createRuntime({ contracts: [], ledger: memoryLedger() });
    const things = defineStore("things", { schema: z.string(), retention: { last: 1 } });
    for (const value of ["a", "b"]) await kindling.store(things).write("key", value);
    const { receipts } = await kindling.compactFacts({ stores: [things] });
    const members = receipts.flatMap((receipt) => Object.keys(receipt));
    expect(members.length).toBeGreaterThan(8);
    for (const member of members) expect(page).toContain(`\`${member}\``);
  });
});
