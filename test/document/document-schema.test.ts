// The published JSON Schema of documents is what the kinds say, and refuses nothing that can be read.

import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { DefinitionError, type JsonObject } from "kindling";
import { documentSchema, fromDocument, toDocument } from "kindling/document";
import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { fromJSONSchema } from "zod";
import { changed } from "./changed.ts";
import { archive, CONTRACTS, EXECUTORS } from "./press.ts";
import { executors } from "./triage.ts";

const FILE = new URL("../../schema/contract.schema.json", import.meta.url);
const FIXTURES = new URL("./fixtures/", import.meta.url).pathname;
const SOURCES = { executors: [...EXECUTORS, ...executors], contracts: [archive] };

const text = `${JSON.stringify(documentSchema(), null, 2)}\n`;
if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(FILE, text);

const fixtures = globSync(`${FIXTURES}*.json`).map((path) => JSON.parse(readFileSync(path, "utf8")) as JsonObject);
const documents = [...Object.values(CONTRACTS).map(toDocument), ...fixtures];
const validator = fromJSONSchema(documentSchema());
const isRefused = (document: unknown) => !validator.safeParse(document).success;

function isUnreadable(document: unknown): boolean {
  try {
    fromDocument(document, SOURCES);
    return false;
  } catch (error) {
    if (error instanceof DefinitionError) return true;
    throw error;
  }
}

describe("the JSON Schema of documents", () => {
  it("is the published file (UPDATE_GOLDEN=1 rewrites it)", () => {
    expect(existsSync(FILE) ? readFileSync(FILE, "utf8") : "").toBe(text);
  });

  it("accepts what is written, and the fixtures, which can be read", () => {
    expect(documents.length).toBeGreaterThan(9);
    for (const document of documents) {
      expect(validator.safeParse(document).error?.issues ?? []).toEqual([]);
      expect(isUnreadable(document)).toBe(false);
    }
  });

  it("refuses what is not of the language", () => {
    const [first = archive] = documents;
    for (const odd of [{}, [], { ...first, kindling: 2 }, { ...first, extra: 1 }, { ...first, nodes: [{ kind: "none", name: "x" }] }])
      expect(isRefused(odd)).toBe(true);
  });

  it("refuses no document that can be read", () => {
    const texts = documents.map((document) => JSON.stringify(document));
    const values = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("1h", "sum", 1, true, {}, []));
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), values, fc.constantFrom("set", "delete", "add"), (json, place, value, how) => {
        const document = changed(json, place, value, how);
        if (!isRefused(document)) return;
        refused += 1;
        expect(isUnreadable(document)).toBe(true);
      }),
      { numRuns: 600 },
    );
    expect(refused).toBeGreaterThan(50);
  });
});
