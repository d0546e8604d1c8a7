// What somebody names as a cause is looked up: it is a fact of this ledger, or it is refused.

import { contract, defineHistory, defineStore, type Kindling, memoryLedger } from "kindling";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { orderOf } from "../../src/store/change.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { openKindling } from "../host/open-host.ts";

const notes = defineStore("notes", { schema: z.string(), retention: { last: 1 } });
const calls = defineHistory("calls", { schema: z.number() });

const open = (): Promise<Kindling> => openKindling({ contracts: [], ledger: memoryLedger(), stores: [notes] });
const strange = (id: string): string => `${id.slice(0, -16)}0123456789abcdef`;

describe("a cause", () => {
  it("with the digits of another fact is refused, be it an older one of its key or the latest", async () => {
    await using kindling = await open();
    const store = kindling.store(notes);
    const ids = [(await store.write("a", "1")).id, (await store.write("a", "2")).id];
    for (const id of ids) {
      const refused = kindling.history(calls).append(7, { causedBy: [strange(id)] });
      await expect(refused).rejects.toMatchObject({ code: "unknown_cause", details: { cause: strange(id) } });
      expect((await kindling.history(calls).append(7, { causedBy: [id] })).causes).toEqual([id]);
    }
    expect((await kindling.history(calls).read()).items.length).toBe(2);
  });

  it.each(["write", "change"] as const)(
    "is refused with more than there may be by g.%s, and none of them is passed over",
    async (method) => {
      const causedBy = (): string[] => Array.from({ length: 101 }, (_, index) => `run_x:${index + 1}`);
      const said = { key: "a", causedBy };
      const notes = defineStore("notes", { schema: z.string() });
      const noting = contract("noting", {
        inputs: {},
        define: (g) =>
          method === "write"
            ? g.write("noted", notes, { ...said, value: () => "x" })
            : g.change("noted", notes, { ...said, change: () => "x" }),
      });
      await using kindling = await openKindling({ contracts: [noting], ledger: memoryLedger() });
      const run = await kindling.start(noting, {});
      await expect(run.result()).rejects.toMatchObject({ details: { error: { code: "bad_causes" } } });
    },
  );

  it("that g.change names is there beside what it read, and with as many as there may be none of them gives way", async () => {
    const named = (count: number): string[] => Array.from({ length: count }, (_, index) => `run_x:${index + 1}`);
    const notes = defineStore("notes", { schema: z.string() });
    const noting = contract("noting", {
      inputs: { count: z.number() },
      define: (g, { count }) =>
        g.change("noted", notes, { needs: { count }, key: "a", causedBy: ({ count: many }) => named(many), change: () => "x" }),
    });
    await using kindling = await openKindling({ contracts: [noting], ledger: memoryLedger() });
    const before = await kindling.store(notes).write("a", "before");
    await (await kindling.start(noting, { count: 3 })).result();
    const few = await kindling.store(notes).get("a");
    expect(few?.causes.slice(0, 4)).toEqual([...named(3), before.id]);
    await (await kindling.start(noting, { count: 100 })).result();
    expect(await kindling.store(notes).get("a")).toMatchObject({ causes: named(100), previous: few?.id });
  });

  it.each(["nonsense", "", "run", "run_", "r1:1", "run_x:", "run_x:1:2", "run_x:one", "notes:a@1#0123456789abcdef"])(
    "that has not the form of an id is refused: %j",
    async (cause) => {
      await using kindling = await open();
      await expect(kindling.history(calls).append(7, { causedBy: [cause] })).rejects.toMatchObject({ code: "bad_causes" });
    },
  );

  it("is taken that was given up, and one of the same order", async () => {
    await using kindling = await open();
    const store = kindling.store(notes);
    const first = await store.write("a", "1");
    await store.write("a", "2");
    await kindling.compactFacts();
    expect((await kindling.history(calls).append(7, { causedBy: [first.id] })).causes).toEqual([first.id]);
    const twin = await open();
    await using _ = twin;
    const { id } = await twin.store(notes).write("b", "1");
    await kindling.record([notes.write("b", "1"), calls.append(7, { causedBy: [id] }), notes.write("b", "2")]);
  });

  it("that is the latest of its key is not read, nor is one of what is derived", async () => {
    const ledger = await memoryLedger().open({ access: "write" });
    const writer = new FactWriter(ledger);
    const write = async (value: string) => (await writer.record({ orders: [await orderOf(notes.write("a", value))] })).facts[0]?.id ?? "";
    const [older, latest] = [await write("1"), await write("2")];
    const read = vi.spyOn<Ledger, "read">(ledger, "read");
    await writer.record({ orders: [await orderOf(calls.append(7, { causedBy: [latest, "run_x:1"] }))] });
    await writer.record({ orders: [await orderOf(calls.append(7, { causedBy: [older] }))] }, { areCausesRead: true });
    expect(read).not.toHaveBeenCalled();
    await writer.record({ orders: [await orderOf(calls.append(7, { causedBy: [older] }))] });
    expect(read).toHaveBeenCalled();
  });

  it("that a fact of another ledger names and that is another one here is missing in its lineage", async () => {
    await using there = await open();
    await using here = await open();
    for (const [kindling, text] of [
      [there, "there"],
      [here, "here"],
    ] as const)
      await kindling.store(notes).write("a", text);
    const cause = (await there.store(notes).get("a"))?.id ?? "";
    const effect = await there.history(calls).append(7, { causedBy: [cause] });
    await here.importFacts(there.exportFacts({ stores: ["calls"] }));
    expect((await here.lineage(effect.id)).missing).toEqual([cause]);
    await expect(here.lineage(cause)).rejects.toMatchObject({ code: "fact_differs" });
  });
});
