// docs/documents.md is true: its example is a file that is read and run here, its graph and its kinds are as printed. `UPDATE_GOLDEN=1` writes them into it.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { contract, createRuntime, DefinitionError, memoryLedger, textGraph, type JsonObject } from "kindling";
import { documentSchema, fromDocument, toDocument } from "kindling/document";
import { describe, expect, it, onTestFinished } from "vitest";
import { executors } from "../document/triage.ts";

const ROOT = new URL("../../", import.meta.url);
const PAGE = new URL("docs/documents.md", ROOT);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

const document = JSON.parse(read("test/document/fixtures/triage.json")) as JsonObject & { readonly nodes: readonly JsonObject[] };
const triage = fromDocument(document, { executors });

/** The rows of the kinds, as their forms describe them. */
function kindRows(): string {
  const parts = documentSchema()["$defs"] as Readonly<Record<string, JsonObject>>;
  const kinds = Object.entries(parts).flatMap(([kind, { properties, description }]) => {
    const isNode = typeof properties === "object" && properties !== null && "kind" in properties;
    return isNode ? [`| \`${kind}\` | ${String(description).replaceAll("|", "\\|")} |\n`] : [];
  });
  return kinds.join("");
}

if (process.env["UPDATE_GOLDEN"] === "1") {
  const page = readFileSync(PAGE, "utf8")
    .replaceAll(/(?<=<!-- file: (\S+) -->\n```\w*\n)[\s\S]*?(?=```)/g, (_text, path: string) => read(path))
    .replace(/(?<=<!-- output: graph -->\n```text\n)[\s\S]*?(?=```)/, `${textGraph(triage).trimEnd()}\n`)
    .replace(/(?<=\| --- \| --- \|\n)(?:\|.*\n)*(?:<!-- kinds -->\n)?/, `${kindRows()}`);
  writeFileSync(PAGE, page);
}

const page = readFileSync(PAGE, "utf8");

async function open() {
  const kindling = await createRuntime({
    contracts: [triage],
    executors,
    capabilities: { allow: ["net:mail.example.com"] },
    ledger: memoryLedger(),
  });
  onTestFinished(() => kindling.close());
  return kindling;
}

describe("docs/documents.md", () => {
  it("shows its example and its executors as they are in their files", () => {
    const shown = [...page.matchAll(/<!-- file: (\S+) -->\n```\w*\n([\s\S]*?)```/g)];
    expect(shown.map(([, path]) => path)).toEqual(["test/document/fixtures/triage.json", "test/document/triage.ts"]);
    for (const [, path = "", text] of shown) expect(text).toBe(read(path));
  });

  it("shows the graph of the example and all kinds", () => {
    expect(page).toContain(`<!-- output: graph -->\n\`\`\`text\n${textGraph(triage).trimEnd()}\n\`\`\``);
    expect(page).toContain(`| --- | --- |\n${kindRows()}\n`);
  });

  it("links to files that are there", () => {
    const targets = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, target = ""]) => target);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) expect(existsSync(new URL(target, PAGE)), target).toBe(true);
  });

  it("has an example that runs, small requests at once and large ones after a person's decision", async () => {
    const kindling = await open();
    const small = await kindling.start("triage", { requestId: "r1", text: "Lamp", lines: [{ id: "a", amount: 20 }] });
    expect(await small.result()).toEqual({ total: 20, decision: "granted", letter: { sent: "r1: granted" } });
    const large = await kindling.start("triage", { requestId: "r2", text: "Roof", lines: [{ id: "a", amount: 900 }] });
    await large.settled();
    await kindling.deliver({
      event: "request.reviewed",
      correlation: { requestId: "r2" },
      payload: "refused",
      actor: { id: "ann", assurance: "client" },
    });
    expect(await large.result()).toEqual({ total: 900, decision: "refused", letter: { sent: "r2: refused" } });
  });

  it("tells what it says of mistakes", () => {
    const nodes = document.nodes.map((node) =>
      node["name"] === "size"
        ? { ...node, needs: { total: "totl", limit: "limit" }, run: { executor: "triage.size", version: "2" } }
        : node,
    );
    const findings = (() => {
      try {
        return fromDocument({ ...document, nodes }, { executors }) && [];
      } catch (error) {
        return error instanceof DefinitionError ? error.findings : [];
      }
    })();
    expect(findings).toHaveLength(2);
    for (const { code, message, hint = "" } of findings) expect(page).toContain(`${code.padEnd(18)}${message}\n${" ".repeat(18)}${hint}`);
  });

  it("names as code what is code", () => {
    const coded = contract("coded", { inputs: {}, onExit: () => undefined, define: (g) => g.const("one", 1) });
    expect(() => toDocument(coded)).toThrow("not_portable");
  });
});
