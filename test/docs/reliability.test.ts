// docs/reliability.md is complete: every reliability test is named there with a command that can be typed, every id has its row, and every row its result.

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../architecture/source-file.ts";
import { readPage, tableUnder } from "./pages.ts";

/** Tests beside the rows: of one fault that was found once. */
const OF_ONE_FAULT = ["gate-opened-anew.test.ts", "repeat-of-early.test.ts", "same-deadline.test.ts"];

const page = readPage("docs/reliability.md");
const rows = tableUnder(page, "How it is tested");

describe("docs/reliability.md", () => {
  it("has a row for R1 to R20", () => {
    const ids = new Set(rows.map(([id]) => id));
    expect(Array.from({ length: 20 }, (_, index) => `R${index + 1}`).filter((id) => !ids.has(id))).toEqual([]);
  });

  it("says in each row how many there were, what came of it, and how to do it again", () => {
    expect(rows.filter((row) => row.length !== 5 || row.includes(""))).toEqual([]);
    expect(
      rows.map(([, , , , command = ""]) => command).filter((command) => !/^`(?:[A-Z_]+=\d+ )?npx vitest run \S/.test(command)),
    ).toEqual([]);
  });

  it("names files that are there, and every test of reliability", async () => {
    const named = [...page.matchAll(/test\/[\w/.-]+/g)].map(([path]) => path);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    const tests = (await readdir(join(ROOT, "test/reliability"))).filter(
      (name) => name.endsWith(".test.ts") && !OF_ONE_FAULT.includes(name),
    );
    expect(tests.filter((name) => !named.includes(`test/reliability/${name}`))).toEqual([]);
    expect(tests.length).toBeGreaterThan(15);
  });

  it("is in the list of pages", () => {
    expect(readPage("docs/README.md")).toContain("(reliability.md)");
  });
});
