// Children that are dropped, wanted again and given other inputs while what was said before is still under way: the last word counts, and the run comes to rest.

import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import type { LedgerPlace } from "../../src/ledger/ledger.ts";
import { keys } from "../../src/run/head.ts";
import { memoryLedger } from "../../src/testing.ts";
import { overridden } from "./ledgers.ts";
import { openBareHost, openKindling, nextTurn, until } from "./open-host.ts";

/** Something that others wait for until it is let go. */
function barrier() {
  let wait = Promise.resolve();
  let release = () => {};
  const held = {
    hold: () => void (wait = new Promise((resolve) => (release = resolve))),
    release: () => release(),
    passed: () => wait,
  };
  onTestFinished(held.release);
  return held;
}

/** A ledger whose reads of children wait while they are held: those are on their way into memory for that long. */
function slowToRead() {
  const reads = barrier();
  const place = memoryLedger();
  const ledger: LedgerPlace = {
    location: place.location,
    open: async (options) => {
      const opened = await place.open(options);
      return overridden(opened, {
        read: async (run, from) => {
          if (opened.head(run)?.keys.includes(keys.root) === false) await reads.passed();
          return opened.read(run, from);
        },
      });
    },
  };
  return { ...reads, ledger };
}

const count = z.number();
const numbers = (length: number) => Array.from({ length }, (_, index) => index);

const asks = contract("asks", {
  inputs: { count },
  define: (g, { count }) => {
    const list = g.compute("list", { needs: { count }, run: ({ count }) => numbers(count) });
    return g.collection("each", {
      over: list,
      as: "item",
      key: (item) => `${item}`,
      each: (inner, { item }) => inner.await("ask", { event: "asked", schema: z.null(), show: { item } }),
    });
  },
});

const soon = () => ({ signal: AbortSignal.timeout(20_000) });

describe("children that are on their way into memory", () => {
  it("to be ended, and are wanted again before they are there, go on", async () => {
    const { ledger, hold, release } = slowToRead();
    const kindling = await openKindling({ contracts: [asks], ledger });
    const run = await kindling.start(asks, { count: 6 });
    await run.settled();
    hold();
    await run.update({ count: 2 });
    await run.update({ count: 6 });
    release();
    await run.settled(soon());
    expect(await kindling.inbox({ run: run.id })).toHaveLength(6);
  });

  it("to go on, and are dropped again before they are there, stay ended", async () => {
    const { ledger, hold, release } = slowToRead();
    const kindling = await openKindling({ contracts: [asks], ledger });
    const run = await kindling.start(asks, { count: 6 });
    await run.settled();
    await run.update({ count: 2 });
    await run.settled();
    hold();
    await run.update({ count: 6 });
    await run.update({ count: 2 });
    release();
    await run.settled(soon());
    expect(await kindling.inbox({ run: run.id })).toHaveLength(2);
  });

  it("to hear inputs that do not fit end, and their awaits are closed", async () => {
    const picky = contract("picky", {
      inputs: { item: z.number(), salt: z.number().max(5) },
      define: (g, { item, salt }) => g.await("ask", { event: "asked", schema: z.null(), show: { item, salt } }),
    });
    const many = contract("many", {
      inputs: { salt: z.number() },
      define(g, { salt }) {
        const list = g.const("list", [0, 1]);
        return g.collection("each", { over: list, as: "item", key: (item) => `${item}`, with: { salt }, each: picky });
      },
    });
    const kindling = await openKindling({ contracts: [many, picky] });
    const run = await kindling.start(many, { salt: 0 });
    await run.settled();
    await run.update({ salt: 9 });
    expect(await run.result(soon())).toMatchObject({ summary: { failed: 2 } });
    await until(async () => (await kindling.inbox({ run: run.id })).length === 0);
  });
});

describe("children whose inputs are being checked", () => {
  it("for the first time, and which are given others meanwhile, begin once", async () => {
    const { hold, release, kindling, many } = await openSlow();
    hold();
    const run = await kindling.start(many, { salt: 0 });
    await nextTurn(3);
    await run.update({ salt: 7 });
    release();
    await run.settled(soon());
    for (const item of ["0", "1"]) await kindling.deliver({ run: run.id, event: "asked", payload: null, correlation: { item } });
    expect(await run.result(soon())).toMatchObject({ successes: { 0: { salt: 7 }, 1: { salt: 7 } } });
  });

  it("and which end on their old ones meanwhile, give what follows from the new ones", async () => {
    const { hold, release, kindling, many } = await openSlow();
    const run = await kindling.start(many, { salt: 0 });
    await run.settled();
    hold();
    await run.update({ salt: 7 });
    for (const item of ["0", "1"]) await kindling.deliver({ run: run.id, event: "asked", payload: null, correlation: { item } });
    release();
    expect(await run.result(soon())).toMatchObject({ successes: { 0: { salt: 7 }, 1: { salt: 7 } } });
  });

  it("and which are no longer there by then, do not begin", async () => {
    const { hold, release, kindling, many } = await openSlow();
    hold();
    const run = await kindling.start(many, { salt: 0 });
    await nextTurn(3);
    await run.update({ items: 1 });
    release();
    await run.settled(soon());
    expect(await kindling.inbox({ run: run.id })).toHaveLength(1);
  });
});

/** A collection of a contract that looks at its inputs for as long as it is held. */
async function openSlow() {
  const { hold, release, passed } = barrier();
  const slow = contract("slow", {
    inputs: { item: z.number(), salt: z.number().refine(() => passed().then(() => true)) },
    define: (g, { item, salt }) => ({ ask: g.await("ask", { event: "asked", schema: z.null(), show: { item } }), salt }),
  });
  const many = contract("many", {
    inputs: { items: count.default(2), salt: z.number().default(0) },
    define(g, { items, salt }) {
      const list = g.compute("list", { needs: { items }, run: ({ items }) => numbers(items) });
      return g.collection("each", { over: list, as: "item", key: (item) => `${item}`, with: { salt }, each: slow });
    },
  });
  return { hold, release, many, kindling: await openKindling({ contracts: [many, slow] }) };
}

describe("children that have something to end or to take back first", () => {
  it("go on when they are wanted again meanwhile", async () => {
    const undoing = barrier();
    let undone = 0;
    const booked = contract("booked", {
      inputs: { count },
      define(g, { count }) {
        const list = g.compute("list", { needs: { count }, run: ({ count }) => numbers(count) });
        return g.collection("each", {
          over: list,
          as: "item",
          key: (item) => `${item}`,
          each: (inner, { item }) => {
            const book = inner.effect("book", {
              needs: { item },
              run: ({ item }) => item,
              compensate: async () => {
                undone += 1;
                await undoing.passed();
              },
            });
            return inner.await("ask", { event: "asked", schema: z.null(), show: { book } });
          },
        });
      },
    });
    const kindling = await openKindling({ contracts: [booked] });
    const run = await kindling.start(booked, { count: 3 });
    await run.settled();
    undoing.hold();
    await run.update({ count: 1 });
    await until(() => undone === 2);
    await run.update({ count: 3 });
    undoing.release();
    await run.settled(soon());
    expect(await kindling.inbox({ run: run.id })).toHaveLength(3);
  });

  it("go on with their own children, also with those that were cancelled or taken back, when they are wanted again", async () => {
    const nested = contract("nested", {
      inputs: { count },
      define(g, { count }) {
        const list = g.compute("list", { needs: { count }, run: ({ count }) => numbers(count) });
        return g.collection("each", {
          over: list,
          as: "item",
          key: (item) => `${item}`,
          each(middle) {
            const leaves = middle.const("leaves", [0, 1]);
            return middle.collection("deep", {
              over: leaves,
              as: "leaf",
              key: (leaf) => `${leaf}`,
              each(inner, { leaf }) {
                const book = inner.effect("book", { needs: { leaf }, run: ({ leaf }) => leaf, compensate: () => null });
                return inner.await("ask", { event: "asked", schema: z.null(), show: { book } });
              },
            });
          },
        });
      },
    });
    const kindling = await openKindling({ contracts: [nested] });
    const run = await kindling.start(nested, { count: 1 });
    const answer = (leaf: string, deliveryId: string) =>
      kindling.deliver({ run: run.id, event: "asked", payload: null, correlation: { leaf }, deliveryId });
    await run.settled();
    await answer("0", "early");
    await run.settled();
    await run.update({ count: 0 });
    await until(async () => (await kindling.inbox({ run: run.id })).length === 0);
    await run.update({ count: 1 });
    await run.settled(soon());
    expect(await kindling.inbox({ run: run.id })).toHaveLength(2);
    for (const leaf of ["0", "1"]) expect(await answer(leaf, "late")).toMatchObject({ status: "delivered" });
    expect(await run.result(soon())).toMatchObject({ summary: { failed: 0 } });
  });

  it("do not keep their parent from waiting, nor in memory", async () => {
    const acting = barrier();
    const acts = contract("acts", {
      inputs: { count },
      define(g, { count }) {
        const list = g.compute("list", { needs: { count }, run: ({ count }) => numbers(count) });
        const each = g.collection("each", {
          over: list,
          as: "item",
          key: (item) => `${item}`,
          each: (inner, { item }) => inner.effect("act", { needs: { item }, run: ({ item }) => acting.passed().then(() => item) }),
        });
        return { each, go: g.await("go", { event: "go", schema: z.null(), show: { count } }) };
      },
    });
    acting.hold();
    const host = await openBareHost([acts]);
    const { id } = await host.start({ contract: "acts", inputs: { count: 2 } });
    await host.update({ run: id, inputs: { count: 0 } });
    acting.release();
    await until(() => host.residents.size === 0);
    expect(host.ledger.head(id)?.keys).toContain(keys.status("waiting"));
  });
});
