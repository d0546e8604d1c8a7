// docs/mcp-tasks.md is true: its program is type-checked, run, and prints what the page shows; it names what a task says and the codes of its errors.

import { describe, expect, it } from "vitest";
import { exampleFolder, playPage, readPage, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/mcp-tasks.md";
const page = readPage(PAGE);
const folder = exampleFolder("mcp-tasks-");
writePrograms(folder, page);

describe("docs/mcp-tasks.md", () => {
  it("shows what its program prints", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints trip.ts"]);
  });

  it("has a program without a type error", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names how a task may stand, its methods and the codes of its errors", () => {
    for (const name of ["working", "input_required", "completed", "failed", "cancelled", "tasks/get", "tasks/update", "tasks/cancel"])
      expect(page).toContain(`\`${name}\``);
    for (const code of ["-32602", "-32021"]) expect(page).toContain(`\`${code}\``);
  });
});
