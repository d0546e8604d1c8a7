// Taking back what nodes have recorded of one key, one behind the other.

import { contract, defineStore, type Kindling } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, until } from "../host/open-host.ts";

const counters = defineStore("counters", { schema: z.number() });

const climb = contract("climb", {
  inputs: { key: z.string() },
  define(g, { key }) {
    const one = g.write("one", counters, { needs: {}, key, value: () => 1, takeBack: true });
    const none = g.remove("none", counters, { key, takeBack: true, after: [one] });
    const two = g.change("two", counters, { key, change: (current) => (current ?? 10) + 1, takeBack: true, after: [none] });
    return g.await("go", { event: "go", schema: z.null(), after: [two] });
  },
});

async function cancelled(kindling: Kindling, behind: () => Promise<unknown> = async () => undefined): Promise<readonly unknown[]> {
  const run = await kindling.start(climb, { key: "a" });
  await run.settled();
  await behind();
  await kindling.cancel(run.id);
  await until(async () => (await kindling.get(run.id))?.status === "cancelled");
  return (await kindling.store(counters).history("a")).items.map((fact) => (fact.act === "written" ? fact.value : "none"));
}

describe("a run that has recorded several facts of one key and is lost", () => {
  it("gives the key what it had before the first of them", async () => {
    const kindling = await openKindling({ contracts: [climb] });
    await kindling.store(counters).write("a", 0);
    expect(await cancelled(kindling)).toEqual([0, 1, "none", 11, "none", 1, 0]);
  });

  it("leaves it without a value where it had none", async () => {
    const kindling = await openKindling({ contracts: [climb] });
    expect(await cancelled(kindling)).toEqual([1, "none", 11, "none", 1, "none"]);
  });

  it("leaves what a later edition has written since, though it cannot read it", async () => {
    const later = defineStore("counters", { version: 2, schema: z.string(), upcast: { 1: String } });
    const kindling = await openKindling({ contracts: [climb] });
    const run = await kindling.start(climb, { key: "a" });
    await run.settled();
    await kindling.store(later).write("a", "many");
    await kindling.cancel(run.id);
    await until(async () => (await kindling.get(run.id))?.status === "cancelled");
    expect((await kindling.store(later).get("a"))?.value).toBe("many");
    const outcomes = (await kindling.facts(run.id))
      .map(({ type }) => type)
      .filter((type) => /^compensation.(succeeded|failed)$/.test(type));
    expect(outcomes).toEqual(["compensation.succeeded", "compensation.succeeded", "compensation.succeeded"]);
  });

  it("takes back what its children have recorded, too", async () => {
    const all = contract("all", {
      inputs: { keys: z.array(z.string()) },
      define(g, { keys }) {
        const risen = g.collection("risen", {
          over: keys,
          as: "key",
          key: (key) => key,
          each: (g, { key }) => {
            const one = g.change("one", counters, { key, change: (current) => (current ?? 0) + 1, takeBack: true });
            return g.change("two", counters, { key, change: (current) => (current ?? 0) + 1, takeBack: true, after: [one] });
          },
        });
        return g.await("go", { event: "go", schema: z.null(), after: [risen] });
      },
    });
    const kindling = await openKindling({ contracts: [all] });
    await kindling.store(counters).write("a", 5);
    const run = await kindling.start(all, { keys: ["a", "b"] });
    await run.settled();
    await kindling.cancel(run.id);
    await until(async () => (await kindling.get(run.id))?.endedAt !== undefined);
    expect(await kindling.deadLetters()).toEqual([]);
    const past = async (key: string) =>
      (await kindling.store(counters).history(key)).items.map((fact) => (fact.act === "written" ? fact.value : "none"));
    expect([await past("a"), await past("b")]).toEqual([
      [5, 6, 7, 6, 5],
      [1, 2, 1, "none"],
    ]);
  });

  it("lets stand what somebody else has written behind them", async () => {
    const kindling = await openKindling({ contracts: [climb] });
    expect(await cancelled(kindling, () => kindling.store(counters).write("a", 7))).toEqual([1, "none", 11, 7]);
  });

  describe("of a key whose past was given up", () => {
    const levels = defineStore("levels", { schema: z.number(), retention: { last: 1 } });
    const rise = contract("rise", {
      inputs: {},
      define(g) {
        const risen = g.write("risen", levels, { needs: {}, key: "a", value: () => 1, takeBack: true });
        return g.await("go", { event: "go", schema: z.null(), after: [risen] });
      },
    });

    async function lost(behind: (kindling: Kindling) => Promise<unknown>) {
      const kindling = await openKindling({ contracts: [rise], stores: [levels] });
      await kindling.store(levels).write("a", 0);
      const run = await kindling.start(rise, {});
      await run.settled();
      await behind(kindling);
      await kindling.compactFacts();
      await kindling.cancel(run.id);
      await until(async () => (await kindling.get(run.id))?.endedAt !== undefined);
      return { letters: await kindling.deadLetters(), value: (await kindling.store(levels).get("a"))?.value };
    }

    it("says so at once, and does not try what cannot be", async () => {
      const { letters, value } = await lost(() => Promise.resolve());
      expect(letters).toMatchObject([{ what: "compensation", path: "risen", attempts: 1, error: { code: "detail_unavailable" } }]);
      expect(value).toBe(1);
    });

    it("lets stand what somebody else has written behind it, as ever", async () => {
      expect(await lost((kindling) => kindling.store(levels).write("a", 7))).toEqual({ letters: [], value: 7 });
    });
  });
});
