// Out and in again: the same plan, and the same outputs.

import { createRuntime, memoryLedger, planOf, type AnyContract } from "kindling";
import { fromDocument, toDocument } from "kindling/document";
import { describe, expect, it, onTestFinished } from "vitest";
import { archive, CONTRACTS, EXECUTORS } from "./press.ts";

const SOURCES = { executors: EXECUTORS, contracts: [archive] };
const again = (contract: AnyContract) => fromDocument(JSON.parse(JSON.stringify(toDocument(contract))), SOURCES);

const INPUTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  heading: { a: 1, order: { id: "o" } },
  values: { a: 2, b: 5 },
  lists: { count: 5 },
  checks: { a: 4, word: "world" },
  world: { a: 3 },
  children: { a: 3, count: 3, word: "large", record: { x: 1, y: 2 } },
};

async function outputsOf(contract: AnyContract, inputs: object): Promise<unknown> {
  const kindling = await createRuntime({ contracts: [contract], ledger: memoryLedger() });
  onTestFinished(() => kindling.close());
  const run = await kindling.start(contract.name, inputs);
  return run.result();
}

describe("a contract that went through a document", () => {
  it.each(Object.keys(CONTRACTS))("has the same plan: %s", (name) => {
    const contract = CONTRACTS[name] ?? archive;
    const read = again(contract);
    expect(toDocument(read)).toEqual(toDocument(contract));
    const fingerprints = (each: AnyContract) => Object.fromEntries(planOf(each.graph).nodes.map((node) => [node.name, node.fingerprint]));
    expect(fingerprints(read)).toEqual(fingerprints(contract));
    expect(planOf(read.graph).hash).toBe(planOf(contract.graph).hash);
  });

  it.each(Object.keys(INPUTS))("gives the same: %s", async (name) => {
    const contract = CONTRACTS[name] ?? archive;
    const inputs = INPUTS[name] ?? {};
    const outputs = await outputsOf(contract, inputs);
    expect(outputs).toBeDefined();
    expect(JSON.stringify(await outputsOf(again(contract), inputs))).toBe(JSON.stringify(outputs));
  });
});
