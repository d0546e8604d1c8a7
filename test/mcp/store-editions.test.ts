// A server of an older edition than the program that writes the ledger: what agents are told of values that it cannot read.

import { createRuntime, defineStore, memoryLedger } from "kindling";
import { expect, it } from "vitest";
import { z } from "zod";
import { WORKFLOWS } from "./fixtures/workflows.ts";
import { connectInProcess } from "./in-process.ts";

const notes = defineStore("notes", { schema: z.object({ text: z.string() }), indexes: { text: ({ text }) => text } });
const later = defineStore("notes", {
  version: 2,
  schema: z.object({ text: z.string(), by: z.string() }),
  upcast: { 1: (value) => ({ text: "", ...(value as object), by: "" }) },
  indexes: notes.indexes,
});

it("a value of a later edition is told as that, and the others are given", async () => {
  const ledger = memoryLedger();
  {
    await using writer = await createRuntime({ contracts: [], ledger });
    await writer.store(notes).write("n1", { text: "call back" });
    await writer.store(later).write("n2", { text: "send it", by: "ada" });
  }
  await using kindling = await createRuntime({ contracts: WORKFLOWS, stores: [notes], ledger });
  const { call } = await connectInProcess(kindling, { stores: ["notes"] });
  const ask = async (name: string, given: object) => (await call(name, { store: "notes", ...given })).value;
  const refused = { error: { code: "unavailable", fix: expect.stringContaining("start this server with that edition") } };
  expect(await ask("get_fact", { key: "n2" })).toMatchObject(refused);
  expect(await ask("query_facts", { index: "text", value: "send it", limit: 5 })).toMatchObject(refused);
  expect(await ask("get_fact", { key: "n1" })).toMatchObject({ fact: { value: { text: "call back" } } });
});
