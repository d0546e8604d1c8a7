// The smallest examples of what the random graphs found once the first faults were mended.

import { contract, createRuntime, type AnyContract, type GraphBuilder, type Kindling, type Node, type Run } from "kindling";
import { manualClock, memoryLedger } from "kindling/testing";
import { scripted } from "kindling/providers/scripted";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { ledgerWith, logOf } from "../host/ledgers.ts";
import { nextTurn } from "../host/open-host.ts";

const clock = manualClock();
const models = [scripted(Array.from({ length: 20 }, () => "reply"))];

async function open(definition: AnyContract, ledger = memoryLedger()): Promise<Kindling> {
  const kindling = await createRuntime({ contracts: [definition], ledger, clock, models });
  onTestFinished(() => kindling.close());
  return kindling;
}

/** The run when it rests; fails soon for one that never does. */
async function rest(run: Run<unknown>) {
  for (let turn = 0; turn < 30; turn++) {
    await nextTurn(3);
    clock.advance(1_000);
  }
  return run.settled({ signal: AbortSignal.timeout(200) });
}

const broken = () => {
  throw new Error("broken");
};

describe("a case that is taken again", () => {
  it("F17: is given what the branch reads now", async () => {
    // `listed` tells of a change of part only what is dropped: a case that was dropped before and comes back is not told as changed.
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
    // `reopen` counts the children of a doubtful node as open still, which were cancelled when the run ended.
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
    // `beginChild` looks at how a child ended only in the ledger, and `settleInParent` takes a late cancellation as an outcome.
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
    // `callOff` wakes nodes of a run that has ended, which makes it running before `input.updated` is folded: what was reported then is not noted.
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
    // `wake` takes a pause off the list that a lost run did not put there, so that the count of what is in flight is never 0 again.
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

describe("a crash while a run takes back", () => {
  /** A run with an effect in a child (of a child, with `isDeep`), which waits for an answer and fails by it. */
  function sending(isDeep: boolean) {
    const [sent, takenBack] = [new Set<string>(), new Set<string>()];
    const order = contract("order", {
      inputs: { n: z.number() },
      define(g, { n }) {
        const send = (g: GraphBuilder, { n }: { readonly n: Node<number> }) =>
          g.effect("send", {
            needs: { n },
            run: (_needs, { idempotencyKey }) => sent.add(idempotencyKey).size,
            compensate: (_value, _needs, { idempotencyKey }) => void takenBack.add(idempotencyKey.replace(/:compensate$/, "")),
          });
        const part = isDeep
          ? g.compose("part", {
              needs: { n },
              child: (g, { n }) => ({
                inner: g.compose("inner", { needs: { n }, child: send }),
                ask: g.await("ask", { event: "never", schema: z.boolean(), show: { n } }),
              }),
            })
          : g.compose("part", { needs: { n }, child: send });
        const ask = g.await("ask", { event: "answered", schema: z.boolean(), show: { n } });
        return { part, check: g.guard("check", { needs: { ask }, check: ({ ask }) => ask }) };
      },
    });
    return { order, sent, takenBack };
  }

  it("F25: a child never takes back what its run does not know to be lost", async () => {
    const { order } = sending(false);
    const place = memoryLedger();
    const kindling = await open(order, place);
    const run = await kindling.start(order, { n: 1 });
    await rest(run);
    await kindling.deliver({ event: "answered", run: run.id, payload: false });
    await rest(run);
    const types = (await logOf(place)).entries.flatMap(({ facts }) =>
      facts.map(({ type, node }) => `${String(type)} ${String(node ?? "")}`.trim()),
    );
    expect(types.indexOf("node.failed check")).toBeLessThan(types.indexOf("run.compensating"));
  });

  it("F23: what the child of a child did is taken back, though its parent had not noted that it ended", async () => {
    // `cancelRun` ends a child at once that knows of nothing done; its own children may have ended without its knowing.
    const { order, sent, takenBack } = sending(true);
    const place = memoryLedger();
    const kindling = await open(order, place);
    const run = await kindling.start(order, { n: 1 });
    await rest(run);
    const { entries, blobs } = await logOf(place);
    await kindling.cancel(run.id);
    await rest(run);
    const cancelled = (await logOf(place)).entries.filter((entry) => entry.run === run.id).at(-1);
    await kindling.close();
    takenBack.clear();
    // The child of the child has ended, nobody has noted it, and the run was cancelled.
    const ended = entries.findIndex(({ facts }) => facts.some(({ type }) => type === "run.succeeded"));
    const cut = entries.slice(0, ended + 1);
    const version = cut.filter((entry) => entry.run === run.id).reduce((sum, { facts }) => sum + facts.length, 0);
    if (cancelled === undefined) throw new Error("the run was not cancelled");
    const facts = cancelled.facts.filter(({ type }) => type === "run.cancelled");
    const left = await ledgerWith({ entries: [...cut, { ...cancelled, first: version + 1, facts }], blobs });
    await rest(await (await open(order, left)).run(run.id));
    expect([...takenBack]).toEqual([...sent]);
  });
});

describe("a crash after an update", () => {
  it("leaves no child that is no longer there waiting for an answer", async () => {
    const asks = contract("asks", {
      inputs: { items: z.array(z.string()) },
      define: (g, { items }) => ({
        each: g.collection("each", {
          over: items,
          as: "item",
          key: (item) => item,
          each: (g, { item }) => g.await("ask", { event: "answered", schema: z.string(), show: { item } }),
        }),
        last: g.await("last", { event: "last", schema: z.string(), show: {} }),
      }),
    });
    const place = memoryLedger();
    const first = await open(asks, place);
    const run = await first.start(asks, { items: ["a", "b"] });
    await rest(run);
    await run.update({ items: ["b"] });
    await rest(run);
    const { entries, blobs } = await logOf(place);
    await first.close();
    const listed = entries.findIndex(({ facts }) => facts.some(({ dropped }) => Array.isArray(dropped) && dropped.length > 0));
    const second = await open(asks, await ledgerWith({ entries: entries.slice(0, listed + 1), blobs }));
    await rest(await second.run(run.id));
    expect((await second.inbox()).map(({ path }) => path).toSorted()).toEqual(["each[b]/ask", "last"]);
  });
});

describe("a child that was cancelled with its run and began again", () => {
  it("is tried again by a later retry", async () => {
    let isBroken = true;
    const sides = contract("sides", {
      inputs: { n: z.number() },
      define(g, { n }) {
        const side = g.compose("side", {
          needs: { n },
          child(g, { n }) {
            const ask = g.await("ask", { event: "answered", schema: z.string(), show: { n } });
            return g.lookup("read", { needs: { ask }, retry: { attempts: 1 }, run: ({ ask }) => (isBroken ? broken() : ask) });
          },
        });
        return { side, other: g.lookup("other", { needs: { n }, retry: { attempts: 1 }, run: ({ n }) => (n === 0 ? broken() : n) }) };
      },
    });
    const kindling = await open(sides);
    const run = await kindling.start(sides, { n: 0 });
    await rest(run);
    await run.update({ n: 1 });
    await rest(run);
    await kindling.deliver({ event: "answered", run: run.id, payload: "yes" });
    expect((await rest(run)).status).toBe("failed");
    isBroken = false;
    await run.retry();
    expect((await rest(run)).outputs).toEqual({ side: "yes", other: 1 });
  });
});
