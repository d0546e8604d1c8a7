import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type RunError } from "../../src/index.ts";
import { recordRun, replayRun, type RunRecording, scripted } from "../../src/testing.ts";
import { replay, updateRecording } from "../../src/testing/replay.ts";
import { done, endedRun, press, type Variant } from "./press.ts";

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
