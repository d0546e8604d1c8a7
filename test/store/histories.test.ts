// Histories as a program writes and reads them: events in order, part by part.

import { defineHistory, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";

const calls = defineHistory("calls", {
  schema: z.object({ customer: z.string(), minutes: z.number() }),
  partitionBy: ({ customer }) => customer,
});
const log = defineHistory("log", { schema: z.string() });

const open = () => openKindling({ contracts: [], ledger: memoryLedger() });

describe("a history", () => {
  it("keeps events in order, part by part", async () => {
    await using kindling = await open();
    const history = kindling.history(calls);
    for (const [customer, minutes] of [
      ["c1", 1],
      ["c2", 2],
      ["c1", 3],
    ] as const)
      await history.append({ customer, minutes });
    const read = await history.read({ partition: "c1" });
    expect(read.items.map(({ value, number }) => [value.minutes, number])).toEqual([
      [1, 1],
      [3, 2],
    ]);
    expect((await history.partitions()).items).toEqual(["c1", "c2"]);
    expect((await history.read({ partition: "c9" })).items).toEqual([]);
    await expect(history.read()).rejects.toMatchObject({ code: "partition_needed" });
    await kindling.history(log).append("one part");
    expect((await kindling.history(log).read()).items.map(({ value }) => value)).toEqual(["one part"]);
    await expect(kindling.history(log).read({ partition: "x" })).rejects.toMatchObject({ code: "partition_needed" });
  });

  it("gives what was recorded before it had parts, as the part without a name that is among its parts", async () => {
    await using kindling = await open();
    const whole = defineHistory("calls", { schema: calls.schema });
    await kindling.history(whole).append({ customer: "c1", minutes: 1 });
    await kindling.history(calls).append({ customer: "c1", minutes: 2 });
    const history = kindling.history(calls);
    const parts = (await history.partitions()).items;
    const read = await Promise.all(
      parts.map(async (partition) => (await history.read({ partition })).items.map(({ value }) => value.minutes)),
    );
    expect([parts, read]).toEqual([
      ["", "c1"],
      [[1], [2]],
    ]);
  });

  it("takes the same event twice as two events", async () => {
    await using kindling = await open();
    const history = kindling.history(log);
    const [one, two] = [await history.append("same"), await history.append("same")];
    expect(one.id).not.toBe(two.id);
    expect((await history.read()).items).toHaveLength(2);
  });

  it("refuses an event that expects another end of its part, and looks at no other part", async () => {
    await using kindling = await open();
    const history = kindling.history(calls);
    const first = await history.append({ customer: "ada", minutes: 1 }, { expect: "absent" });
    await expect(history.append({ customer: "ada", minutes: 2 }, { expect: "absent" })).rejects.toMatchObject({
      code: "write_conflict",
      details: { current: first.id, present: true },
      message: `calls: "ada" was expected to have no events, and ends with ${first.id}`,
    });
    await expect(history.append({ customer: "bob", minutes: 2 }, { expect: first.id })).rejects.toMatchObject({
      message: `calls: "bob" was expected to end with ${first.id}, and has none`,
    });
    await history.append({ customer: "bob", minutes: 9 });
    const outcomes = await Promise.allSettled(
      [2, 3, 4].map((minutes) => history.append({ customer: "ada", minutes }, { expect: first.id })),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect((await history.read({ partition: "ada" })).items.map(({ value }) => value.minutes)).toEqual([1, 2]);
  });
});
