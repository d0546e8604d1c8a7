// The rules of this code base that a machine can check, run over the whole project. Each check is in test/architecture/, with its own tests.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importCycles, unknownTargets } from "./architecture/imports.ts";
import { layerProblems } from "./architecture/layers.ts";
import { lengthProblems } from "./architecture/lengths.ts";
import { publicNames, publicNamesText, undocumentedNames } from "./architecture/public-names.ts";
import { kindNames, kindProblems, purityProblems } from "./architecture/purity.ts";
import { projectPaths, projectSource, ROOT } from "./architecture/source-file.ts";
import { fileNameProblems, identifierProblems, textProblems } from "./architecture/words.ts";

/** Files (`path`) and functions (`path#name`) that may be longer than the limits, each with its reason. */
const ALLOWED_LENGTHS: Readonly<Record<string, string>> = {
  "test/conformance/ledger.ts": "everything a ledger promises, as one list: splitting it would hide what a new implementation owes",
  "test/ledger/simulated-disk.ts": "one machine of files, pages and faults, whose parts are of no use alone",
};

/** Files in which a text rule finds something that is right all the same: `path` and why. */
const ALLOWED_TEXTS: Readonly<Record<string, string>> = {
  "test/architecture/checks.test.ts": "shows the text rules what they must find",
};

const GOLDEN = join(ROOT, "test/fixtures/public-names.txt");
const paths = projectPaths();
const files = projectSource();

function ownExports(): Readonly<Record<string, unknown>> {
  // The cast holds: it is our own package.json.
  return (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { exports: Record<string, unknown> }).exports;
}

describe("the code", () => {
  it("imports values along the arrows only", () => {
    expect(layerProblems(files)).toEqual([]);
  });

  it("names existing files in its imports", () => {
    expect(unknownTargets(files, new Set(paths))).toEqual([]);
  });

  it("has no cycle of value imports", () => {
    expect(importCycles(files)).toEqual([]);
  });

  it("keeps files and functions short", () => {
    expect(lengthProblems(files, ALLOWED_LENGTHS)).toEqual([]);
  });

  it("keeps clock, chance and the world out of the pure layers", () => {
    expect(purityProblems(files)).toEqual([]);
  });

  it("asks for no node kind outside src/nodes", () => {
    expect(kindProblems(files, kindNames(paths))).toEqual([]);
  });
});

describe("the words", () => {
  it("of file names say what is in the file", () => {
    expect(fileNameProblems(paths)).toEqual([]);
  });

  it("of identifiers in the core are the project's", () => {
    expect(identifierProblems(files)).toEqual([]);
  });

  it("of all texts are fit to be published", () => {
    const found = paths.map((path) => ({ path, problems: textProblems(path, readFileSync(join(ROOT, path), "utf8")) }));
    expect(found.filter(({ path }) => !Object.hasOwn(ALLOWED_TEXTS, path)).flatMap(({ problems }) => problems)).toEqual([]);
    const stale = Object.keys(ALLOWED_TEXTS).filter((path) => !found.some((file) => file.path === path && file.problems.length > 0));
    expect(stale, "texts that are allowed to be wrong and are not").toEqual([]);
  });
});

describe("the public names", () => {
  const names = publicNames(files);

  it("are those of the golden file (UPDATE_GOLDEN=1 rewrites it)", () => {
    const text = publicNamesText(names);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(GOLDEN, text);
    expect(text).toBe(existsSync(GOLDEN) ? readFileSync(GOLDEN, "utf8") : "");
  });

  it("have a TSDoc comment each", () => {
    expect(undocumentedNames(names)).toEqual([]);
  });

  it("end at the provider files: every folder beside them is closed in the exports of package.json", () => {
    const folders = paths.flatMap((path) => /^providers\/([\w-]+)\//.exec(path)?.[1] ?? []);
    const closed = Object.entries(ownExports()).flatMap(([entry, target]) => (target === null ? [entry] : []));
    expect(closed.sort()).toEqual([...new Set(folders)].sort().map((folder) => `./providers/${folder}/*`));
  });

  it("are listed one by one", () => {
    expect(names.filter(({ name }) => name.startsWith("*") || name === "default")).toEqual([]);
  });
});
