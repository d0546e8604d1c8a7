// Relations: values of a store that name keys of another one, read both ways, now and at any moment.

import { contract, defineStore, type ReadableStore, memoryLedger, storeTools } from "kindling";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";

const bookings = defineStore("bookings", {
  schema: z.object({ day: z.string(), technician: z.string().nullable(), helpers: z.array(z.string()).default([]) }),
  indexes: { day: ({ day }) => day },
  relations: {
    technician: { to: () => technicians, by: ({ technician }) => technician },
    helpers: { to: () => technicians, by: ({ helpers }) => helpers },
  },
});
const technicians = defineStore("technicians", { schema: z.object({ name: z.string() }) });

const booked = (technician: string | null, helpers: string[] = []) => ({ day: "tuesday", technician, helpers });

describe("a relation", () => {
  it("is an index of that name for contracts and for tools, too", async () => {
    const work = contract("work", {
      inputs: { technician: z.string() },
      define: (g, { technician }) => g.query("work", bookings, { index: "technician", is: technician, limit: 5 }),
    });
    await using kindling = await openKindling({ contracts: [work], ledger: memoryLedger() });
    await kindling.store(bookings).write("b1", booked("t1"));
    expect(await (await kindling.start(work, { technician: "t1" })).result()).toEqual([booked("t1")]);
    expect(storeTools(bookings, { query: ["day", "helpers"] }).map(({ name }) => name)).toEqual([
      "bookings_get",
      "bookings_by_day",
      "bookings_by_helpers",
    ]);
    // @ts-expect-error -- an index that there is not
    expect(() => storeTools(bookings, { query: ["helper"] })).toThrow('bookings has no index "helper"');
  });

  it("is read both ways, and follows a key that changes", async () => {
    await using kindling = await openKindling({ contracts: [], ledger: memoryLedger() });
    await kindling.record([
      technicians.write("t1", { name: "Ada" }),
      technicians.write("t2", { name: "Bob" }),
      bookings.write("b1", booked("t1")),
      bookings.write("b2", booked("t1", ["t2"])),
    ]);
    const store = kindling.store(bookings);
    const of = async (technician: string) => (await store.relatedTo("technician", technician)).items.map(({ key }) => key);
    expect(await of("t1")).toEqual(["b1", "b2"]);
    expect((await store.related("technician", "b1"))?.map(({ key, fact }) => [key, fact?.value.name])).toEqual([["t1", "Ada"]]);
    await store.write("b1", booked("t2"));
    expect([await of("t1"), await of("t2")]).toEqual([["b2"], ["b1"]]);
    await store.remove("b2");
    expect([await of("t1"), await of("t2")]).toEqual([[], ["b1"]]);
    expect((await store.query("technician", { from: "t1" })).items.map(({ key }) => key)).toEqual(["b1"]);
  });

  it("tells a key that leads to nothing from one that leads nowhere, and both from nothing", async () => {
    await using kindling = await openKindling({ contracts: [], ledger: memoryLedger() });
    const store = kindling.store(bookings);
    await kindling.record([technicians.write("t1", { name: "Ada" }), bookings.write("b1", booked("t9", ["t1", "t9", "t1"]))]);
    await store.write("b2", booked(null));
    expect(await store.related("technician", "b1")).toEqual([{ key: "t9", fact: undefined }]);
    expect((await store.related("helpers", "b1"))?.map(({ key, fact }) => [key, fact?.value.name])).toEqual([
      ["t1", "Ada"],
      ["t9", undefined],
    ]);
    expect(await store.related("technician", "b2")).toEqual([]);
    expect(await store.related("technician", "b3")).toBeUndefined();
    expect(await store.relatedTo("technician", "t9")).toMatchObject({ target: undefined, items: [{ key: "b1" }] });
    expect(await store.relatedTo("technician", "t1")).toMatchObject({ target: { value: { name: "Ada" } }, items: [] });
    await kindling.store(technicians).remove("t1");
    expect((await store.relatedTo("helpers", "t1")).target).toBeUndefined();
  });

  it("is read as both ends were at a moment", async () => {
    await using kindling = await openKindling({ contracts: [], ledger: memoryLedger() });
    const store = kindling.store(bookings);
    await kindling.store(technicians).write("t1", { name: "Ada" });
    const { position } = await store.write("b1", booked("t1"));
    await kindling.store(technicians).write("t1", { name: "Ada L." });
    await store.write("b1", booked("t2"));
    const asOf = { position };
    expect((await store.related("technician", "b1", { asOf }))?.[0]?.fact?.value.name).toBe("Ada");
    expect(await store.relatedTo("technician", "t1", { asOf })).toMatchObject({
      target: { value: { name: "Ada" } },
      items: [{ key: "b1" }],
    });
    expect(await store.relatedTo("technician", "t1")).toMatchObject({ target: { value: { name: "Ada L." } }, items: [] });
    expect(await store.related("technician", "b1", { asOf: { position: 1 } })).toBeUndefined();
  });

  it("knows the values of the other store, and the names there are", () => {
    type Target = NonNullable<typeof bookings.relations>["technician"] extends { to: () => ReadableStore<infer T> } ? T : never;
    expectTypeOf<Target>().toEqualTypeOf<{ name: string }>();
  });

  it("is refused when it is none, when it shares a name, and when it names what can be no key", async () => {
    const wild = <T>(value: unknown) => value as T;
    const schema = z.object({ to: z.string() });
    const to = () => technicians;
    expect(() => defineStore("x", { schema, relations: { to: wild<never>({ to }) } })).toThrow('the relation "to" is none');
    expect(() =>
      defineStore("x", { schema, indexes: { to: ({ to }) => to }, relations: { to: { to, by: ({ to }: { to: string }) => to } } }),
    ).toThrow('"to" is an index and a relation');
    await using kindling = await openKindling({ contracts: [], ledger: memoryLedger() });
    const odd = defineStore("odd", { schema, relations: { to: { to: wild<() => typeof technicians>(() => 7), by: (value) => value.to } } });
    await expect(kindling.store(odd).write("a", { to: "" })).rejects.toMatchObject({ code: "bad_key" });
    await kindling.store(odd).write("a", { to: "b" });
    await expect(kindling.store(odd).related("to", "a")).rejects.toMatchObject({ code: "bad_relation" });
    await expect(kindling.store(bookings).relatedTo(wild<"technician">("constructor"), "a")).rejects.toMatchObject({
      code: "unknown_relation",
    });
  });
});
