// docs/store-commands.md is true: it names every command and every option that says something of its own.

import { describe, expect, it } from "vitest";
import { grammar } from "../../src/cli/grammar.ts";
import { optionsIn } from "./options.ts";
import { readPage } from "./pages.ts";

const page = readPage("docs/store-commands.md");
const commands = grammar("0", false).commands.find((each) => each.name() === "store")?.commands ?? [];

describe("docs/store-commands.md", () => {
  it("names every command", () => {
    expect(commands.length).toBeGreaterThan(8);
    for (const command of commands) expect(page, command.name()).toContain(`kindling store ${command.name()}`);
  });

  it("names every call of one ledger that follows another", () => {
    for (const call of optionsIn("src/host/transfer-calls.ts", "TransferCalls"))
      expect(page, call).toMatch(new RegExp(`kindling\\.${call}\\b`));
  });

  it("names every option", () => {
    // Those that are told by the help alone, since they mean there what they mean everywhere.
    const plain = new Set(["--full", "--depth", "--store"]);
    const options = new Set(commands.flatMap(({ options: each }) => each.map(({ long = "" }) => long)));
    for (const option of options) if (!plain.has(option)) expect(page, option).toContain(option);
  });
});
