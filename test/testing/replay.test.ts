import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, createRuntime, ModelError, type RunError } from "../../src/index.ts";
import { manualClock, memoryLedger, recordRun, replayRun, type RunRecording, scripted, seededChance } from "../../src/testing.ts";
import { replay, updateRecording } from "../../src/testing/replay.ts";
import { done, endedRun, inputs, press, pressRoom, REPLIES, type Variant } from "./press.ts";

let recording: RunRecording;

beforeEach(async () => {
  const { kindling, run } = await endedRun();
  recording = (await recordRun(kindling, run)).recording;
  await kindling.close();
  done.length = 0;
});
afterEach(() => expect(done, "nothing outside was called").toEqual([]));

const played = (variant: Variant) => replay(recording, press(variant));
const alteredBy = async (variant: Variant) => (await played(variant)).altered.map(({ path, what, of }) => `${path} ${what} ${of}`);

describe("a replay", () => {
  it("gives what the run gave, ids and times included, and asks nobody", async () => {
    const { view, outputs, updated } = await replayRun(recording, { contract: press() });
    expect(outputs).toEqual({ sent: { key: `${recording.run}:send`, many: 2 }, review: { decision: "ok" } });
    expect([view.id, view.startedAt, view.updatedAt - view.startedAt, view.spending.calls]).toEqual([
      recording.run,
      recording.startedAt,
      3_600_000 + 86_400_000,
      3,
    ]);
    expect(updated).toEqual([]);
  });

  it("runs everything that only computes for real, so that a change in it shows in what the run gives", async () => {
    const other = contract("press", {
      inputs: { topic: z.string(), langs: z.array(z.string()) },
      define: (g, { topic }) => ({ loud: g.map("loud", topic, (text) => text.toUpperCase()) }),
    });
    const { isSame, lines } = await replay(recording, other);
    expect(isSame).toBe(false);
    expect(lines[0]).toContain("the contract is not the one it was recorded with");
    expect(lines.join("\n")).toContain('"loud": "DOGS"');
  });

  it("tells all nodes at once that ask something else, each with the lines that are different, and none behind them", async () => {
    const { altered, lines } = await played({ draft: "Write a poem about", translate: "Into" });
    expect(altered.map(({ path }) => path)).toEqual(["draft", "posts[de]/translate", "posts[fr]/translate"]);
    expect(lines.join("\n")).toBe(
      [
        "3 nodes ask to be recorded again: draft, posts[de]/translate, posts[fr]/translate",
        "",
        "draft: the model is asked something else",
        "    message 1 (user)",
        "      - Write about dogs",
        "      + Write a poem about dogs",
        "        for Ada",
        "",
        "posts[de]/translate: the model is asked something else",
        "    message 1 (user)",
        "      - To de: Hello",
        "      + Into de: Hello",
        "        there",
        "",
        "posts[fr]/translate: the model is asked something else",
        "    message 1 (user)",
        "      - To fr: Hello",
        "      + Into fr: Hello",
        "        there",
      ].join("\n"),
    );
  });

  it("tells a model that is another, a node that is new, one that is gone, and one that reads something else", async () => {
    expect(await alteredBy({ model: "other:large" })).toEqual(["draft changed model"]);
    expect((await played({ model: "other:large" })).lines).toContain("    model: real:large → other:large");
    expect(await alteredBy({ mood: true })).toEqual(["mood new model"]);
    const shorter = { ...recording, inputs: { ...recording.inputs, langs: ["de"] } };
    const { altered } = await replay(shorter, press());
    expect(altered.map(({ path, what, of }) => `${path} ${what} ${of}`)).toEqual(["posts[fr]/translate gone model", "send changed world"]);
    expect(altered[1]?.difference).toContain('-         "key": "fr",');
  });

  it("never calls what is outside, also where the recording has nothing for it", async () => {
    const { crm: _crm, send: _send, ...nodes } = recording.nodes;
    const { altered } = await replay({ ...recording, nodes }, press());
    expect(altered.map(({ path, what, of }) => `${path} ${what} ${of}`)).toEqual(["crm new world"]);
    const { crm, ...without } = recording.nodes;
    const late = await replay({ ...recording, nodes: { ...without, ...(crm === undefined ? {} : { crm }), send: {} } }, press());
    expect(late.altered.map(({ path, what }) => `${path} ${what}`)).toEqual(["send new"]);
  });

  it("throws what is different as one error that says the command which records it again", async () => {
    const error = await replayRun(recording, { contract: press({ draft: "Sing of" }), update: false }).catch(
      (thrown: unknown) => thrown as RunError,
    );
    expect(error).toMatchObject({ code: "replay_differs", details: { altered: ["draft"] } });
    expect((error as RunError).fix).toContain("kindling record --update");
  });

  it("measures its inputs by the contract of today", async () => {
    const greet = (inputs: Readonly<Record<string, z.ZodType>>) =>
      contract("press", { inputs, define: (g) => ({ one: g.const("one", 1) }) });
    const { lines } = await replay(recording, greet({ topic: z.string() }));
    expect(lines).toContain('input "langs" is in the recording and not in the contract any more');
    const more = greet({ topic: z.string(), langs: z.unknown(), tone: z.string(), size: z.number().default(3) });
    await expect(replay(recording, more)).rejects.toMatchObject({ code: "inputs_missing", message: expect.stringMatching(/value: tone$/) });
  });

  it("is refused for a contract that the recording is not of", async () => {
    const other = contract("other", { inputs: {}, define: (g) => ({ one: g.const("one", 1) }) });
    await expect(replayRun(recording, { contract: other })).rejects.toMatchObject({ code: "wrong_contract" });
  });
});

describe("an update", () => {
  it("asks the models for what is different and takes the rest from the recording", async () => {
    const model = scripted([{ body: "A poem" }, "Ein Gedicht", "Un poème"], { id: "real" });
    const changed = press({ draft: "Write a poem about" });
    const update = await updateRecording(recording, changed, { models: [model] });
    // The translations read the draft, so they are asked again too; nothing was sent.
    expect(update.asked).toEqual(["draft", "posts[de]/translate", "posts[fr]/translate"]);
    expect([update.kept, update.doubts, update.spending.calls]).toEqual([["send"], [], 3]);
    expect((await replay(update.recording, changed)).isSame).toBe(true);
    expect(model.requests.length).toBe(3);
  });

  it("asks only for the items that are different", async () => {
    const model = scripted(["Hola"], { id: "real" });
    const more = { ...recording, inputs: { ...recording.inputs, langs: ["de", "fr", "es"] } };
    const update = await updateRecording(more, press(), { models: [model] });
    expect(update.asked).toEqual(["posts[es]/translate"]);
    expect(Object.keys(update.recording.nodes)).toContain("posts[es]/translate");
  });

  it("looks up what was not recorded, and never acts: the node fails and is told", async () => {
    const { crm: _crm, send: _send, ...nodes } = recording.nodes;
    const update = await updateRecording({ ...recording, nodes }, press(), { models: [] });
    expect(done.splice(0)).toEqual(["crm"]);
    expect([update.asked, update.view.status]).toEqual([["crm"], "failed"]);
    expect(update.doubts[0]).toContain('"send" would act on the world');
  });

  it("fails the node, and not the world, where its model is not there", async () => {
    const update = await updateRecording(recording, press({ model: "other:large" }), { models: [] });
    expect(update.view).toMatchObject({ status: "failed", error: { message: expect.stringContaining('no provider "other"') } });
  });
});

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

describe("redaction", () => {
  it("takes texts out of everything, and the recording still replays", async () => {
    const { kindling, run } = await endedRun();
    done.length = 0;
    const { recording, doubts } = await recordRun(kindling, run, {
      redact: (text) => text.replaceAll(/dogs|Ada|Hallo|ann/g, "[redacted]"),
    });
    expect(doubts).toEqual([]);
    expect(JSON.stringify(recording)).not.toMatch(/dogs|Ada|Hallo|\bann\b/);
    expect((await replay(recording, press())).isSame).toBe(true);
  });
});
