// docs/stats.md is true: it names every figure, every alert with its default, and every option.

import { ALERT_NAMES, createRuntime, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { grammar } from "../../src/cli/grammar.ts";
import { readPage, tableUnder } from "./pages.ts";

const page = readPage("docs/stats.md");

describe("docs/stats.md", () => {
  it("names every member of the figures", async () => {
    await using kindling = await createRuntime({ contracts: [], ledger: memoryLedger() });
    const members = Object.keys(await kindling.stats()).filter((name) => name !== "at");
    expect(members.length).toBeGreaterThan(7);
    for (const member of members) expect(page, member).toContain(`| \`${member}\` |`);
  });

  it("names every alert, in its order", () => {
    expect(tableUnder(page, "Alerts").map(([cell = ""]) => cell.replaceAll("`", ""))).toEqual(ALERT_NAMES);
  });

  it("names every option of the command", () => {
    const command = grammar("0", false).commands.find((each) => each.name() === "stats");
    for (const { long } of command?.options ?? []) expect(page, long ?? "").toContain(long);
  });
});
