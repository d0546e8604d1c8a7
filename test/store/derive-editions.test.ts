// A derived store whose rule, or whose sources, are of another edition than what is there: what follows, and what is behind.

import { createRuntime, defineHistory, defineStore, derive, fileLedger, type Kindling, memoryLedger, type StoreChange } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const shifts = defineStore("shifts", { schema: z.object({ who: z.string(), day: z.string(), hours: z.number() }) });
const payments = defineHistory("payments", { schema: z.object({ to: z.string(), amount: z.number() }), partitionBy: ({ to }) => to });
const sound = { schema: z.number(), from: payments, key: ({ to }: { to: string }) => to };
const paid = derive("paid", { ...sound, reduce: { initial: 0, add: (sum, { amount }) => sum + amount } });

describe("a rule that is another one", () => {
  it("derives everything anew when its version is raised, and what comes out the same is not recorded again", async () => {
    const ledger = memoryLedger();
    const kindling = await createRuntime({ contracts: [], stores: [paid], ledger });
    for (const [to, amount] of [
      ["ada", 5],
      ["ada", 7],
      ["bob", 0],
    ] as const) {
      await kindling.history(payments).append({ to, amount });
      await kindling.derivations.settle();
    }
    const before = await kindling.store(paid).get("bob");
    await kindling.close();
    const doubled = derive("paid", { ...sound, version: 2, reduce: { initial: 0, add: (sum, { amount }) => sum + 2 * amount } });
    await using later = await createRuntime({ contracts: [], stores: [doubled], ledger });
    await later.derivations.settle();
    expect((await later.store(doubled).get("ada"))?.value).toBe(24);
    expect((await later.store(doubled).history("ada")).items.map((fact) => fact.act === "written" && fact.value)).toEqual([5, 12, 24]);
    const position = (await later.derivations.status())[0]?.upTo ?? 0;
    await later.derivations.rebuild("paid");
    expect((await later.derivations.status())[0]?.upTo).toBeLessThanOrEqual(position + 2);
    expect(before?.version).toBe(1);
  });

  it("derives everything anew when it derives in another way, or from something else, also under the same version", async () => {
    const ledger = memoryLedger();
    const refunds = defineHistory("refunds", { schema: z.object({ to: z.string(), amount: z.number() }) });
    const summed = derive("paid", { ...sound, compute: (facts) => facts.reduce((sum, { value }) => sum + value.amount, 0) });
    const back = derive("paid", { ...sound, from: refunds, reduce: { initial: 0, add: (sum, { amount }) => sum - amount } });
    const both = derive("paid", {
      schema: z.number(),
      from: { payments, refunds },
      key: { payments: ({ to }) => to, refunds: ({ to }) => to },
      compute: (facts) => facts.payments.length + facts.refunds.length,
    });
    const values: unknown[] = [];
    for (const paidNow of [paid, summed, paid, back, both, summed]) {
      await using kindling = await createRuntime({ contracts: [], stores: [paidNow], ledger });
      if (values.length === 0) await kindling.history(refunds).append({ to: "ada", amount: 2 });
      await kindling.history(payments).append({ to: "ada", amount: 5 });
      await kindling.derivations.settle();
      expect(await kindling.derivations.status()).toMatchObject([{ behind: 0, failed: 0 }]);
      values.push((await kindling.store(paidNow).get("ada"))?.value);
    }
    expect(values).toEqual([5, 10, 15, -2, 6, 30]);
  });

  it("is followed by what is derived from it when its version is lowered again", async () => {
    const ledger = memoryLedger();
    const edition = (version: number) => {
      const upcast = { 1: (value: unknown) => value as number, 2: (value: unknown) => value as number };
      const sums = derive("sums", {
        ...sound,
        version,
        ...(version === 1 ? {} : { upcast: version === 2 ? { 1: upcast[1] } : upcast }),
        reduce: { initial: 0, add: (sum, { amount }) => sum + version * amount },
      });
      const rich = derive("rich", {
        schema: z.array(z.string()),
        from: sums,
        key: (sum) => (sum > 10 ? "rich" : "poor"),
        compute: (facts) => facts.map(({ key }) => key).sort(),
      });
      return { sums, rich };
    };
    const asOfVersion = async (version: number, news: Readonly<Record<string, number>> = {}) => {
      const { sums, rich } = edition(version);
      await using kindling = await createRuntime({ contracts: [], stores: [sums, rich], ledger });
      for (const [to, amount] of Object.entries(news)) await kindling.history(payments).append({ to, amount });
      await kindling.derivations.settle();
      expect((await kindling.derivations.status()).map(({ failed }) => failed)).toEqual([0, 0]);
      return [(await kindling.store(rich).get("rich"))?.value, (await kindling.store(rich).get("poor"))?.value];
    };
    expect(await asOfVersion(3, { ada: 4, bob: 20, eve: 1 })).toEqual([["ada", "bob"], ["eve"]]);
    expect(await asOfVersion(2)).toEqual([["bob"], ["ada", "eve"]]);
    expect(await asOfVersion(3)).toEqual([["ada", "bob"], ["eve"]]);
  });

  it("takes in what waited behind a fault when the version of its source was lowered again, and was written over", async () => {
    const older = defineStore("stock", { schema: z.object({ n: z.number() }) });
    const newer = defineStore("stock", {
      version: 2,
      schema: z.object({ n: z.number(), place: z.string() }),
      upcast: { 1: (value) => ({ n: 0, ...(value as object), place: "" }) },
    });
    const total = (from: typeof older | typeof newer, most: number) =>
      derive("total", {
        schema: z.number(),
        from,
        key: () => "all",
        reduce: {
          initial: 0,
          add: (sum, { n }) => {
            if (n > most) throw new Error("too many");
            return sum + n;
          },
          remove: (sum, { n }) => sum - n,
        },
      });
    const ledger = memoryLedger();
    const edition = async (derived: ReturnType<typeof total>, work: (kindling: Kindling) => Promise<unknown>) => {
      await using kindling = await createRuntime({ contracts: [], stores: [derived], ledger });
      await work(kindling);
      await kindling.derivations.settle();
      return [(await kindling.derivations.status())[0]?.failed, (await kindling.store(derived).get("all"))?.value];
    };
    const write = (kindling: Kindling) => kindling.store(newer).write("s", { n: 5, place: "here" });
    expect(await edition(total(newer, 10), write)).toEqual([0, 5]);
    const over = async (kindling: Kindling) => {
      const { id } = await write(kindling);
      await kindling.derivations.settle();
      await kindling.store(older).write("s", { n: 20 }, { expect: id });
    };
    expect(await edition(total(newer, 10), over)).toEqual([1, 5]);
    expect(await edition(total(older, 100), async () => {})).toEqual([0, 20]);
  });

  it("is not held to have failed for a key that it has no more", async () => {
    const ledger = memoryLedger();
    const hours = (version: number) =>
      derive("hours", {
        schema: z.number(),
        version,
        from: shifts,
        key: ({ day, who }) => (version === 1 ? day : who),
        compute: (facts) => {
          if (version === 1 && facts.length > 1) throw new Error("too many");
          return facts.length;
        },
      });
    const edition = async (version: number, work: (kindling: Kindling) => Promise<unknown>) => {
      await using kindling = await createRuntime({ contracts: [], stores: [hours(version)], ledger });
      await work(kindling);
      return (await kindling.derivations.settle()).map(({ failed }) => failed);
    };
    const write = (kindling: Kindling) =>
      Promise.all(["s1", "s2"].map((key) => kindling.store(shifts).write(key, { who: key, day: "tue", hours: 8 })));
    await edition(1, async (kindling) => {
      await kindling.store(shifts).write("s1", { who: "ada", day: "tue", hours: 8 });
      await kindling.derivations.settle();
      await kindling.store(shifts).remove("s1");
    });
    expect(await edition(1, write)).toEqual([1]);
    expect(await edition(2, async () => {})).toEqual([0]);
  });

  it("is not behind what is none of its sources, also by the word of a process that only reads", async () => {
    const place = fileLedger(`${await temporaryFolder()}/ledger`);
    const kindling = await createRuntime({ contracts: [], stores: [paid], ledger: place });
    await kindling.history(payments).append({ to: "ada", amount: 5 });
    await kindling.derivations.settle();
    await kindling.store(shifts).write("s1", { who: "ada", day: "tue", hours: 8 });
    expect(await kindling.derivations.status()).toMatchObject([{ behind: 0 }]);
    await kindling.close();
    const writer = await createRuntime({ contracts: [], ledger: place });
    await using reader = await createRuntime({ contracts: [], stores: [paid], ledger: place, access: "read" });
    await expect(reader.derivations.status("pai")).rejects.toMatchObject({
      code: "unknown_derivation",
      fix: expect.stringContaining("paid"),
    });
    expect(await reader.derivations.status()).toMatchObject([{ behind: 0, failed: 0 }]);
    await writer.history(payments).append({ to: "ada", amount: 5 });
    const [status] = await reader.derivations.status();
    expect(status?.behind).toBeGreaterThan(0);
    await writer.close();
  });

  it("takes in what was there before it", async () => {
    const ledger = memoryLedger();
    const kindling = await createRuntime({ contracts: [], ledger });
    for (let index = 0; index < 150; index++) await kindling.history(payments).append({ to: "ada", amount: 1 });
    await kindling.close();
    await using later = await createRuntime({ contracts: [], stores: [paid], ledger });
    await later.derivations.settle();
    const fact = await later.store(paid).get("ada");
    expect(fact).toMatchObject({ value: 150, derivation: { sources: 150 } });
    expect(fact?.causes).toHaveLength(100);
    await later.history(payments).append({ to: "ada", amount: 1 });
    await later.derivations.settle();
    expect((await later.store(paid).get("ada"))?.causes[0]).toBe(fact?.id);
  });
});

describe("a name that was a plain store's for a while", () => {
  const plain = defineStore("paid", { schema: z.number() });

  it("is derived anew where it was written meanwhile, and what was written counts for nothing", async () => {
    const ledger = memoryLedger();
    const derived = async (): Promise<unknown> => {
      await using kindling = await createRuntime({ contracts: [], stores: [paid], ledger });
      await kindling.derivations.settle();
      return (await kindling.store(paid).list()).items.map(({ key, value }) => [key, value]);
    };
    const written = async (...changes: StoreChange[]): Promise<void> => {
      await using kindling = await createRuntime({ contracts: [], stores: [plain], ledger });
      await Promise.all(changes.map((change) => kindling.record([change])));
    };
    await written(plain.write("eve", 3), payments.append({ to: "ada", amount: 5 }), payments.append({ to: "bob", amount: 2 }));
    const due = [
      ["ada", 5],
      ["bob", 2],
    ];
    expect(await derived()).toEqual(due);
    await written(plain.write("ada", 100), plain.remove("bob"), plain.write("eve", 100));
    expect(await derived()).toEqual(due);
    await written(plain.remove("ada"), payments.append({ to: "ada", amount: 1 }));
    expect(await derived()).toEqual([["ada", 6], due[1]]);
  });

  it("is not written by another process that knows it as one, while it is derived", async () => {
    const place = fileLedger(`${await temporaryFolder()}/ledger`);
    await using kindling = await createRuntime({ contracts: [], stores: [paid], ledger: place });
    await kindling.history(payments).append({ to: "ada", amount: 5 });
    await kindling.derivations.settle();
    await using other = await createRuntime({ contracts: [], stores: [plain], ledger: place, access: "shared" });
    await expect(other.store(plain).write("ada", 100)).rejects.toMatchObject({ code: "store_is_derived" });
    expect((await kindling.store(paid).get("ada"))?.value).toBe(5);
  });
});
