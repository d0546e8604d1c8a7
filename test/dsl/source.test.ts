// A finding stands at the author's own line: that of the node, also inside children, also in compiled JavaScript.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/dsl/contract.ts";
import { firstForeignFrame } from "../../src/graph/source.ts";
import { findingsOf } from "./findings-of.ts";

const FILE = fileURLToPath(import.meta.url);
const text = readFileSync(FILE, "utf8").split("\n");

/** The line of this file that ends with a comment of that name. */
function lineOf(name: string): number {
  return text.findIndex((line) => line.endsWith(`// ${name}`)) + 1;
}

it("every finding names this file and the line where the node was declared, at any depth", () => {
  const findings = findingsOf(() =>
    contract("places", {
      inputs: { topic: z.string() },
      define(g, { topic }) {
        g.const("1st", 1); // top
        const part = g.compose("part", {
          needs: { topic },
          child: (g, { topic }) => {
            g.const("2nd", 2); // child
            return g.collection("items", {
              over: g.const("list", [1]),
              as: "item",
              key: String,
              each: (g, { item }) =>
                g.branch("choice", {
                  needs: { item },
                  on: () => "only" as const,
                  cases: {
                    only: (g, { item }) => g.compute("3rd", { needs: { item, topic }, run: () => 3 }), // grandchild
                  },
                }),
            });
          },
        });
        return { part, late: g.llm("late", { needs: { topic }, prompt: () => "", timeout: "0s" }) }; // option
      },
    }),
  );
  expect(findings.map(({ code, source }) => [code, source?.file, source?.line])).toEqual([
    ["bad_name", FILE, lineOf("top")],
    ["bad_name", FILE, lineOf("child")],
    ["foreign_handle", FILE, lineOf("grandchild")],
    ["bad_name", FILE, lineOf("grandchild")],
    ["bad_option", FILE, lineOf("option")],
  ]);
  // Where there is a source map the column may be that of the call or of its object: both lie in the line.
  for (const { source } of findings) expect(source?.column).toBeGreaterThan(1);
});

it("a misused handle and an error in define stand where they were thrown; outputs and inputs at the contract", () => {
  const misused = findingsOf(() =>
    contract("misused", {
      inputs: { topic: z.string() },
      define: (g, { topic }) => g.const("x", JSON.stringify({ topic })), // misused
    }),
  );
  const thrown = findingsOf(() =>
    contract("thrown", {
      inputs: {},
      define: () => {
        throw new Error("no"); // thrown
      },
    }),
  );
  const literal = findingsOf(() => contract("empty", { inputs: {}, define: () => ({}) })); // empty
  // @ts-expect-error a text is no schema
  const schema = findingsOf(() => contract("schema", { inputs: { topic: "x" }, define: (g) => g.const("x", 1) })); // schema
  expect([misused, thrown, literal, schema].map(([finding]) => finding?.source?.line)).toEqual(
    ["misused", "thrown", "empty", "schema"].map(lineOf),
  );
});

it("frames are read in all their forms, and those of Kindling itself are passed over", () => {
  const own = "file:///app/node_modules/kindling/dist/src/";
  const cases: readonly [frame: string, file: string | undefined][] = [
    ["at define (file:///app/contract.js:3:7)", "/app/contract.js"],
    ["at /app/contract.js:3:7", "/app/contract.js"],
    ["at async file:///app/contract.js:3:7", "/app/contract.js"],
    ["at Object.define [as x] (/app/my files (copy)/contract.ts:3:7)", "/app/my files (copy)/contract.ts"],
    ["at new Thing (/app/(group)/contract.ts:3:7)", "/app/(group)/contract.ts"],
    ["at define (file:///app/a%20b/contract.ts?v=12:3:7)", "/app/a b/contract.ts"],
    ["at define (C:\\app\\contract.ts:3:7)", "C:/app/contract.ts"],
    ["at define (file:///C:/app/contract.ts:3:7)", "C:/app/contract.ts"],
    ["at Module.contract (file:///app/node_modules/kindling/dist/src/dsl/contract.js:3:7)", undefined],
    ["at ModuleJob.run (node:internal/modules/esm/module_job:343:25)", undefined],
    ["at Array.map (<anonymous>)", undefined],
    ["at async Promise.all (index 0)", undefined],
  ];
  for (const [frame, file] of cases) {
    expect(firstForeignFrame(`Error: source mark at x (y:1:2)\n    ${frame}`, own)).toEqual(
      file === undefined ? undefined : { file, line: 3, column: 7 },
    );
  }
});
