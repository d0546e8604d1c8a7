// Promises of authors that reject when nobody listens any more: Node ends the process for such a one, and every run in it with it.

import { contract, createRuntime, type AnyContract } from "kindling";
import { scripted } from "kindling/providers/scripted";
import { memoryLedger } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { nextTurn, until } from "../host/open-host.ts";

const late = () => Promise.reject(new Error("late"));

/** Runs a contract to whatever end, and gives the code of its failure. */
async function run(definition: AnyContract): Promise<string | undefined> {
  await using kindling = await createRuntime({ contracts: [definition], ledger: memoryLedger(), models: [scripted(["one", "two"])] });
  const started = await kindling.start(definition.name, {});
  return (await started.settled({ signal: AbortSignal.timeout(20_000) })).error?.code;
}

/** What rejected with nobody listening while this ran; the test runner's own listeners are put aside, since they would fail the whole file. */
async function straysOf(work: () => Promise<void>): Promise<readonly unknown[]> {
  const strays: unknown[] = [];
  const others = process.listeners("unhandledRejection");
  const note = (reason: unknown) => void strays.push(reason);
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", note);
  try {
    await work();
    await nextTurn(5);
  } finally {
    process.off("unhandledRejection", note);
    for (const other of others) process.on("unhandledRejection", other);
  }
  return strays;
}

describe("a promise of an author's that rejects later ends no process", () => {
  it("given by a node", async () => {
    const definition = contract("odd", { inputs: {}, define: (g) => g.compute("one", { needs: {}, run: late }) });
    expect(await straysOf(async () => expect(await run(definition)).toBe("threw"))).toEqual([]);
  });

  it("given by on of a branch, which may not be async", async () => {
    const definition = contract("odd", {
      inputs: {},
      define: (g) =>
        g.branch("one", { needs: { a: g.const("a", 1) }, on: late as unknown as () => "left", cases: { left: (g) => g.const("b", 1) } }),
    });
    expect(await straysOf(async () => expect(await run(definition)).toBe("bad_choice"))).toEqual([]);
  });

  it("given by a hook", async () => {
    const definition = contract("odd", { inputs: {}, define: (g) => g.compute("one", { needs: {}, run: () => 1 }) });
    const faults: unknown[] = [];
    const strays = await straysOf(async () => {
      await using kindling = await createRuntime({
        contracts: [definition],
        ledger: memoryLedger(),
        onHookFault: ({ error }) => faults.push(error),
      });
      kindling.on("node.succeeded", {}, late);
      await (await kindling.start(definition, {})).result();
      await until(() => faults.length === 1);
    });
    expect([strays, faults]).toEqual([[], [new Error("late")]]);
  });

  // host/author-code.ts `thrownFailure` (a thrown promise), nodes/collection-items.ts `listKeys`, nodes/effect.ts `keyedBy`, nodes/repeat.ts `until`,
  // nodes/guard.ts `messageOf` and nodes/llm.ts `prompt` refuse a promise, drop it or take its text, and put no catch on it, as nodes/choice.ts does.
  it.each([
    [
      "thrown by a node",
      () =>
        contract("odd", {
          inputs: {},
          define: (g) =>
            g.compute("one", {
              needs: {},
              run: (): number => {
                // Authors may throw anything; here the linter is told otherwise.
                throw late() as unknown as Error;
              },
            }),
        }),
    ],
    [
      "given by key of a collection",
      () =>
        contract("odd", {
          inputs: {},
          define: (g) =>
            g.collection("one", {
              over: g.const("list", ["a"]),
              as: "item",
              key: late as unknown as () => string,
              each: (g, { item }) => g.compute("same", { needs: { item }, run: ({ item }) => item }),
            }),
        }),
    ],
    [
      "given by idempotencyKey of an effect",
      () =>
        contract("odd", {
          inputs: {},
          define: (g) =>
            g.effect("one", {
              needs: {},
              run: (_needs, _context) => 1,
              idempotencyKey: late as unknown as () => string,
              retry: { attempts: 1 },
            }),
        }),
    ],
    [
      "given by until of a repeat",
      () =>
        contract("odd", {
          inputs: {},
          define: (g) =>
            g.repeat("one", {
              from: g.compute("zero", { needs: {}, run: (): number => 0 }),
              as: "n",
              child: (g, { n }) => g.compute("next", { needs: { n }, run: ({ n }) => n + 1 }),
              until: late as unknown as () => boolean,
              max: 3,
            }),
        }),
    ],
    [
      "given by prompt of a conversation",
      () =>
        contract("odd", {
          inputs: {},
          define: (g) => g.llm("one", { needs: {}, prompt: late as unknown as () => string, model: "scripted:x", retry: { attempts: 1 } }),
        }),
    ],
    [
      "given by message of a guard",
      () =>
        contract("odd", {
          inputs: {},
          define(g) {
            const a = g.const("a", 1);
            g.guard("one", { needs: { a }, check: () => false, message: late as unknown as () => string });
            return { a };
          },
        }),
    ],
  ] satisfies readonly (readonly [string, () => AnyContract])[])("%s", async (_what, define) => {
    expect(await straysOf(async () => void (await run(define())))).toEqual([]);
  });

  // host/hooks.ts calls `onHookFault` inside the loop that follows the ledger, and again in that loop's own catch: what it throws ends all hooks, and
  // is a rejection nobody hears.
  it("thrown by what is told of a hook's error, which ends no other hook either", async () => {
    const definition = contract("odd", { inputs: {}, define: (g) => g.compute("one", { needs: {}, run: () => 1 }) });
    const seen: string[] = [];
    const strays = await straysOf(async () => {
      await using kindling = await createRuntime({
        contracts: [definition],
        ledger: memoryLedger(),
        onHookFault: () => {
          throw new Error("no report");
        },
      });
      kindling.on("node.succeeded", {}, () => {
        throw new Error("no hook");
      });
      kindling.on("node.succeeded", {}, (fact) => seen.push(fact.path));
      await (await kindling.start(definition, {})).result();
      await nextTurn(10);
    });
    expect([strays, seen]).toEqual([[], ["one"]]);
  });
});
