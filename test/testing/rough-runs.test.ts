// Recordings of runs that did not go smoothly: each replays as it went.

import { afterEach, describe, expect, it } from "vitest";
import { contract, createRuntime, ModelError } from "../../src/index.ts";
import { manualClock, memoryLedger, recordRun, replayRun, scripted, seededChance } from "../../src/testing.ts";
import { replay } from "../../src/testing/replay.ts";
import { done, endedRun, inputs, press, pressRoom, REPLIES } from "./press.ts";

afterEach(() => expect(done, "nothing outside was called in a replay").toEqual([]));

describe("a recording of a run that did not go smoothly", () => {
  it("holds faults and what came after them", async () => {
    const overloaded = new ModelError("overloaded", "too much to do", { provider: "real", retryable: true });
    const { kindling, run } = await (async () => {
      const { kindling, clock } = await pressRoom({ short: true }, [scripted([overloaded, ...REPLIES], { id: "real" })]);
      const run = await kindling.start("press", inputs);
      await new Promise((resolve) => setTimeout(resolve, 20));
      clock.advance(60_000);
      await run.settled();
      // Nobody reviews, so it goes on at its deadline.
      clock.advance(3 * 86_400_000);
      await run.result();
      return { kindling, run: run.id };
    })();
    done.length = 0;
    const { recording, doubts } = await recordRun(kindling, run);
    expect(doubts).toEqual([]);
    expect(recording.nodes["draft"]?.calls?.map(({ error, reply }) => error?.code ?? reply?.stop.reason)).toEqual(["overloaded", "stop"]);
    const again = await replayRun(recording, { contract: press({ short: true }) });
    expect(again.outputs).toMatchObject({ review: { decision: "late" } });
    expect(again.facts.filter(({ type }) => type === "node.failed").length).toBe(1);
  });

  it("holds how it failed, or that it waits", async () => {
    const broken = await pressRoom({ crm: () => Promise.reject(new Error("no line")) });
    const failing = await broken.kindling.start("press", inputs);
    for (let tries = 0; tries < 3; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      broken.clock.advance(600_000);
    }
    await failing.settled();
    done.length = 0;
    const failed = await recordRun(broken.kindling, failing.id);
    expect(failed.recording.outcome).toMatchObject({ status: "failed", error: { message: expect.stringContaining("no line") } });
    expect([failed.doubts, (await replay(failed.recording, press())).isSame]).toEqual([[], true]);

    const { kindling } = await pressRoom();
    const waiting = await kindling.start("press", inputs);
    await waiting.settled();
    done.length = 0;
    const waits = await recordRun(kindling, waiting.id);
    expect(waits.recording.outcome).toMatchObject({ status: "waiting", awaits: [{ path: "review", event: "draft.reviewed" }] });
    expect([waits.doubts, (await replay(waits.recording, press())).isSame]).toEqual([[], true]);
  });

  it("holds that a model had not answered yet", async () => {
    const { kindling } = await pressRoom({}, [scripted([() => new Promise<string>(() => {})], { id: "real" })]);
    const run = await kindling.start("press", inputs);
    while (!(await run.facts()).some(({ type }) => type === "model.requested")) await new Promise((resolve) => setImmediate(resolve));
    done.length = 0;
    const { recording, doubts } = await recordRun(kindling, run.id);
    expect(recording.nodes["draft"]?.calls).toMatchObject([{ model: "real:large", turn: 1 }]);
    expect([doubts, (await replay(recording, press())).lines]).toEqual([[], ["the run is as it was recorded"]]);
  });

  it("holds what callers did with it: inputs that changed, a retry, a cancel", async () => {
    const { kindling } = await pressRoom({}, [scripted([{ body: "one" }, { body: "two" }], { id: "real" })]);
    const run = await kindling.start("press", inputs);
    await run.settled();
    await run.update({ topic: "cats" });
    await run.settled();
    await run.cancel({ reason: "enough", actor: { id: "ann", assurance: "client" } });
    done.length = 0;
    const { recording, doubts } = await recordRun(kindling, run.id);
    expect(recording.happenings.map(({ type }) => type)).toEqual(["update", "cancel"]);
    expect([doubts, (await replay(recording, press())).isSame]).toEqual([[], true]);
  });

  it("holds what a fork took over from its origin", async () => {
    const { kindling, run } = await endedRun({ short: true }, [scripted([...REPLIES, "Hoi"], { id: "real" })]);
    const fork = await kindling.fork(run, { inputs: { langs: ["de", "nl"] } });
    await fork.settled();
    done.length = 0;
    const { recording, doubts } = await recordRun(kindling, fork.id);
    expect(doubts).toEqual([]);
    expect((await replay(recording, press({ short: true }))).isSame).toBe(true);
    expect(Object.keys(recording.nodes)).toEqual(expect.arrayContaining(["draft", "posts[de]/translate", "posts[nl]/translate"]));
  });

  it("holds which model of a chain could answer", async () => {
    const chain = contract("chain", {
      inputs: {},
      define: (g) => ({
        one: g.llm("one", {
          needs: {},
          prompt: () => "One?",
          models: ["absent:large", "real:large", "real:small"],
          fallbackOn: () => true,
        }),
      }),
    });
    const down = new ModelError("overloaded", "down", { provider: "real", retryable: true });
    const refusing = { content: [{ type: "text", text: "No." }], stop: { reason: "refusal" } } as const;
    const models = [scripted([down, "1", refusing, "2"], { id: "real" })];
    const kindling = await createRuntime({ contracts: [chain], ledger: memoryLedger(), models, chance: seededChance(1) });
    const run = await kindling.start(chain, {});
    await run.result();
    const { recording, doubts, unmade } = await recordRun(kindling, run.id);
    expect(recording.nodes["one"]?.calls?.map(({ model, error }) => [model, error?.code])).toEqual([
      ["absent:large", "not_configured"],
      ["real:large", "overloaded"],
      ["real:small", undefined],
    ]);
    expect([doubts, unmade, (await replay(recording, chain)).lines]).toEqual([[], [], ["the run is as it was recorded"]]);
    const second = await kindling.start(chain, {});
    await second.result();
    const { recording: refused } = await recordRun(kindling, second.id);
    expect(refused.nodes["one"]?.calls?.map(({ model, reply }) => [model, reply?.stop.reason])).toEqual([
      ["absent:large", undefined],
      ["real:large", "refusal"],
      ["real:small", "stop"],
    ]);
  });

  it("holds that a budget refused a call", async () => {
    const spender = contract("spender", {
      inputs: {},
      budget: { turns: 1 },
      define(g) {
        const one = g.llm("one", { needs: {}, prompt: () => "One?", model: "real:small" });
        const two = g.llm("two", { needs: { one }, prompt: () => "Two?", model: "real:small" });
        return { two };
      },
    });
    const model = scripted(["1", "2"], { id: "real" });
    const kindling = await createRuntime({ contracts: [spender], ledger: memoryLedger(), models: [model], chance: seededChance(1) });
    const run = await kindling.start(spender, {});
    await run.settled();
    const { recording, doubts } = await recordRun(kindling, run.id);
    expect(recording.outcome).toMatchObject({ status: "failed", error: { code: "budget_exhausted" } });
    expect([doubts, (await replay(recording, spender)).lines]).toEqual([[], ["the run is as it was recorded"]]);
  });

  it("holds what was taken back, and takes nothing back again", async () => {
    const trip = contract("trip", {
      inputs: {},
      define(g) {
        const room = g.effect("room", {
          needs: {},
          run: (_needs, { idempotencyKey }) => (done.push("book"), idempotencyKey),
          compensate: () => {
            done.push("cancel");
            throw new Error("the hotel is closed");
          },
          retry: { attempts: 1 },
        });
        const train = g.lookup("train", { needs: { room }, run: () => Promise.reject(new Error("no train")), retry: { attempts: 1 } });
        return { train };
      },
      onFailure: () => void done.push("told"),
    });
    const kindling = await createRuntime({ contracts: [trip], ledger: memoryLedger(), chance: seededChance(1) });
    const run = await kindling.start(trip, {});
    await run.settled();
    expect(done.splice(0).slice(0, 2)).toEqual(["book", "cancel"]);
    const { recording, doubts } = await recordRun(kindling, run.id);
    await kindling.close();
    done.length = 0;
    expect(recording.nodes["room"]).toMatchObject({ takenBack: [{ error: { message: "the hotel is closed" } }] });
    expect([doubts, (await replay(recording, trip)).lines]).toEqual([[], ["the run is as it was recorded"]]);
  });

  it("holds what a run on another server gave, however often it was asked for", async () => {
    const far = contract("far", {
      inputs: {},
      define: (g) => ({ there: g.remote("there", { url: "https://far.example", contract: "there", needs: {}, poll: 1 }) }),
    });
    let asked = 0;
    const answers = [{ status: "running" }, { status: "running" }, { status: "succeeded", outputs: { sum: 7 } }];
    const fetch = (_url: unknown, init?: RequestInit) =>
      Promise.resolve(Response.json(init?.method === "POST" ? { id: "run_there" } : answers[Math.min(asked++, 2)]));
    const kindling = await createRuntime({ contracts: [far], ledger: memoryLedger(), chance: seededChance(1), fetch });
    const run = await kindling.start(far, {});
    await run.result();
    const { recording, doubts } = await recordRun(kindling, run.id);
    await kindling.close();
    expect(asked).toBe(3);
    expect(recording.nodes["there"]?.results).toMatchObject([{ value: { sum: 7 } }]);
    expect([doubts, (await replay(recording, far)).lines, asked]).toEqual([[], ["the run is as it was recorded"], 3]);
  });

  it("says where the contract computes something else each time", async () => {
    let count = 0;
    const counter = contract("counter", {
      inputs: {},
      define: (g) => ({ count: g.compute("count", { needs: {}, run: () => (count += 1) }) }),
    });
    const kindling = await createRuntime({ contracts: [counter], ledger: memoryLedger(), clock: manualClock(), chance: seededChance(1) });
    const run = await kindling.start(counter, {});
    await run.result();
    const { doubts } = await recordRun(kindling, run.id);
    expect(doubts.join("\n")).toContain('-   "count": 1\n    +   "count": 2');
  });
});
