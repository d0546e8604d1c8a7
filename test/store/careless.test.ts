// What careless programs give and do: it is refused where it is given, and stands in nobody's way.

import { defineHistory, defineStore, derive, type Kindling, memoryLedger, type WriteOptions } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";

const notes = defineStore("notes", { schema: z.string(), indexes: { text: (text) => text } });
const payments = defineHistory("payments", { schema: z.number() });

/** Whatever a caller without types passes. */
const wild = <T>(value: unknown): T => value as T;

describe("what is said with a fact", () => {
  it.each<[string, unknown, string]>([
    ["a producer without a name", { producer: { kind: "person" } }, "bad_producer"],
    ["a producer of no known kind", { producer: { kind: "robot", name: "r2" } }, "bad_producer"],
    ["a producer that is a text", { producer: "ada" }, "bad_producer"],
    ["a producer that is null", { producer: null }, "bad_producer"],
    ["half an id as a cause", { causedBy: ["store:notes:a@1"] }, "bad_causes"],
    ["one cause that is in no list", { causedBy: "run_x:1" }, "bad_causes"],
    ["causes that are null", { causedBy: null }, "bad_causes"],
  ])("is refused for %s", async (_case, said, code) => {
    await using kindling = await openKindling({ contracts: [] });
    const refused = kindling.store(notes).write("a", "text", wild<WriteOptions>(said));
    await expect(refused).rejects.toMatchObject({ code, fix: expect.stringMatching(/\w/) });
    expect(await kindling.store(notes).get("a")).toBeUndefined();
  });
});

describe("a question", () => {
  it("about a date is none about the whole index", async () => {
    await using kindling = await openKindling({ contracts: [] });
    await kindling.store(notes).write("a", "text");
    await expect(kindling.store(notes).query("text", wild(new Date()))).rejects.toMatchObject({ code: "bad_range" });
  });

  it("about a time at which something was recorded is answered, also when the clock has gone back since", async () => {
    const clock = manualClock(Date.UTC(2026, 10, 21));
    await using kindling = await openKindling({ contracts: [], ledger: memoryLedger(), clock });
    const { time } = await kindling.store(notes).write("a", "text");
    clock.set(time - 60_000);
    expect(await kindling.store(notes).get("a", { asOf: { time } })).toMatchObject({ value: "text" });
    await expect(kindling.store(notes).get("a", { asOf: { time: time + 1 } })).rejects.toMatchObject({ code: "as_of_ahead" });
  });

  it("about a moment that is null is refused with the cure", async () => {
    await using kindling = await openKindling({ contracts: [] });
    await kindling.store(notes).write("a", "text");
    await expect(kindling.store(notes).get("a", { asOf: wild(null) })).rejects.toMatchObject({ code: "bad_as_of" });
  });
});

describe("what is asked of a runtime", () => {
  it("to erase in a store that is only named is refused, in place of erasing nothing", async () => {
    await using kindling = await openKindling({ contracts: [] });
    const erased = kindling.eraseFacts({ store: wild("notes"), key: "a", reason: "asked for" });
    await expect(erased).rejects.toMatchObject({ code: "bad_store", message: 'eraseFacts: "notes" is no store' });
  });
});

describe("a feed that was not read", () => {
  it("commits nothing: its cursor stays where it was", async () => {
    await using kindling = await openKindling({ contracts: [] });
    await kindling.store(notes).write("a", "text");
    const feed = kindling.factChanges({ cursor: "mail" });
    for await (const _fact of feed) await feed.commit();
    await expect(kindling.factChanges({ cursor: "mail" }).commit()).rejects.toMatchObject({ code: "not_read_yet" });
    const again: string[] = [];
    for await (const { id } of kindling.factChanges({ cursor: "mail" })) again.push(id);
    expect(again).toEqual([]);
  });
});

describe("a rule", () => {
  const common = { schema: z.number(), from: payments, key: () => "all" };

  async function opened(...stores: ReturnType<typeof derive>[]): Promise<Kindling> {
    const kindling = await openKindling({ contracts: [], ledger: memoryLedger(), stores });
    for (const amount of [1, 2, 3]) await kindling.history(payments).append(amount);
    return kindling;
  }

  it("whose account is nothing after a step says so, in place of beginning anew with each fact", async () => {
    const paid = derive("paid", { ...common, reduce: { initial: 0, add: wild<() => number>(() => undefined) } });
    await using kindling = await opened(paid);
    const [status] = await kindling.derivations.settle();
    expect(status?.faults[0]?.failure).toMatchObject({ code: "no_account", message: "paid: reduce.add gave undefined" });
    expect(await kindling.store(paid).get("all")).toBeUndefined();
  });

  it("whose account begins with what is no JSON is refused where it is defined", () => {
    const define = (): unknown => derive("paid", { ...common, reduce: { initial: wild<number>(() => 0), add: (sum) => sum } });
    expect(define).toThrow('derived store "paid": reduce.initial is no JSON: $ is a function');
  });

  it("that throws what cannot be shown fails alone", async () => {
    const odd = derive("odd", {
      ...common,
      compute: () => {
        throw Object.create(null);
      },
    });
    const count = derive("count", { ...common, compute: (facts) => facts.length });
    await using kindling = await opened(odd, count);
    const [first] = await kindling.derivations.settle();
    expect(first?.faults[0]?.failure.message).toBe("odd: compute threw: what was thrown is no Error, and says nothing of itself (object)");
    expect((await kindling.store(count).get("all"))?.value).toBe(3);
  });

  it("that cannot say where a value belongs counts it nowhere, and says so", async () => {
    const stock = defineStore("stock", { schema: z.object({ shelf: z.string(), pieces: z.number() }) });
    const shelves = derive("shelves", {
      schema: z.number(),
      from: stock,
      key: ({ shelf }) => {
        if (shelf === "?") throw new Error("no shelf");
        return shelf;
      },
      compute: (facts) => facts.reduce((sum, { value }) => sum + value.pieces, 0),
    });
    await using kindling = await openKindling({ contracts: [], stores: [stock, shelves] });
    const change = async (key: string, shelf: string, pieces: number): Promise<unknown> => {
      await kindling.store(stock).write(key, { shelf, pieces });
      const [status] = await kindling.derivations.settle();
      return [(await kindling.store(shelves).get("top"))?.value, status?.faults.map(({ key }) => key).toSorted()];
    };
    expect(await change("nails", "top", 1)).toEqual([1, []]);
    expect(await change("screws", "top", 10)).toEqual([11, []]);
    expect(await change("nails", "?", 1_000)).toEqual([11, [""]]);
    expect(await change("screws", "top", 20)).toEqual([11, ["", "top"]]);
    expect(await change("nails", "low", 5)).toEqual([11, ["", "top"]]);
    expect(await change("screws", "top", 30)).toEqual([30, [""]]);
    expect((await kindling.derivations.retry())[0]?.failed).toBe(0);
    expect((await kindling.store(shelves).get("low"))?.value).toBe(5);
  });

  it("that never ends does not keep the process from closing", async () => {
    const endless = derive("endless", { ...common, compute: () => new Promise<number>(() => {}), timeLimit: "1h" });
    const kindling = await opened(endless);
    const settled = kindling.derivations.settle().catch((error: { code?: string }) => error.code);
    await kindling.close();
    expect(await settled).toBe("host_closed");
  });
});
