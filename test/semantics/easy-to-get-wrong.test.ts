// What is easily got wrong about a graph and its run, in the form Kindling gives it; events and time are in easy-to-get-wrong-events.test.ts. What is
// said about application facts (order, time travel, compaction), about tools and about other models in turn is tested with those parts.

import { contract, plan } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, temporaryLedger } from "../host/open-host.ts";

describe("inputs", () => {
  const travel = contract("travel", {
    inputs: { from: z.string(), to: z.string(), via: z.string().nullable(), seats: z.number().default(1) },
    define: (g, { from, to, via, seats }) =>
      g.compute("text", { needs: { from, to, via, seats }, run: ({ from, to, via, seats }) => `${from} ${via ?? "-"} ${to} ${seats}` }),
  });

  it("that are missing, null, of a wrong type or unknown are told together, before there is a run", async () => {
    const kindling = await openKindling({ contracts: [travel] });
    const start = kindling.start("travel", { to: null, seats: "two", class: "first" });
    await expect(start).rejects.toMatchObject({
      name: "InputError",
      code: "invalid_inputs",
      message: expect.stringMatching(/class: no such input.*from: .*to: .*received null.*via: .*seats: .*received string/s),
      fix: "Give from, to, via, seats (optional).",
      details: { issues: [{ at: "class" }, { at: "from" }, { at: "to" }, { at: "via" }, { at: "seats" }] },
    });
    expect((await kindling.list()).items).toEqual([]);
  });

  it("may be null where the schema says so, and null is neither missing nor replaced by a default", async () => {
    const kindling = await openKindling({ contracts: [travel] });
    const run = await kindling.start(travel, { from: "a", to: "b", via: null });
    expect(await run.result()).toBe("a - b 1");
    await expect(kindling.start("travel", { from: "a", to: "b", via: null, seats: null })).rejects.toMatchObject({
      code: "invalid_inputs",
    });
  });

  it("may be given in part when a run is only planned, which tells the rest", () => {
    const { inputs, ready, blocked } = plan(travel, { to: "b", via: null });
    expect(inputs).toEqual({ given: ["to", "via"], defaulted: ["seats"], missing: ["from"], invalid: [] });
    expect([ready, blocked.map(({ path }) => path)]).toEqual([[], ["text"]]);
  });
});

describe("awaits", () => {
  const release = contract("release", {
    inputs: { id: z.string(), langs: z.array(z.string()) },
    correlate: ["id"],
    define(g, { id, langs }) {
      const legal = g.await("legal", { event: "legal", schema: z.string(), show: { id } });
      const press = g.await("press", { event: "press", schema: z.string(), show: { id } });
      const items = g.collection("items", {
        over: langs,
        as: "lang",
        key: (lang) => lang,
        each: (g, { lang }) => g.await("checked", { event: "checked", schema: z.string(), show: { lang } }),
      });
      const after = g.await("after", { event: "after", schema: z.string(), show: { legal } });
      return g.compute("all", { needs: { legal, press, items, after }, run: ({ legal, press, after }) => `${legal}${press}${after}` });
    },
  });

  it("that can be reached are all open at once, though one node needs them all; what stands behind one opens after it", async () => {
    const kindling = await openKindling({ contracts: [release] });
    const run = await kindling.start(release, { id: "1", langs: ["en", "de"] });
    await run.settled();
    const open = async () => (await kindling.inbox()).map(({ path }) => path).sort();
    expect(await open()).toEqual(["items[de]/checked", "items[en]/checked", "legal", "press"]);
    await kindling.deliver({ event: "legal", run: run.id, payload: "l" });
    await run.settled();
    expect(await open()).toEqual(["after", "items[de]/checked", "items[en]/checked", "press"]);
  });

  it("inside children are resumed from the root run, by path or by the child's own key", async () => {
    const kindling = await openKindling({ contracts: [release] });
    const run = await kindling.start(release, { id: "1", langs: ["en", "de"] });
    await run.settled();
    expect(await kindling.deliver({ event: "checked", run: run.id, path: "items[en]/checked", payload: "x" })).toMatchObject({
      status: "delivered",
      run: run.id,
      path: "items[en]/checked",
    });
    expect(await kindling.deliver({ event: "checked", correlation: { id: "1", lang: "de" }, payload: "y" })).toMatchObject({
      status: "delivered",
      run: run.id,
      path: "items[de]/checked",
    });
    for (const event of ["legal", "press", "after"]) await kindling.deliver({ event, run: run.id, payload: event });
    expect(await run.result()).toBe("legalpressafter");
  });

  it("leave a run waiting and not finished: no fact says that it ended, and none is missing when it does", async () => {
    const kindling = await openKindling({ contracts: [release] });
    const run = await kindling.start(release, { id: "1", langs: [] });
    expect(await run.settled()).toMatchObject({ status: "waiting", endedAt: undefined, outputs: undefined });
    const types = async () => (await run.facts()).map(({ type }) => type).filter((type) => /^run\.(?!started)/.test(type));
    expect(await types()).toEqual(["run.waiting"]);
    for (const event of ["legal", "press", "after"]) await kindling.deliver({ event, run: run.id, payload: event });
    await run.result();
    expect((await types()).at(-1)).toBe("run.succeeded");
    expect((await types()).filter((type) => type !== "run.waiting")).toEqual(["run.succeeded"]);
  });
});

describe("a branch", () => {
  it("gives every case its needs by name, a contract those it declares, and its value is what the case taken gives", async () => {
    const archive = contract("archive", {
      inputs: { text: z.string() },
      define: (g, { text }) => ({ kept: g.compute("kept", { needs: { text }, run: ({ text }) => text.length }) }),
    });
    const letter = contract("letter", {
      inputs: { text: z.string(), size: z.number(), kind: z.enum(["send", "keep"]) },
      define: (g, { text, size, kind }) =>
        g.branch("done", {
          needs: { text, size, kind },
          on: "kind",
          cases: {
            send: (g, { text, size }) => g.compute("cut", { needs: { text, size }, run: ({ text, size }) => text.slice(0, size) }),
            keep: archive,
          },
        }),
    });
    const kindling = await openKindling({ contracts: [letter] });
    expect(await (await kindling.start(letter, { text: "abcdef", size: 2, kind: "send" })).result()).toBe("ab");
    expect(await (await kindling.start(letter, { text: "abcdef", size: 2, kind: "keep" })).result()).toEqual({ kept: 6 });
  });
});

describe("a guard", () => {
  it("gives true and nothing else, and runs though nobody reads it", async () => {
    const checked = contract("checked", {
      inputs: { amount: z.number() },
      define(g, { amount }) {
        g.guard("positive", { needs: { amount }, check: ({ amount }) => amount > 0, message: ({ amount }) => `${amount} is not positive` });
        const small = g.guard("small", { needs: { amount }, where: { amount: { max: 9 } } });
        return { small, amount };
      },
    });
    const kindling = await openKindling({ contracts: [checked] });
    expect(await (await kindling.start(checked, { amount: 3 })).result()).toEqual({ small: true, amount: 3 });
    const refused = await (await kindling.start(checked, { amount: -1 })).settled();
    expect([refused.status, refused.error]).toMatchObject(["failed", { code: "guard_failed", message: "positive: -1 is not positive" }]);
  });
});

describe("project", () => {
  it("takes its default where any part of the path is missing, at whatever step, and null at its end is a value", async () => {
    const Person = z.object({ home: z.object({ city: z.string().nullable().optional() }).optional() });
    const city = contract("city", {
      inputs: { person: Person },
      define: (g, { person }) => g.project("city", person, ["home", "city"], { default: "nowhere" }),
    });
    const kindling = await openKindling({ contracts: [city] });
    const cityOf = async (person: z.infer<typeof Person>) => (await kindling.start(city, { person })).result();
    expect(await cityOf({ home: { city: "Oslo" } })).toBe("Oslo");
    expect(await cityOf({ home: { city: null } })).toBe(null);
    expect(await cityOf({ home: {} })).toBe("nowhere");
    expect(await cityOf({})).toBe("nowhere");
  });
});

describe("a scope", () => {
  it("is the beginning of a name and nothing more: no run, no inputs, no wall", async () => {
    const scoped = contract("scoped", {
      inputs: { price: z.number() },
      define(g, { price }) {
        const { net, tax } = g.scope("pricing", (g) => {
          const net = g.compute("net", { needs: { price }, run: ({ price }) => price * 2 });
          return { net, tax: g.scope("tax", (g) => g.compute("vat", { needs: { net }, run: ({ net }) => net / 5 })) };
        });
        return g.compute("net", { needs: { net, tax }, run: ({ net, tax }) => net + tax });
      },
    });
    const kindling = await openKindling({ contracts: [scoped] });
    const run = await kindling.start(scoped, { price: 10 });
    expect(await run.result()).toBe(24);
    const { nodes } = await run.get();
    expect(nodes.map(({ path, children }) => [path, children])).toEqual([
      ["pricing.net", []],
      ["pricing.tax.vat", []],
      ["net", []],
    ]);
    expect(new Set((await run.facts()).map((fact) => fact.run))).toEqual(new Set([run.id]));
  });
});

describe("a collection that collects", () => {
  it("succeeds though all its items failed, and its summary tells", async () => {
    const all = contract("all", {
      inputs: { names: z.array(z.string()) },
      define(g, { names }) {
        const items = g.collection("items", {
          over: names,
          as: "name",
          key: (name) => name,
          each: (g, { name }) =>
            g.compute("never", {
              needs: { name },
              run: ({ name }): string => {
                throw new Error(`not ${name}`);
              },
            }),
        });
        return { items, status: g.compute("status", { needs: { items }, run: ({ items }) => items.summary.status }) };
      },
    });
    const kindling = await openKindling({ contracts: [all] });
    const { items, status } = await (await kindling.start(all, { names: ["a", "b"] })).result();
    expect(status).toBe("failed");
    expect(items.summary).toEqual({ total: 2, succeeded: 0, failed: 2, pending: 0, status: "failed" });
    expect(Object.values(items.failures).map(({ message }) => message)).toEqual(["items[a]/never: not a", "items[b]/never: not b"]);
    const none = await (await kindling.start(all, { names: [] })).result();
    expect(none.status).toBe("succeeded");
  });
});

describe("after an update", () => {
  it.each([
    ["false", (size: number) => size > 100],
    ["null", () => null],
    ["an equal object", (size: number) => ({ isLarge: size > 100 })],
  ])("a node that runs again and gives the same value (%s) stops what stands behind it", async (_what, judge) => {
    let calls = 0;
    const sized = contract("sized", {
      inputs: { size: z.number() },
      define(g, { size }) {
        const judged = g.compute("judged", { needs: { size }, run: ({ size }): unknown => judge(size) });
        const behind = g.compute("behind", { needs: { judged }, run: () => (calls += 1) });
        return { behind: g.compute("last", { needs: { behind }, run: ({ behind }) => behind }) };
      },
    });
    const place = await temporaryLedger();
    const kindling = await openKindling({ contracts: [sized], ledger: place });
    const run = await kindling.start(sized, { size: 1 });
    await run.result();
    await run.update({ size: 2 });
    await run.update({ size: 3 });
    expect(await run.result()).toEqual({ behind: 1 });
    expect(calls).toBe(1);
    const reused = (await run.facts()).filter(({ type }) => type === "node.reused").map(({ path }) => path);
    expect(new Set(reused)).toEqual(new Set(["behind", "last"]));
  });
});
