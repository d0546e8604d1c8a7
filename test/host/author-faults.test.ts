// What authors' code can do wrong at run time: it fails its node, with its place, and never the host.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { crashed, factsOf } from "./ledgers.ts";
import { model, textOf } from "./models.ts";
import { containing, nextTurn, openKindling, until } from "./open-host.ts";

class Money {
  readonly amount = 1;
}

const trap = Object.defineProperty({}, "value", {
  enumerable: true,
  get: () => {
    throw new Error("a getter that throws");
  },
});

const cycle: { self?: unknown } = {};
cycle.self = cycle;

const giving = (value: () => unknown, isAsync: boolean) =>
  contract("giving", { inputs: {}, define: (g) => g.compute("value", { needs: {}, run: isAsync ? async () => value() : value }) });

const codeOf = async (definition: ReturnType<typeof giving>) => {
  const kindling = await openKindling({ contracts: [definition] });
  const run = await kindling.start(definition, {});
  const view = await run.settled({ signal: AbortSignal.timeout(20_000) });
  expect(view.status).toBe("failed");
  await kindling.start(definition, {}, {});
  return view.error;
};

describe("a node's value", () => {
  it.each([
    ["a date", () => new Date(0), "$"],
    ["undefined", () => undefined, "$"],
    ["NaN deep inside", () => ({ list: [1, { x: Number.NaN }] }), "$.list[1].x"],
    ["an object of a class", () => ({ money: new Money() }), "$.money"],
    ["a function", () => ({ call: () => 1 }), "$.call"],
    ["a bigint", () => 1n, "$"],
    ["a cycle", () => cycle, "$.self"],
    ["a map", () => new Map(), "$"],
    ["an object whose getter throws", () => trap, ""],
    ["an object without a constructor", () => Object.create(Object.create(null) as object) as unknown, ""],
  ])("that is %s fails the node, sync or async, and not the host", async (_name, value, at) => {
    for (const isAsync of [false, true]) {
      const error = await codeOf(giving(value, isAsync));
      expect(error).toMatchObject({ code: "not_json", details: { node: "value" } });
      if (at.length > 1) expect(error?.message).toContain(at.slice(0, 6));
    }
  });

  it("without its undefined members is recorded as it was meant", async () => {
    const kindling = await openKindling({ contracts: [giving(() => ({ a: 1, b: undefined, c: -0 }), false)] });
    expect(await (await kindling.start("giving", {})).result()).toEqual({ a: 1, c: 0 });
  });

  it("may have odd keys and texts, which come back as they were", async () => {
    const odd = {
      constructor: 1,
      toString: "x",
      "": 2,
      "a.b": { "\u2028": "\ud83d\ude00\u0000" },
      lone: "\ud800",
      normal: ["é", "e\u0301"],
    };
    const kindling = await openKindling({ contracts: [giving(() => odd, false)] });
    const run = await kindling.start("giving", {});
    expect(await run.result()).toEqual(odd);
    expect((await run.get()).outputs).toEqual(odd);
  });
});

describe("a callback", () => {
  it.each([
    ["an error", new Error("oh"), "oh"],
    ["a text", "oh", "oh"],
    ["nothing", undefined, "undefined"],
    ["an object that cannot be a text", Object.create(null), ""],
  ])("that throws %s fails its node, sync or async, and not the host", async (_name, thrown: unknown, message) => {
    const run = () => {
      // Authors may throw anything; here the linter is told otherwise.
      throw thrown as Error;
    };
    for (const isAsync of [false, true]) {
      const error = await codeOf(giving(run, isAsync));
      expect(error?.code).toBe("threw");
      expect(error?.message).toContain(message);
    }
  });

  it("`on` that names no case fails the branch and says which there are", async () => {
    const branching = contract("branching", {
      inputs: { which: z.string() },
      define: (g, { which }) =>
        g.branch("choice", {
          needs: { which },
          on: ({ which }) => which as "left" | "right",
          cases: {
            left: (inner, { which }) => inner.compute("l", { needs: { which }, run: () => "l" }),
            right: (inner, { which }) => inner.compute("r", { needs: { which }, run: () => "r" }),
          },
        }),
    });
    const kindling = await openKindling({ contracts: [branching] });
    await expect((await kindling.start(branching, { which: "lefd" })).result()).rejects.toMatchObject({
      code: "run_failed",
      fix: containing("left"),
    });
    expect(await (await kindling.start(branching, { which: "right" })).result()).toBe("r");
  });

  it("`on` or `key` that throws fails the node", async () => {
    const throwing = contract("throwing", {
      inputs: { list: z.array(z.number()) },
      define: (g, { list }) =>
        g.collection("each", {
          over: list,
          as: "item",
          key: () => {
            throw new Error("no key");
          },
          each: (inner, { item }) => inner.compute("same", { needs: { item }, run: ({ item }) => item }),
        }),
    });
    const kindling = await openKindling({ contracts: [throwing] });
    await expect((await kindling.start(throwing, { list: [1] })).result()).rejects.toThrow("each: key threw at item 0: no key");
  });

  it("`key` that gives other keys in the next process fails the item, and does not run it with nothing", async () => {
    let calls = 0;
    const fickle = contract("fickle", {
      inputs: { list: z.array(z.number()) },
      define: (g, { list }) =>
        g.collection("each", {
          over: list,
          as: "item",
          key: (item) => `${item}-${(calls += 1)}`,
          concurrency: 1,
          each: (inner, { item }) => inner.llm("ask", { needs: { item }, prompt: ({ item }) => `${item}`, model: "scripted:x" }),
        }),
    });
    const place = memoryLedger();
    const first = await openKindling({ contracts: [fickle], ledger: place, models: [model(() => new Promise(() => {}))] });
    const run = await first.start(fickle, { list: [7, 8] });
    await until(async () => (await factsOf(place)).some(({ type }) => type === "model.requested"));
    const again = await openKindling({ contracts: [fickle], ledger: await crashed(place), models: [model((request) => textOf(request))] });
    expect(await (await again.run(run.id)).result()).toMatchObject({
      items: [
        { key: "7-1", value: "7" },
        { key: "8-2", status: "failed", error: { code: "item_missing" } },
      ],
    });
  });

  it("that never ends is stopped by the node's timeout, though it does not listen", async () => {
    const endless = contract("endless", {
      inputs: {},
      define: (g) => g.compute("never", { needs: {}, run: () => new Promise<number>(() => {}), timeout: 20 }),
    });
    const kindling = await openKindling({ contracts: [endless] });
    await expect((await kindling.start(endless, {})).result()).rejects.toMatchObject({ details: { error: { code: "attempt_timed_out" } } });
  });

  it("gets a context that tells who and where it is, and a signal that a cancel reaches", async () => {
    const seen: unknown[] = [];
    const looking = contract("looking", {
      inputs: { list: z.array(z.string()) },
      define: (g, { list }) =>
        g.collection("each", {
          over: list,
          as: "item",
          key: (item) => item,
          each: (inner, { item }) =>
            inner.compute("look", {
              needs: { item },
              run: async (_, { path, runId, attempt, idempotencyKey, signal }) => {
                seen.push({ path, runId, attempt, idempotencyKey });
                await new Promise((resolve) => signal.addEventListener("abort", resolve));
                seen.push("aborted");
                return 1;
              },
            }),
        }),
    });
    const kindling = await openKindling({ contracts: [looking] });
    const run = await kindling.start(looking, { list: ["a"] });
    await run.cancel();
    await nextTurn(3);
    expect(seen).toEqual([{ path: "each[a]/look", runId: run.id, attempt: 1, idempotencyKey: `${run.id}:each[a]/look` }, "aborted"]);
  });

  it("that is pure is tried again, too, when it says so", async () => {
    let tries = 0;
    const flaky = contract("flaky", {
      inputs: {},
      define: (g) =>
        g.compute("try", {
          needs: {},
          retry: { attempts: 3, backoff: 0 },
          run: () => {
            if ((tries += 1) < 3) throw new Error("again");
            return tries;
          },
        }),
    });
    const kindling = await openKindling({ contracts: [flaky] });
    expect(await (await kindling.start(flaky, {})).result()).toBe(3);
  });
});
