// docs/findings.md is true: every code has an entry, and every entry's example is refused or warned of with just that code. The examples are type-checked,
// so that a mistake that TypeScript sees is marked as one.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import * as kindling from "../../src/index.ts";
import type { AnyContract } from "../../src/index.ts";
import { exampleFolder, readPage, typeErrorsIn } from "./pages.ts";

const PREAMBLE = 'import { contract, promptFile } from "kindling";\nimport { z } from "zod";\n\n';

interface Entry {
  readonly code: string;
  readonly text: string;
  readonly example: string | undefined;
  /** Further files of the example, by name. */
  readonly files: ReadonlyMap<string, string>;
}

const entries = readPage("docs/findings.md")
  .split(/^### /m)
  .slice(1)
  .map((text): Entry => {
    const blocks = [...text.matchAll(/^```(?<language>\w+)(?: (?<file>\S+))?\n(?<body>[\s\S]*?)^```$/gm)].map(({ groups }) => groups ?? {});
    const files = blocks.flatMap(({ file, body }) => (file === undefined ? [] : [[file, body ?? ""] as const]));
    return {
      code: /^`(?<code>\w+)`\n/.exec(text)?.groups?.["code"] ?? "",
      text,
      example: blocks.find(({ language, file }) => language === "ts" && file === undefined)?.["body"],
      files: new Map(files),
    };
  });

/** The codes as the source declares them. */
const declared = [
  ...(/export type FindingCode =(?<codes>[^;]*);/.exec(readPage("src/graph/finding.ts"))?.groups?.["codes"] ?? "").matchAll(/"(\w+)"/g),
].map(([, code]) => code);

const folder = exampleFolder("findings-");
for (const { code, example, files } of entries) {
  writeFileSync(join(folder, `${code}.ts`), PREAMBLE + (example ?? ""));
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
}

/** What an example is told: the findings it is refused with, or those of the contract it exports. */
async function findingsOf({ code }: Entry) {
  try {
    // The example's own module: it exports the contract it is about.
    const module = (await import(pathToFileURL(join(folder, `${code}.ts`)).href)) as { readonly default: AnyContract };
    return kindling.compile(module.default).findings;
  } catch (error) {
    if (error instanceof kindling.DefinitionError) return error.findings;
    throw error;
  }
}

describe("docs/findings.md", () => {
  it("has one entry for each code, and none without a code", () => {
    expect(declared.length).toBeGreaterThan(30);
    expect(new Set(entries.map(({ code }) => code))).toEqual(new Set(declared));
    expect(entries).toHaveLength(declared.length);
  });

  it("has an example in every entry", () => {
    expect(entries.filter(({ example }) => example === undefined).map(({ code }) => code)).toEqual([]);
  });

  it.each(entries)("says of $code what it means and what cures it", ({ text }) => {
    expect(text).toMatch(/^\*\*(Error|Warning)\.\*\* \S/m);
    expect(text).toMatch(/^\*\*Cure\.\*\* \S/m);
  });

  it.each(entries)("has an example of $code that is told just that, with its severity", async (entry) => {
    const findings = await findingsOf(entry);
    expect(findings.map(({ code }) => code)).toEqual([entry.code]);
    expect(entry.text).toContain(findings[0]?.severity === "error" ? "**Error.**" : "**Warning.**");
    expect(findings[0]?.hint).toMatch(/\S/);
    // What stands in a document has its place there, which the message says.
    if (entry.example?.includes("kindling/document")) expect(findings[0]?.message).toMatch(/^\$|^\w+: /);
    else expect(findings[0]?.source?.file).toContain(`${entry.code}.ts`);
  });

  it("has examples in which TypeScript finds what they say and nothing else", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });
});
