// docs/models.md is true: its programs are type-checked, run, and print what the page shows; it names every option, every provider and every code.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { optionsIn } from "./options.ts";
import { exampleFolder, playPage, readPage, ROOT, shownIn, tableUnder, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/models.md";
const page = readPage(PAGE);
const folder = exampleFolder("models-");
writePrograms(folder, page);

describe("docs/models.md", () => {
  it("shows what its programs print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints providers.ts", "prints caching.ts", "prints errors.ts"]);
    expect(made.map(({ text }) => text).join("")).not.toContain("the-secret-key");
  });

  it("has programs without a type error", async () => {
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names every option of every provider", () => {
    const shared = tableUnder(page.replace("### Of", "## Of"), "Options").map(([cell = ""]) => cell.replaceAll("`", ""));
    expect(shared.toSorted()).toEqual(optionsIn("providers/http/sdk.ts", "HttpOptions"));
    for (const [provider, type] of [
      ["anthropic", "AnthropicOptions"],
      ["openai", "OpenAIOptions"],
      ["ollama", "OllamaOptions"],
    ] as const) {
      const own = [...page.matchAll(new RegExp(`^\\| \`${provider}\` \\| \`(\\w+)\` \\|`, "gm"))].map(([, option = ""]) => option);
      expect(own.toSorted()).toEqual(optionsIn(`providers/${provider}.ts`, type).filter((option) => !shared.includes(option)));
    }
  });

  it("names every code of a model's error", () => {
    const [, union = ""] = /export type ModelErrorCode =([^;]+);/.exec(readPage("src/model/model.ts")) ?? [];
    const codes = [...union.matchAll(/"(\w+)"/g)].map(([, code = ""]) => code);
    const named = tableUnder(page, "Errors").flatMap(([cell = ""]) => cell.replaceAll("`", "").split(", "));
    expect(named.toSorted()).toEqual(codes.toSorted());
  });

  it("links to what is there", () => {
    const targets = [...page.matchAll(/\]\((?!https:|#)([^)#]+)/g)].map(([, target = ""]) => target);
    for (const target of targets) expect(existsSync(join(ROOT, "docs", target)), target).toBe(true);
  });
});
