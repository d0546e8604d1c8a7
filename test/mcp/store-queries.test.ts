// What agents ask of stores over MCP at its limits: how far an index is paged, which argument does not fit, whose names complete.

import { createRuntime, defineStore, memoryLedger } from "kindling";
import { expect, it } from "vitest";
import { z } from "zod";
import { connectInProcess } from "./in-process.ts";

const notes = defineStore("notes", { schema: z.object({ by: z.string() }), indexes: { by: ({ by }) => by } });
const secrets = defineStore("secrets", { schema: z.string() });

const recorded = () => createRuntime({ contracts: [], stores: [notes, secrets], ledger: memoryLedger() });

it("query_facts goes on behind any value that an index holds, and says which argument cannot stand in one", async () => {
  const kindling = await recorded();
  const { call } = await connectInProcess(kindling, { stores: ["notes"] });
  // The text whose place in an index is the longest.
  const by = `z${"\u0001".repeat(255)}`;
  for (const key of ["z1", "z2", "z3"]) await kindling.store(notes).write(key, { by });
  const found: string[] = [];
  for (let cursor: string | undefined, turn = 0; turn === 0 || (cursor !== undefined && turn < 9); turn++) {
    const args = { store: "notes", index: "by", limit: 1, ...(cursor === undefined ? {} : { cursor }) };
    const page = (await call("query_facts", args)).value as { readonly facts: readonly { key: string }[]; readonly next_cursor?: string };
    found.push(...page.facts.map(({ key }) => key));
    cursor = page.next_cursor;
  }
  expect(found).toEqual(["z1", "z2", "z3"]);
  for (const at of ["value", "from", "to", "starts_with"])
    expect((await call("query_facts", { store: "notes", index: "by", limit: 1, [at]: "x".repeat(257) })).value).toMatchObject({
      error: { code: "invalid_arguments", issues: [{ at, message: expect.stringContaining("256 characters") as string }] },
    });
});

it("the names of stores that are enabled complete while somebody types, and of others none", async () => {
  const { client } = await connectInProcess(await recorded(), { stores: ["notes"] });
  const begun = (value: string) =>
    client.complete({ ref: { type: "ref/resource", uri: "kindling://stores/{store}" }, argument: { name: "store", value } });
  expect((await begun("n")).completion.values).toEqual(["notes"]);
  expect((await begun("s")).completion.values).toEqual([]);
});
