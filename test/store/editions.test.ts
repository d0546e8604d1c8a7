// Two editions of a program over one ledger: what the older one may do to what the newer one has written.

import { type AnyContract, contract, createRuntime, defineHistory, defineStore, type Kindling, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const older = defineStore("people", { schema: z.object({ name: z.string() }) });
const newer = defineStore("people", {
  version: 2,
  schema: z.object({ name: z.string(), city: z.string() }),
  upcast: { 1: (value) => ({ name: "", ...(value as object), city: "" }) },
});
const open = (ledger = memoryLedger()): Promise<Kindling> => createRuntime({ contracts: [], ledger });
const ada = { name: "Ada", city: "London" };

describe("a value of a later version", () => {
  it("is not written over by an edition that cannot read it, also beside other changes, behind a cut and in the same order", async () => {
    await using kindling = await open();
    const refused = { code: "value_too_new", details: { version: 2, known: 1 } };
    const first = await kindling.store(newer).write("p", ada);
    await kindling.store(newer).write("p", ada);
    await expect(kindling.store(older).write("p", { name: "A" })).rejects.toMatchObject(refused);
    await expect(kindling.record([older.write("q", { name: "Q" }), older.write("p", { name: "A" })])).rejects.toMatchObject(refused);
    await expect(kindling.record([newer.write("r", ada), older.write("r", { name: "A" })])).rejects.toMatchObject(refused);
    expect(await kindling.store(older).get("q")).toBeUndefined();
    await kindling.pruneFacts({ ids: [first.id], reason: "old" });
    await expect(kindling.store(older).write("p", { name: "A" })).rejects.toMatchObject(refused);
    expect((await kindling.store(newer).get("p"))?.value).toEqual(ada);
  });

  it("is replaced by who names it, or removes it first", async () => {
    await using kindling = await open();
    const fact = await kindling.store(newer).write("p", ada);
    await kindling.store(older).write("p", { name: "A" }, { expect: fact.id });
    expect((await kindling.store(newer).get("p"))?.value).toEqual({ name: "A", city: "" });
    await kindling.store(newer).write("p", ada);
    await kindling.store(older).remove("p");
    await kindling.store(older).write("p", { name: "B" });
    expect((await kindling.store(older).get("p"))?.value).toEqual({ name: "B" });
  });

  it("fails a node that was to write over it, at once", async () => {
    const rename = contract("rename", {
      inputs: { name: z.string() },
      define: (g, { name }) => ({ done: g.write("done", older, { needs: { name }, key: "p", value: ({ name: to }) => ({ name: to }) }) }),
    });
    await using kindling = await createRuntime({ contracts: [rename], ledger: memoryLedger() });
    await kindling.store(newer).write("p", ada);
    const run = await kindling.start(rename, { name: "A" });
    expect((await run.settled()).error).toMatchObject({ code: "value_too_new", fix: expect.stringContaining("remove the key first") });
    expect((await kindling.store(newer).get("p"))?.value).toEqual(ada);
  });
});

it("what an older edition has recorded under an idempotency key is not another thing for a newer one that says the same", async () => {
  await using kindling = await open();
  const calls = (options: object) => defineHistory("calls", { schema: z.object({ who: z.string() }), ...options });
  const same = (value: unknown): unknown => value;
  const editions = [
    [older, calls({})],
    [defineStore("people", { version: 2, schema: older.schema, upcast: { 1: (value) => value } }), calls({ partitionBy: () => "all" })],
    [older, calls({ version: 2, upcast: { 1: same }, partitionBy: ({ who }: { who: string }) => who })],
  ] as const;
  const receipts = [];
  for (const [people, history] of editions)
    receipts.push(await kindling.record([people.write("p", { name: "A" }), history.append({ who: "a" })], { idempotencyKey: "k" }));
  expect(receipts.map(({ repeated }) => repeated)).toEqual([false, true, true]);
  expect(receipts[2]?.facts).toEqual(receipts[0]?.facts);
  await expect(
    kindling.record([older.write("q", { name: "A" }), calls({}).append({ who: "a" })], { idempotencyKey: "k" }),
  ).rejects.toMatchObject({
    code: "idempotency_conflict",
  });
});

describe("a run that waits while the version of a store is raised", () => {
  const upper = (people: typeof older | typeof newer): AnyContract =>
    contract("upper", {
      inputs: { id: z.string() },
      define(g, { id }) {
        const person = g.read("person", people, { key: id });
        const go = g.await("go", { event: "go", schema: z.object({}) });
        const value = (name: string) => ({ name: name.toUpperCase(), city: "" });
        return {
          done: g.write("done", newer, { needs: { person, go }, key: id, value: ({ person: { name } }) => value(name), expect: person }),
        };
      },
    });

  for (const changed of ["keep", "rerun"] as const)
    it(`knows what it had read when it is upgraded (${changed}), expects it, and names it as a cause`, async () => {
      const ledger = memoryLedger();
      const before = await createRuntime({ contracts: [upper(older)], ledger });
      const read = await before.store(older).write("ada", { name: "Ada" });
      await before.store(older).write("bob", { name: "Bob" });
      const runs = await Promise.all(["ada", "bob"].map((id) => before.start("upper", { id })));
      await Promise.all(runs.map((run) => run.settled()));
      await before.close();
      await using kindling = await createRuntime({ contracts: [upper(newer)], ledger });
      await kindling.store(newer).write("bob", { name: "Bea", city: "" });
      const errors: unknown[] = [];
      for (const { id } of runs) {
        await kindling.upgrade(id, changed);
        await kindling.deliver({ event: "go", run: id, payload: {} });
        errors.push((await (await kindling.run(id)).settled()).error?.code);
      }
      expect(errors).toEqual([undefined, changed === "keep" ? "write_conflict" : undefined]);
      expect(await kindling.store(newer).get("ada")).toMatchObject({ value: { name: "ADA" }, previous: read.id });
      expect((await kindling.store(newer).get("ada"))?.causes).toContain(read.id);
    });
});
