// docs/telemetry.md is true: its snippets are type-checked, run, and print what the page shows; it names every span, every metric and every observation.

import { describe, expect, it } from "vitest";
import type { Observation } from "../../src/index.ts";
import { METRIC, OPERATION } from "../../src/observe/genai.ts";
import { blocksOf, exampleFolder, playPage, readPage, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/telemetry.md";
const page = readPage(PAGE);
const folder = exampleFolder("telemetry-");
writePrograms(folder, page);

/** The compiler sees to it that none is missing. */
const OBSERVATIONS: Readonly<Record<Observation["type"], true>> = {
  "run.began": true,
  "run.rested": true,
  "node.began": true,
  "node.ended": true,
  "model.began": true,
  "model.ended": true,
  "wait.opened": true,
  "wait.closed": true,
};

describe("docs/telemetry.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints traced.ts", "prints observer.ts", "prints redacted.ts"]);
  });

  it("has snippets without a type error", async () => {
    expect(blocksOf(page).filter(({ file }) => file !== undefined).length).toBe(4);
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names what there is", () => {
    for (const operation of Object.values(OPERATION)) expect(page).toContain(`\`${operation}\``);
    for (const type of Object.keys(OBSERVATIONS)) expect(page).toContain(`\`${type}\``);
    const families = Object.values(METRIC).map((name) =>
      name.replace(/^gen_ai\.client\.inference(\.\w+)(\..*)?$/, (_, family: string, rest?: string) =>
        rest === undefined ? family.slice(1) : `${family}.*`,
      ),
    );
    for (const name of families) expect(page).toContain(name);
  });
});
