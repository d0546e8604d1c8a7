// Every architecture check can fail: each is shown a small wrong text, and a right one beside it.

import { describe, expect, it } from "vitest";
import { importCycles, importsOf, unknownTargets } from "./imports.ts";
import { layerOf, layerProblems } from "./layers.ts";
import { lengthProblems } from "./lengths.ts";
import { entries, publicNames, publicNamesText, undocumentedNames } from "./public-names.ts";
import { kindNames, kindProblems, purityProblems } from "./purity.ts";
import { type SourceFile, sourceFile } from "./source-file.ts";
import { fileNameProblems, identifierProblems, textProblems, wordsOf } from "./words.ts";

/** Source files from `path: text`. */
function given(texts: Readonly<Record<string, string>>): readonly SourceFile[] {
  return Object.entries(texts).map(([path, text]) => sourceFile(path, text));
}

describe("imports", () => {
  it("are told apart: values, types, mixed, for effect only, dynamic, exported, inside a type", () => {
    const file = sourceFile(
      "src/run/a.ts",
      [
        'import { a } from "./value.ts";',
        'import type { B } from "./type.ts";',
        'import { type C } from "./inline-type.ts";',
        'import { type D, d } from "./mixed.ts";',
        'import "./effect.ts";',
        'export { e } from "./exported.ts";',
        'export type { F } from "./exported-type.ts";',
        'export * from "./all.ts";',
        'type G = import("./in-type.ts").G;',
        'const text = "import { no } from \\"./string.ts\\"";  // import { no } from "./comment.ts"',
        'const late = () => import("./dynamic.ts");',
      ].join("\n"),
    );
    const values = importsOf(file).filter(({ typeOnly }) => !typeOnly);
    const types = importsOf(file).filter(({ typeOnly }) => typeOnly);
    expect(values.map(({ specifier }) => specifier)).toEqual([
      "./value.ts",
      "./mixed.ts",
      "./effect.ts",
      "./exported.ts",
      "./all.ts",
      "./dynamic.ts",
    ]);
    expect(types.map(({ specifier }) => specifier)).toEqual(["./type.ts", "./inline-type.ts", "./exported-type.ts", "./in-type.ts"]);
  });

  it("of files that are not there are found, also through the package's own name", () => {
    const files = given({
      "src/a.ts": 'import "./b.ts"; import "./c.ts"; import "kindling/testing"; import "kindling/inner"; import "zod";',
    });
    expect(unknownTargets(files, new Set(["src/a.ts", "src/b.ts", "src/testing.ts"]))).toEqual([
      'src/a.ts:1 imports "./c.ts", which is no file of this project',
      'src/a.ts:1 imports "kindling/inner", which is no file of this project',
    ]);
  });

  it("in a circle are found once, type imports make none", () => {
    const files = given({
      "src/a.ts": 'import { b } from "./b.ts";',
      "src/b.ts": 'import { c } from "./c.ts"; import type { D } from "./d.ts";',
      "src/c.ts": 'import { a } from "kindling"; import { a } from "./a.ts";',
      "src/d.ts": 'import { b } from "./b.ts";',
    });
    expect(importCycles(files)).toEqual(["src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts"]);
  });
});

describe("layers", () => {
  it("are known by the path", () => {
    const paths = [
      "src/json.ts",
      "src/index.ts",
      "src/testing.ts",
      "src/run/fold.ts",
      "src/run/deep/fold.ts",
      "mcp/index.ts",
      "test/a.test.ts",
    ];
    expect(paths.map(layerOf)).toEqual(["base", "index", "testing", "run", "run", "mcp", undefined]);
  });

  it("refuse a value import against the arrows and let a type import pass", () => {
    const files = given({
      "src/graph/graph.ts":
        'import { run } from "../run/run.ts"; import type { Run } from "../run/run.ts"; import { json } from "../json.ts";',
      "src/run/run.ts": 'import { graph } from "../graph/graph.ts";',
    });
    expect(layerProblems(files, undefined, {})).toEqual([
      "src/graph/graph.ts:1 imports values against the arrows: graph -> run (../run/run.ts)",
    ]);
  });

  it("let the surfaces see the public index only, even for types", () => {
    const files = given({
      "providers/a.ts":
        'import { x } from "kindling"; import { y } from "../src/model/model.ts"; import type { Z } from "../src/model/model.ts";',
      "src/cli/run.ts":
        'import type { Fact } from "../run/fact.ts"; import { start } from "../index.ts"; import { serve } from "../web/serve.ts";',
    });
    expect(layerProblems(files, undefined, {})).toEqual([
      "providers/a.ts:1 imports values against the arrows: providers -> model (../src/model/model.ts)",
      "providers/a.ts:1 imports types against the arrows: providers -> model (../src/model/model.ts)",
      "src/cli/run.ts:1 imports types against the arrows: cli -> run (../run/fact.ts)",
      "src/cli/run.ts:1 imports values against the arrows: cli -> web (../web/serve.ts)",
    ]);
  });

  it("know every folder, and want every extra arrow used", () => {
    const files = given({ "src/misc/a.ts": "", "src/model/m.ts": 'import { f } from "../ledger/l.ts";' });
    const extra = { "model -> ledger": "shown in this test", "model -> store": "shown in this test" };
    expect(layerProblems(files, undefined, extra)).toEqual([
      'src/misc/a.ts belongs to no known layer: add "misc" to the table or move the file',
      'the extra arrow "model -> store" is not used any more: remove it',
    ]);
  });
});

describe("lengths", () => {
  const body = "  work();\n".repeat(70);

  it("of files and functions have a limit; a list of tests is no work", () => {
    const files = given({
      "src/a.ts": `function long() {\n${body}}\nconst alsoLong = () => {\n${body}};\nfunction short() {\n${body.slice(20)}}\n`,
      "test/a.test.ts": `describe("a", () => {\nit.each([1])("b", c);\n${body}});\nfunction suite() {\ntest("a", b);\n${body}}\n`,
      "src/b.ts": "work();\n".repeat(301),
    });
    expect(lengthProblems(files, {})).toEqual([
      "src/a.ts:1 long has 72 lines, more than 70",
      "src/a.ts:73 alsoLong has 72 lines, more than 70",
      "src/b.ts has 301 lines, more than 300: look for the second noun in it",
    ]);
  });

  it("may be allowed by name, as long as it is needed", () => {
    const files = given({ "src/b.ts": "work();\n".repeat(301), "src/c.ts": "" });
    const allowed = { "src/b.ts": "shown in this test", "src/c.ts": "not needed" };
    expect(lengthProblems(files, allowed)).toEqual(["src/c.ts is allowed to be long and is not, or is gone: remove it from the list"]);
  });
});

describe("pure layers", () => {
  it("may not read clock, chance or world, and may speak of them in types and words", () => {
    const files = given({
      "src/run/a.ts": [
        'import { readFile } from "node:fs/promises";',
        'import { hash, randomUUID } from "node:crypto";',
        "const now = Date.now;",
        "const late = setTimeout(() => fetch(url), 5);",
        "const today = new Date(), then = new Date(0);",
        'type Clock = typeof Date.now; const text = "Math.random()"; // Date.now()',
      ].join("\n"),
      "src/host/a.ts": "Date.now();",
      "src/model/prompt-file.ts": 'import { readFileSync } from "node:fs";',
    });
    expect(purityProblems(files)).toEqual([
      "src/run/a.ts:1 a pure layer imports node:fs/promises",
      "src/run/a.ts:2 a pure layer uses randomUUID: it must be handed in",
      "src/run/a.ts:3 a pure layer uses Date.now: it must be handed in",
      "src/run/a.ts:4 a pure layer uses setTimeout(): it must be handed in",
      "src/run/a.ts:4 a pure layer uses fetch(): it must be handed in",
      "src/run/a.ts:5 a pure layer uses new Date(): it must be handed in",
    ]);
  });
});

describe("node kinds", () => {
  const kinds = kindNames(["src/nodes/index.ts", "src/nodes/oracle.ts"]);

  it("are the known ones and the files of src/nodes", () => {
    expect([kinds.has("llm"), kinds.has("oracle"), kinds.has("index")]).toEqual([true, true, false]);
  });

  it("may be compared in src/nodes only; other unions with a kind are free", () => {
    const text = [
      'if (node.kind === "llm") a();',
      'if ("oracle" !== node?.kind) b();',
      'switch (kind) { case "text": case "branch": c(); }',
      'if (["await", "sleep"].includes(node.kind)) d();',
      'if (part.kind === "text" || part.type === "llm") e();',
    ].join("\n");
    expect(kindProblems(given({ "src/run/a.ts": text, "src/nodes/llm.ts": text, "test/a.ts": text }), kinds)).toEqual([
      'src/run/a.ts:1 asks whether a node is "llm": let the kind answer (src/nodes)',
      'src/run/a.ts:2 asks whether a node is "oracle": let the kind answer (src/nodes)',
      'src/run/a.ts:3 asks whether a node is "branch": let the kind answer (src/nodes)',
      'src/run/a.ts:4 asks whether a node is "await": let the kind answer (src/nodes)',
    ]);
  });
});

describe("words", () => {
  it("of file names that say nothing are found, whole words only", () => {
    expect(fileNameProblems(["src/utils.ts", "src/event-handler.ts", "src/metadata.ts", "test/types/a.test.ts", "docs/info.md"])).toEqual([
      'src/utils.ts: "utils" says nothing about what the file holds: name it after its main export',
      'src/event-handler.ts: "handler" says nothing about what the file holds: name it after its main export',
    ]);
  });

  it("of names are split as they are written", () => {
    expect(["runDeps", "HTTPFlow", "DAG_LIMIT", "workflow", "#isPaused"].map(wordsOf)).toEqual([
      ["run", "deps"],
      ["http", "flow"],
      ["dag", "limit"],
      ["workflow"],
      ["#is", "paused"],
    ]);
  });

  it("of the core are the project's", () => {
    const text = "class A { constructor() {} }\nconst nodeDeps = 1;\n// deps in a comment\nconst overflow = 2;";
    expect(identifierProblems(given({ "src/run/a.ts": text, "mcp/a.ts": text }))).toEqual([
      'src/run/a.ts:2 "nodeDeps": the project\'s word for "deps" is "needs"',
    ]);
  });

  it.each([
    ["README.md", `see /${"work"}/x`, "an absolute path of one machine"],
    ["README.md", "in `/tmp/a`", "an absolute path of one machine"],
    ["package-lock.json", '"https://registry.example.org/a.tgz"', "the address of a package registry"],
    ["src/a.ts", "// TODO later", "a note of unfinished work"],
    ["test/a.test.ts", 'it.only("a", b)', "a test that shuts out all others"],
    ["src/a.ts", "// eslint-disable-next-line", "a silenced linter"],
    ["src/a.ts", "// oxlint-disable-next-line no-eval", "a silenced linter without a reason"],
    ["src/a.ts", "// @ts-ignore", "a silenced type check"],
    ["src/a.ts", "x as any;", "a cast to any"],
    ["src/a.ts", "Node<any>", "a cast to any"],
  ])("in %s: %s is %s", (path, text, name) => {
    expect(textProblems(path, text).join()).toContain(`${path}:1 holds ${name}`);
  });

  it("that only look like those are left alone", () => {
    const text = "https://example.org/tmp/a ./tmp/b src/home/c // oxlint-disable-next-line no-eval -- the reason";
    expect(textProblems("src/a.ts", text)).toEqual([]);
  });
});

describe("public names", () => {
  const files = given({
    "src/index.ts": 'export { a, type B } from "./run/a.ts"; import { c } from "./run/a.ts"; export { c }; export { z } from "zod";',
    "src/run/a.ts": "/** Doc. */\nexport const a = 1;\n/** Doc. */\nexport interface B {}\n/* no doc */\nexport function c() {}",
    "providers/p.ts": "/** Doc. */\nexport function p(): void;\nexport function p(x?: number) {}\nexport class Q {}",
  });
  const names = publicNames(files);

  it("are listed by entry and name, types marked", () => {
    const expected = [
      "kindling: type B",
      "kindling: a",
      "kindling: c",
      "kindling: z",
      "kindling/providers/p: Q",
      "kindling/providers/p: p",
    ];
    expect(publicNamesText(names)).toBe(expected.map((line) => `${line}\n`).join(""));
  });

  it("need a TSDoc comment where they are declared", () => {
    expect(undocumentedNames(names)).toEqual(["kindling: c has no TSDoc comment", "kindling/providers/p: Q has no TSDoc comment"]);
  });

  it("come from the entries that exist", () => {
    expect(entries(["mcp/index.ts", "providers/a.ts", "providers/deep/b.ts"]).map(([entry]) => entry)).toEqual([
      "kindling/mcp",
      "kindling/providers/a",
    ]);
  });
});
