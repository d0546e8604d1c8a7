// docs/ai-sdk.md and docs/local-models.md are true: their programs are files that the tests of the examples run, every option is told, and what they
// name is there. `UPDATE_GOLDEN=1` writes the files into them.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { optionsIn } from "./options.ts";
import { readPage, ROOT, tableUnder } from "./pages.ts";

const PAGES = ["docs/ai-sdk.md", "docs/local-models.md", "examples/local-model/README.md"];
const SHOWN = /(?<=<!-- file: (?<path>\S+) -->\n```\w+\n)[\s\S]*?(?=```$)/gm;

if (process.env["UPDATE_GOLDEN"] === "1")
  for (const page of PAGES)
    writeFileSync(
      join(ROOT, page),
      readPage(page).replaceAll(SHOWN, (_text, path: string) => readPage(path)),
    );

describe.each(PAGES)("%s", (path) => {
  const page = readPage(path);

  it("shows programs as they are in their files", () => {
    for (const [text, file = ""] of page.matchAll(SHOWN)) expect(text).toBe(readPage(file));
    expect([...page.matchAll(/^```ts$/gm)]).toHaveLength([...page.matchAll(SHOWN)].length);
  });

  it("links to what is there", () => {
    const targets = [...page.matchAll(/\]\((?!https:)([^)#]+)\)/g)].map(([, target = ""]) => target);
    for (const target of targets) expect(existsSync(join(ROOT, dirname(path), target)), target).toBe(true);
  });

  it("names scripts, programs and folders that are there", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };
    for (const [, name = ""] of page.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty([name]);
    for (const [file] of page.matchAll(/\b(?:examples|test)\/[\w/-]+(?:\.\w+)?/g)) expect(existsSync(join(ROOT, file)), file).toBe(true);
  });
});

it("docs/ai-sdk.md names every option, and none that is not there", () => {
  const named = tableUnder(readPage("docs/ai-sdk.md"), "Options").map(([cell = ""]) => cell.replaceAll("`", ""));
  expect(named.toSorted()).toEqual(optionsIn("providers/ai-sdk.ts", "AiSdkOptions"));
});
