// The smallest examples of what the random graphs found once the first faults were mended.

import { contract } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { nextTurn } from "../host/open-host.ts";
import { broken, open, rest } from "./small-examples.ts";

describe("a case that is taken again", () => {
  it("F17: is given what the branch reads now", async () => {
    // `listed` told of a change of part only what was dropped: a case that was dropped before and came back was not told as changed.
    const choice = contract("choice", {
      inputs: { n: z.number() },
      define: (g, { n }) =>
        g.branch("by", {
          needs: { n },
          on: ({ n }): "odd" | "even" => (n % 2 === 0 ? "even" : "odd"),
          cases: {
            odd: (g, { n }) => g.lookup("read", { needs: { n }, run: ({ n }) => `odd ${n}` }),
            even: (g, { n }) => g.lookup("read", { needs: { n }, run: ({ n }) => `even ${n}` }),
          },
        }),
    });
    const run = await (await open(choice)).start(choice, { n: 1 });
    for (const n of [2, 3]) {
      await rest(run);
      await run.update({ n });
    }
    expect((await rest(run)).outputs).toBe("odd 3");
  });

  it.each([0, 1, 3, 5])("F22: begins what is inside it again, though that was cancelled a moment ago (%d turns)", async (gap) => {
    const nested = contract("nested", {
      inputs: { n: z.number() },
      define: (g, { n }) =>
        g.branch("by", {
          needs: { n },
          on: ({ n }): "odd" | "even" => (n % 2 === 0 ? "even" : "odd"),
          cases: {
            even: (g, { n }) => g.map("of", n, (n) => `even ${n}`),
            odd: (g, { n }) =>
              g.compose("outer", {
                needs: { n },
                child: (g, { n }) =>
                  g.compose("inner", {
                    needs: { n },
                    child: (g, { n }) => g.lookup("slow", { needs: { n }, run: ({ n }) => nextTurn(5).then(() => `odd ${n}`) }),
                  }),
              }),
          },
        }),
    });
    const run = await (await open(nested)).start(nested, { n: 2 });
    for (const n of [1, 2, 1]) {
      await nextTurn(gap);
      await run.update({ n });
    }
    expect((await rest(run)).outputs).toBe("odd 1");
  });
});

describe("a run that failed and goes on", () => {
  it("F18: rests while it waits, though children were cancelled with it that are listed later", async () => {
    // `reopen` counted the children of a doubtful node as open still, which had been cancelled when the run ended.
    const late = contract("late", {
      inputs: { n: z.number() },
      define(g, { n }) {
        const first = g.await("first", { event: "first", schema: z.number(), show: { n } });
        const part = g.compose("part", {
          needs: { first },
          child: (g, { first }) => g.await("ask", { event: "ask", schema: z.number(), show: { first } }),
        });
        const check = g.guard("check", { needs: { first }, check: ({ first }) => first > 0 });
        return { part, check };
      },
    });
    const kindling = await open(late);
    const run = await kindling.start(late, { n: 0 });
    await rest(run);
    await kindling.deliver({ event: "first", run: run.id, payload: 0 });
    expect((await rest(run)).status).toBe("failed");
    await run.update({ n: 1 });
    expect((await rest(run)).status).toBe("waiting");
  });

  it("F19: begins children again that were cancelled with it and are still in memory, as soon as they are", async () => {
    // `beginChild` looked at how a child ended only in the ledger, and `settleInParent` took a late cancellation as an outcome.
    const { promise: held, resolve } = Promise.withResolvers<void>();
    const nested = contract("nested", {
      inputs: { n: z.number() },
      define(g, { n }) {
        const part = g.compose("part", {
          needs: { n },
          child: (g, { n }) =>
            g.compose("inner", {
              needs: { n },
              child: (g, { n }) => g.lookup("slow", { needs: { n }, run: () => held.then(() => "done") }),
            }),
        });
        const check = g.map("check", n, (n) => (n === 0 ? broken() : n));
        return { part, check };
      },
    });
    const run = await (await open(nested)).start(nested, { n: 0 });
    await run.settled({ signal: AbortSignal.timeout(200) }).catch(() => undefined);
    await run.update({ n: 1 });
    resolve();
    expect((await rest(run)).outputs).toEqual({ part: "done", check: 1 });
  });

  it("F20: by an update counts what its model calls cost once", async () => {
    // `callOff` woke nodes of a run that had ended, which made it running before `input.updated` was folded: what was reported then was not noted.
    const parent = contract("parent", {
      inputs: { n: z.number() },
      define: (g, { n }) =>
        g.compose("part", {
          needs: { n },
          child(g, { n }) {
            const asked = g.llm("asked", { needs: {}, prompt: () => "hello", model: "scripted:x" });
            const flaky = g.lookup("flaky", {
              needs: { n },
              retry: { attempts: 2, backoff: "1h" },
              run: ({ n }) => (n === 0 ? broken() : n),
            });
            const check = g.lookup("check", { needs: { n, asked }, retry: { attempts: 1 }, run: ({ n }) => (n === 0 ? broken() : n) });
            return { flaky, check };
          },
        }),
    });
    const run = await (await open(parent)).start(parent, { n: 0 });
    expect((await rest(run)).status).toBe("failed");
    await run.update({ n: 1 });
    const view = await rest(run);
    expect([view.status, view.spending.calls]).toEqual(["succeeded", 1]);
  });

  it("F21: by an update before it had ended, though a node wanted to be tried again meanwhile", async () => {
    // `wake` took a pause off the list that a lost run did not put there, so that the count of what is in flight was never 0 again.
    const { promise: slow, reject } = Promise.withResolvers<never>();
    const { promise: other, resolve } = Promise.withResolvers<number>();
    slow.catch(() => undefined);
    let isFirst = true;
    const lost = contract("lost", {
      inputs: { n: z.number() },
      define(g, { n }) {
        const check = g.map("check", n, (n) => (n === 0 ? broken() : n));
        const flaky = g.lookup("flaky", {
          needs: { n },
          retry: { attempts: 2, backoff: 10 },
          run: ({ n }) => {
            const isHeld = isFirst;
            isFirst = false;
            return isHeld ? slow : n;
          },
        });
        const side = g.const("side", 1);
        return { check, flaky, side: g.lookup("waits", { needs: { side }, run: () => other }) };
      },
    });
    const run = await (await open(lost)).start(lost, { n: 0 });
    await nextTurn(5);
    reject(new Error("busy"));
    await nextTurn(5);
    await run.update({ n: 1 });
    resolve(7);
    expect((await rest(run)).outputs).toEqual({ check: 1, flaky: 1, side: 7 });
  });
});
