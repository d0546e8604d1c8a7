// Projections: one value made of all facts of some stores and histories, kept with the ledger up to where it was made.

import { createRuntime, defineHistory, defineStore, fileLedger, memoryLedger, project, type Kindling } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const tickets = defineStore("tickets", { schema: z.object({ open: z.boolean() }) });
const calls = defineHistory("calls", { schema: z.object({ minutes: z.number() }) });

let folded = 0;
const overview = project("overview", {
  from: { tickets, calls },
  schema: z.object({ open: z.number(), minutes: z.number() }),
  initial: { open: 0, minutes: 0 },
  fold: {
    tickets: (state, fact, before) => {
      folded += 1;
      if (before?.value.open === true) state.open -= 1;
      if (fact.act === "written" && fact.value.open) state.open += 1;
      return state;
    },
    calls: (state, fact) => (fact.act === "written" ? { ...state, minutes: state.minutes + fact.value.minutes } : state),
  },
});

async function fill(kindling: Kindling): Promise<void> {
  const store = kindling.store(tickets);
  await store.write("a", { open: true });
  await store.write("b", { open: true });
  await kindling.history(calls).append({ minutes: 7 });
  await store.write("a", { open: false });
  await store.remove("b");
  await store.write("b", { open: true });
}

describe("a projection", () => {
  it("is made of every fact in the order of the ledger, and goes on from there", async () => {
    await using kindling = await openKindling({ contracts: [] });
    expect((await kindling.projection(overview).get()).state).toEqual({ open: 0, minutes: 0 });
    await fill(kindling);
    const first = await kindling.projection(overview).get();
    expect(first).toMatchObject({ state: { open: 1, minutes: 7 }, since: 1 });
    first.state.open = 99;
    folded = 0;
    await kindling.store(tickets).write("c", { open: true });
    expect((await kindling.projection(overview).get()).state).toEqual({ open: 2, minutes: 7 });
    expect(folded).toBe(1);
    expect((await kindling.projection(overview).rebuild()).state).toEqual({ open: 2, minutes: 7 });
  });

  it("is kept with the ledger, so that another process folds only what came since", async () => {
    const place = fileLedger(`${await temporaryFolder()}/ledger`);
    const kindling = await createRuntime({ contracts: [], ledger: place });
    await fill(kindling);
    await kindling.projection(overview).rebuild();
    await kindling.store(tickets).write("c", { open: true });
    await using reader = await createRuntime({ contracts: [], ledger: place, access: "read" });
    folded = 0;
    expect((await reader.projection(overview).get()).state).toEqual({ open: 2, minutes: 7 });
    expect(folded).toBe(1);
    await kindling.close();
  });

  it("is kept by itself when much was folded", async () => {
    const ledger = memoryLedger();
    const kindling = await createRuntime({ contracts: [], ledger });
    for (let round = 0; round < 3; round++)
      await kindling.record(Array.from({ length: 900 }, (_, index) => tickets.write(`${round}-${index}`, { open: true })));
    expect((await kindling.projection(overview).get()).state.open).toBe(2_700);
    await kindling.close();
    await using later = await createRuntime({ contracts: [], ledger });
    folded = 0;
    expect((await later.projection(overview).get()).state.open).toBe(2_700);
    expect(folded).toBeLessThan(1_000);
  });

  it("is folded again when its version is raised", async () => {
    const ledger = memoryLedger();
    const kindling = await createRuntime({ contracts: [], ledger });
    await fill(kindling);
    await kindling.projection(overview).rebuild();
    await kindling.close();
    await using later = await createRuntime({ contracts: [], ledger });
    const counted = project("overview", {
      version: 2,
      from: { tickets },
      schema: z.number(),
      initial: 0,
      fold: { tickets: (count) => count + 1 },
    });
    expect((await later.projection(counted).get()).state).toBe(5);
  });

  it("says at which fact its fold fails, keeps what it was, and goes on when it is mended", async () => {
    await using kindling = await openKindling({ contracts: [] });
    let isMended = false;
    const fragile = project("fragile", {
      from: { calls },
      schema: z.object({ minutes: z.array(z.number()) }),
      initial: { minutes: [] },
      fold: {
        calls: (state, fact) => {
          const minutes = fact.act === "written" ? fact.value.minutes : 0;
          state.minutes.push(minutes);
          if (minutes < 0 && !isMended) throw new Error("below zero");
          return state;
        },
      },
    });
    await kindling.history(calls).append({ minutes: 1 });
    expect((await kindling.projection(fragile).get()).state.minutes).toEqual([1]);
    await kindling.history(calls).append({ minutes: 2 });
    const bad = await kindling.history(calls).append({ minutes: -3 });
    await expect(kindling.projection(fragile).get()).rejects.toMatchObject({
      code: "projection_failed",
      message: `fragile: fold.calls threw at ${bad.id}: below zero`,
      details: { position: bad.position },
    });
    isMended = true;
    expect((await kindling.projection(fragile).get()).state.minutes).toEqual([1, 2, -3]);
  });

  it("is made again of what was not given up, be it on the disk or off it, and in a ledger that follows", async () => {
    const kept = defineHistory("calls", { schema: calls.schema, retention: { last: 1 } });
    const open = defineStore("tickets", { schema: tickets.schema, retention: { last: 1 } });
    await using kindling = await openKindling({ contracts: [], stores: [kept, open] });
    for (const minutes of [1, 2, 4]) await kindling.history(kept).append({ minutes });
    for (const isOpen of [true, true, false]) await kindling.store(open).write("a", { open: isOpen });
    await kindling.store(open).write("b", { open: true });
    expect((await kindling.projection(overview).get()).state).toEqual({ open: 1, minutes: 7 });
    await kindling.compactFacts({ reason: "old" });
    expect((await kindling.projection(overview).get()).state).toEqual({ open: 1, minutes: 7 });
    expect((await kindling.projection(overview).rebuild()).state).toEqual({ open: 1, minutes: 4 });
    await using follower = await openKindling({ contracts: [] });
    await follower.importFacts(kindling.exportFacts());
    expect((await follower.projection(overview).get()).state).toEqual({ open: 1, minutes: 4 });
    const told: unknown[] = [];
    for await (const { key, number, value } of follower.factChanges({ stores: ["calls", "tickets"] })) told.push([key, number, value]);
    expect(told).toEqual([
      ["", 3, { minutes: 4 }],
      ["a", 3, { open: false }],
      ["b", 1, { open: true }],
    ]);
  });

  it("refuses a state that does not fit its schema", async () => {
    await using kindling = await openKindling({ contracts: [] });
    const wrong = project("wrong", {
      from: { calls },
      schema: z.number(),
      initial: 0,
      fold: { calls: () => "many" as unknown as number },
    });
    await kindling.history(calls).append({ minutes: 1 });
    await expect(kindling.projection(wrong).get()).rejects.toMatchObject({ code: "projection_failed" });
  });

  it.each<readonly [string, object, string]>([
    ["no fold for a source", { fold: {} }, "fold.calls is no function"],
    ["a fold without a source", { fold: { calls: () => 0, cals: () => 0 } }, "fold.cals is never used"],
    ["nothing to be made of", { from: {}, fold: {} }, "has nothing to be made of"],
    ["a version that is none", { version: 0 }, "version is"],
  ])("is refused with %s", (_case, options, message) => {
    const sound = { from: { calls }, schema: z.number(), initial: 0, fold: { calls: () => 0 } };
    expect(() => project("x", { ...sound, ...options })).toThrow(message);
  });
});
