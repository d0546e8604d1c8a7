// docs/live.md is true: its snippets are type-checked, run, and print what the page shows; it names every event, every kind and the bounds.

import { describe, expect, it } from "vitest";
import { REPLY_LIMIT } from "../../src/host/live/reply-text.ts";
import { exampleFolder, playPage, readPage, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/live.md";
const page = readPage(PAGE);
const folder = exampleFolder("live-");
writePrograms(folder, page);

describe("docs/live.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints follow.ts"]);
  });

  it("has snippets without a type error", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names the events, the kinds and the bounds", () => {
    for (const name of ["fact", "asked", "delta", "queued", "progress", "text", "reasoning", "tool-input"])
      expect(page).toContain(`\`${name}\``);
    expect(page).toContain(REPLY_LIMIT.toLocaleString("en-US"));
  });
});
