// Questions to indexes: parts of them in the order of their values, page by page while others write, and never a part of the answer where it looks like the whole.

import { defineStore, derive, fileLedger, type IndexRange, type IndexValue, type Kindling, type LedgerPlace, memoryLedger } from "kindling";
import { manualClock } from "kindling/testing";
import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { indexPlace, placesOf } from "../../src/store/index-value.ts";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const schema = z.object({ owner: z.string(), due: z.number().nullable(), tags: z.array(z.string()).default([]) });
const reminders = defineStore("reminders", {
  schema,
  indexes: { due: ({ due }) => due, tag: ({ tags }) => tags, owner: ({ owner }) => owner },
});

async function open(ledger: LedgerPlace = memoryLedger()): Promise<Kindling> {
  return openKindling({ contracts: [], ledger, clock: manualClock(Date.UTC(2026, 10, 21)) });
}

const at = (due: number | null, owner = "ada", tags: string[] = []) => ({ owner, due, tags });

describe("a part of an index", () => {
  it("is given by value, and of equal values by when the key was first written; or exactly the other way round", async () => {
    await using kindling = await open(fileLedger(await temporaryFolder()));
    await kindling.record([
      reminders.write("late", at(30)),
      reminders.write("first", at(-5)),
      reminders.write("never", at(null)),
      reminders.write("twin", at(10)),
      reminders.write("twin-2", at(10)),
      reminders.write("small", at(0.5)),
    ]);
    const store = kindling.store(reminders);
    const keys = async (wanted: IndexValue | IndexRange, order: "ascending" | "descending" = "ascending") =>
      (await store.query("due", wanted, { order })).items.map(({ key }) => key);
    expect(await keys({ below: 30 })).toEqual(["first", "small", "twin", "twin-2"]);
    expect(await keys({ below: 30 }, "descending")).toEqual(["twin-2", "twin", "small", "first"]);
    expect(await keys({ from: 0.5, to: 10 })).toEqual(["small", "twin", "twin-2"]);
    expect(await keys({ above: 0.5, to: 30 })).toEqual(["twin", "twin-2", "late"]);
    expect(await keys({ above: 30 })).toEqual([]);
    expect(await keys(null)).toEqual(["never"]);
    expect(await keys({})).toEqual(["never", "first", "small", "twin", "twin-2", "late"]);
    expect((await store.query("owner", { startsWith: "ad" })).items).toHaveLength(6);
    expect((await store.query("owner", { startsWith: "b" })).items).toEqual([]);
  });

  it("goes on behind its cursor while others write: what did not change is neither left out nor given again", async () => {
    await using kindling = await open(fileLedger(await temporaryFolder()));
    const store = kindling.store(reminders);
    await kindling.record(Array.from({ length: 30 }, (_, index) => reminders.write(`r${index}`, at(index))));
    const seen: string[] = [];
    for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
      const page = await store.query("due", { from: 0 }, { limit: 7, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ key }) => key));
      cursor = page.cursor;
      // The one the cursor stands at goes away; new ones come before and behind it.
      await store.remove(seen.at(-1) ?? "");
      await kindling.record([reminders.write(`early${seen.length}`, at(0)), reminders.write(`late${seen.length}`, at(1_000))]);
    }
    expect(seen.filter((key) => key.startsWith("r"))).toEqual(Array.from({ length: 30 }, (_, index) => `r${index}`));
    expect(new Set(seen).size).toBe(seen.length);
  });

  it("gives a value that stands at several places once", async () => {
    await using kindling = await open();
    const store = kindling.store(reminders);
    await store.write("both", at(1, "ada", ["c", "a"]));
    await store.write("b", at(1, "ada", ["b"]));
    const tags = async (range: IndexRange, order: "ascending" | "descending") =>
      (await store.query("tag", range, { order, limit: 1_000 })).items.map(({ key }) => key);
    expect(await tags({}, "ascending")).toEqual(["both", "b"]);
    expect(await tags({}, "descending")).toEqual(["both", "b"]);
    expect(await tags({ from: "b" }, "ascending")).toEqual(["b", "both"]);
    const { cursor = "" } = await store.query("tag", {}, { limit: 1 });
    expect((await store.query("tag", {}, { limit: 1, cursor })).items.map(({ key }) => key)).toEqual(["b"]);
  });

  it("is not gone on with by a cursor of another question or another ledger", async () => {
    await using kindling = await open();
    await using other = await open();
    for (const each of [kindling, other])
      await each.record(Array.from({ length: 5 }, (_, index) => reminders.write(`r${index}`, at(index))));
    const store = kindling.store(reminders);
    const { cursor = "" } = await store.query("due", { below: 9 }, { limit: 2 });
    const refused = { code: "bad_cursor", message: "the cursor belongs to another question, or to another ledger" };
    await expect(store.query("due", { below: 8 }, { cursor })).rejects.toMatchObject(refused);
    await expect(store.query("due", { below: 9 }, { cursor, order: "descending" })).rejects.toMatchObject(refused);
    await expect(store.query("owner", "ada", { cursor })).rejects.toMatchObject(refused);
    await expect(other.store(reminders).query("due", { below: 9 }, { cursor })).rejects.toMatchObject(refused);
    expect((await store.query("due", { below: 9 }, { cursor, limit: 9 })).items.map(({ key }) => key)).toEqual(["r2", "r3", "r4"]);
  });

  it("holds values of any kind in one order, and finds each by itself", () => {
    const value = fc.oneof(
      fc.constantFrom<IndexValue>(
        null,
        false,
        true,
        0,
        -0,
        "",
        "\u0000",
        "\u0001",
        "\u0002",
        "\ufffe",
        "\uffff",
        "a\u0001",
        "😀",
        "\ue000",
      ),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.string({ unit: "binary", maxLength: 4 }).filter((text) => text.isWellFormed()),
    );
    const kind = (one: IndexValue): number => (one === null ? 0 : typeof one === "boolean" ? 1 : typeof one === "number" ? 2 : 3);
    const isLess = (one: IndexValue, other: IndexValue): boolean =>
      kind(one) === kind(other) ? (one as number) < (other as number) : kind(one) < kind(other);
    const holds = (range: IndexValue | IndexRange, one: IndexValue): boolean => {
      const { from, before } = placesOf("s", "i", range);
      const place = indexPlace("s", "i", one);
      return place >= from && (before === undefined || place < before);
    };
    fc.assert(
      fc.property(value, value, (one, other) => {
        expect(indexPlace("s", "i", one) < indexPlace("s", "i", other)).toBe(isLess(one, other));
        const isSameKind = kind(one) === kind(other);
        expect(holds(other, one)).toBe(!isLess(one, other) && !isLess(other, one));
        expect(holds({ below: other }, one)).toBe(isSameKind && isLess(one, other));
        expect(holds({ to: other }, one)).toBe(isSameKind && !isLess(other, one));
        expect(holds({ above: other }, one)).toBe(isSameKind && isLess(other, one));
        expect(holds({ from: other }, one)).toBe(isSameKind && !isLess(one, other));
        expect(holds({}, one)).toBe(true);
        if (typeof other === "string") expect(holds({ startsWith: other }, one)).toBe(typeof one === "string" && one.startsWith(other));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("an index that came later", () => {
  const before = defineStore("people", { schema: z.object({ name: z.string(), city: z.string() }), indexes: { name: ({ name }) => name } });
  const people = defineStore("people", {
    schema: z.object({ name: z.string(), city: z.string() }),
    indexes: { name: ({ name }) => name, city: ({ city }) => city },
  });

  it("is refused as incomplete until what was recorded without it is recorded anew, also in a later process", async () => {
    const place = fileLedger(await temporaryFolder());
    {
      await using kindling = await open(place);
      await kindling.record(
        Array.from({ length: 150 }, (_, index) =>
          before.write(`p${index}`, { name: `n${index}`, city: "Bonn" }, { validFrom: "2020-01-01" }),
        ),
      );
      await kindling.store(before).remove("p0");
    }
    await using kindling = await open(place);
    const store = kindling.store(people);
    await store.write("new", { name: "n", city: "Bonn" });
    await expect(store.query("city", "Bonn")).rejects.toMatchObject({
      code: "index_incomplete",
      details: { store: "people", index: "city", kept: "name" },
      fix: expect.stringContaining("reindex()"),
    });
    expect((await store.query("name", "n7")).items).toHaveLength(1);
    const [old] = (await store.history("p7")).items;
    expect(await store.reindex()).toBe(149);
    expect(await store.reindex()).toBe(0);
    expect((await store.query("city", "Bonn", { limit: 1_000 })).items).toHaveLength(150);
    expect(await store.get("p7")).toMatchObject({ number: 2, causes: [old?.id], validFrom: Date.UTC(2020, 0, 1), value: { name: "n7" } });
    expect(await store.get("p0")).toBeUndefined();
    // Whoever writes without the index makes it incomplete again.
    await kindling.store(before).write("p1", { name: "n1", city: "Bonn" });
    await expect(store.query("city", "Bonn")).rejects.toMatchObject({ code: "index_incomplete" });
    expect((await kindling.store(before).query("name", "n1")).items).toHaveLength(1);
  });

  it("of a derived store is refused, too, until everything is derived anew", async () => {
    const place = memoryLedger();
    const rule = {
      schema: z.number(),
      from: reminders,
      key: ({ owner }: { owner: string }) => owner,
      compute: (facts: readonly unknown[]) => facts.length,
    };
    const counts = derive("counts", rule);
    {
      await using kindling = await openKindling({ contracts: [], ledger: place, stores: [reminders, counts] });
      await kindling.record([reminders.write("r1", at(1)), reminders.write("r2", at(2, "bob")), reminders.write("r3", at(2, "bob"))]);
      await kindling.derivations.settle();
    }
    const ordered = derive("counts", { ...rule, indexes: { count: (count: number) => count } });
    await using kindling = await openKindling({ contracts: [], ledger: place, stores: [reminders, ordered] });
    await kindling.derivations.settle();
    const keys = async () => (await kindling.store(ordered).query("count", { from: 1 })).items.map(({ key }) => key);
    await expect(keys()).rejects.toMatchObject({ code: "index_incomplete", fix: expect.stringContaining('derivations.rebuild("counts")') });
    await kindling.derivations.rebuild("counts");
    expect(await keys()).toEqual(["ada", "bob"]);
  });

  it("is no other order under the same idempotency key", async () => {
    await using kindling = await open();
    const first = await kindling.store(before).write("p", { name: "n", city: "Bonn" }, { idempotencyKey: "k" });
    expect(await kindling.store(people).write("p", { name: "n", city: "Bonn" }, { idempotencyKey: "k" })).toEqual({
      ...first,
      repeated: true,
    });
  });
});

describe("a question about the past of an index", () => {
  it("is asked of many keys only by who says so", async () => {
    await using kindling = await open();
    const store = kindling.store(reminders);
    const count = 10_001;
    for (let from = 0; from < count; from += 500)
      await kindling.record(
        Array.from({ length: Math.min(500, count - from) }, (_, index) => reminders.write(`r${from + index}`, at((from + index) % 50))),
      );
    const { position } = await store.write("r7", at(-1));
    const asOf = { position: position - 1 };
    await expect(store.query("due", { below: 1 }, { asOf })).rejects.toMatchObject({ code: "scan_needed", details: { limit: 10_000 } });
    const { items, cursor = "" } = await store.query("due", { below: 2 }, { asOf, scan: true, limit: 300, order: "descending" });
    expect(items).toHaveLength(300);
    expect(items[0]?.value.due).toBe(1);
    const rest = await store.query("due", { below: 2 }, { asOf, scan: true, limit: 300, order: "descending", cursor });
    expect([...items, ...rest.items].map(({ key }) => Number(key.slice(1)) % 50).filter((due) => due > 1)).toEqual([]);
    expect(new Set([...items, ...rest.items].map(({ key }) => key)).size).toBe(401);
    expect(rest.cursor).toBeUndefined();
    expect((await store.query("due", { below: 0 })).items.map(({ key }) => key)).toEqual(["r7"]);
  });
});

describe("a question to an index is refused", () => {
  const wild = <T>(value: unknown) => value as T;

  it.each<[string, string, (store: ReturnType<typeof storeOf>) => Promise<unknown>, string]>([
    [
      "with an object that is no part of an index",
      "bad_range",
      (store) => store.query("owner", wild({ until: 7 })),
      'has "until", which means nothing',
    ],
    [
      "about a part of an index between a number and a text",
      "bad_range",
      (store) => store.query("owner", { from: 1, to: "b" }),
      "has ends of two kinds",
    ],
    ["about a part with two ends", "bad_range", (store) => store.query("owner", { to: 1, below: 2 }), "has two ends"],
    [
      "about a part that begins with a text and somewhere else",
      "bad_range",
      (store) => store.query("owner", { startsWith: "a", to: "b" }),
      "has ends besides startsWith",
    ],
    ["in an order of its own", "bad_order", (store) => store.query("owner", {}, { order: wild("random") }), 'order is "random"'],
    [
      "with a cursor of its own making, about an index",
      "bad_cursor",
      (store) => store.query("owner", {}, { cursor: "; drop table" }),
      "the cursor is none of a page",
    ],
    [
      "about a relation that there is not",
      "unknown_relation",
      (store) => store.related(wild<never>("employer"), "a"),
      'reminders has no relation "employer"',
    ],
  ])("%s", async (_case, code, ask, message) => {
    await using kindling = await open();
    await expect(ask(storeOf(kindling))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
      fix: expect.stringMatching(/\w/),
    });
  });
});

function storeOf(kindling: Kindling) {
  return kindling.store(reminders);
}
