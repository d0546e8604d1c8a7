// Observers: what they are told and in which order, and that none of them can fail or slow a run.

import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { type ObservedContent, type Observation, type Observer, type RuntimeOptions, contract } from "../../src/index.ts";
import { manualClock, memoryLedger } from "../../src/testing.ts";
import { model } from "../host/models.ts";
import { openKindling } from "../host/open-host.ts";

const Review = z.object({ decision: z.enum(["approve", "reject"]) });

const note = contract("note", {
  version: "1",
  inputs: { topic: z.string() },
  define: (g, { topic }) => {
    const draft = g.llm("draft", { needs: { topic }, prompt: ({ topic }) => `Write about ${topic}` });
    const length = g.compute("length", { needs: { draft }, run: ({ draft }) => draft.length });
    const review = g.await("review", { event: "note.reviewed", schema: Review, show: { draft, length }, by: "human" });
    return { printed: g.effect("print", { needs: { draft, review }, run: ({ draft, review }) => `${review.decision}: ${draft}` }) };
  },
});

/** An observer that keeps what it is told. */
function listener(more: Partial<Observer> = {}) {
  const told: Observation[] = [];
  const contents: ObservedContent[] = [];
  const observer: Observer = {
    name: "listener",
    observe: (observation, content) => {
      told.push(observation);
      contents.push(content);
    },
    ...more,
  };
  return { observer, told, contents, lines: () => told.map(lineOf) };
}

function lineOf(told: Observation): string {
  switch (told.type) {
    case "run.began":
      return `run.began by ${told.by}`;
    case "run.rested":
      return `run.rested ${told.status}`;
    case "node.began":
      return `node.began ${told.node.path}${told.node.isPure ? " (pure)" : ""}`;
    case "node.ended":
      return `node.ended ${told.node} ${told.outcome}`;
    default:
      return `${told.type} ${told.node}`;
  }
}

const models = (answer = "fine") => [model(answer)];

describe("an observer", () => {
  it("is told of a run from its start to its wait, and from the answer to the end", async () => {
    const { observer, lines } = listener();
    const kindling = await openKindling({ contracts: [note], models: models(), model: "scripted:m", telemetry: observer });
    const run = await kindling.start(note, { topic: "tea" });
    await run.settled();
    expect(lines()).toEqual([
      "run.began by run.started",
      "node.began draft",
      "model.began draft",
      "model.ended draft",
      "node.ended draft succeeded",
      "node.began length (pure)",
      "node.ended length succeeded",
      "wait.opened review",
      "run.rested waiting",
    ]);
    await kindling.deliver({
      event: "note.reviewed",
      run: run.id,
      payload: { decision: "approve" },
      actor: { id: "a", assurance: "outOfBand" },
    });
    await run.result();
    expect(lines().slice(9)).toEqual([
      "run.began by event.delivered",
      "wait.closed review",
      "node.began print",
      "node.ended print succeeded",
      "run.rested succeeded",
    ]);
  });

  it("hears what a model call was asked with and gave, without what was said", async () => {
    const { observer, told, contents } = listener();
    const prices = { asOf: "2026-11-21", source: "test", models: { "scripted:m": { input: 1_000_000, output: 2_000_000 } } };
    const kindling = await openKindling({ contracts: [note], models: models(), model: "scripted:m", prices, telemetry: observer });
    await (await kindling.start(note, { topic: "tea" })).settled();
    const end = told.find((each) => each.type === "model.ended");
    expect(end).toMatchObject({
      call: { provider: "scripted", model: "scripted:m", turn: 1, prompt: undefined, settings: { maxOutputTokens: 8_192, output: "text" } },
      reply: { stop: { reason: "stop" }, usage: { input: expect.any(Number) as number } },
      cost: expect.any(Number) as number,
      error: undefined,
    });
    expect(JSON.stringify([told, contents])).not.toMatch(/Write about|fine|tea/);
  });

  it("hears what was said when it wants that, without secrets", async () => {
    const { observer, contents } = listener({ contents: true });
    const kindling = await openKindling({
      contracts: [note],
      models: models("the key is sk-ant-api03-abcDEF123456789012345"),
      model: "scripted:m",
      telemetry: observer,
    });
    await (await kindling.start(note, { topic: "tea" })).settled();
    const text = JSON.stringify(contents);
    expect(text).toContain("Write about tea");
    expect(text).toContain("the key is sk-[redacted]");
    expect(text).not.toContain("api03");
  });

  it("hears what was decided and nothing else when it wants only that", async () => {
    const { observer, contents } = listener({ decisions: true });
    const kindling = await openKindling({ contracts: [note], models: models(), model: "scripted:m", telemetry: observer });
    const run = await kindling.start(note, { topic: "tea" });
    await run.settled();
    await kindling.deliver({
      event: "note.reviewed",
      run: run.id,
      payload: { decision: "reject" },
      actor: { id: "a", assurance: "outOfBand" },
    });
    await run.result();
    expect(contents.filter((content) => Object.keys(content).length > 0)).toEqual([{ decision: { decision: "reject" } }]);
  });

  it("sees times of the runtime's clock, and how long a wait was open", async () => {
    const clock = manualClock(1_000_000);
    const { observer, told } = listener();
    const kindling = await openKindling({ contracts: [note], models: models(), model: "scripted:m", telemetry: observer, clock });
    const run = await kindling.start(note, { topic: "tea" });
    await run.settled();
    clock.advance(3 * 86_400_000);
    await kindling.deliver({
      event: "note.reviewed",
      run: run.id,
      payload: { decision: "reject" },
      actor: { id: "a", assurance: "outOfBand" },
    });
    await run.result();
    const closed = told.find((each) => each.type === "wait.closed");
    expect(closed).toMatchObject({
      at: 1_000_000 + 3 * 86_400_000,
      waitedMs: 3 * 86_400_000,
      isGate: true,
      decision: { actor: { id: "a" } },
    });
  });
});

describe("an observer that fails", () => {
  const fault = () => {
    throw new Error("broken, with sk-ant-api03-abcDEF123456789012345");
  };

  async function warned(telemetry: RuntimeOptions["telemetry"]): Promise<readonly string[]> {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const kindling = await openKindling({
      contracts: [note],
      models: models(),
      model: "scripted:m",
      ...(telemetry === undefined ? {} : { telemetry }),
    });
    const run = await kindling.start(note, { topic: "tea" });
    expect((await run.settled()).status).toBe("waiting");
    await kindling.close();
    const told = warn.mock.calls.map(([message]) => String(message));
    warn.mockRestore();
    return told;
  }

  it.each(["observe", "within", "carry", "current", "spanOf", "close"] as const)(
    "in %s is reported once and heard no more; the run and other observers go on",
    async (method) => {
      const { observer, told } = listener();
      const bad: Observer = { name: "bad", observe: () => {}, [method]: fault };
      const warnings = await warned([bad, observer]);
      expect(warnings).toEqual(['telemetry "bad" failed and is off from now on: broken, with sk-[redacted]']);
      expect(told.at(-1)).toMatchObject({ type: "run.rested", status: "waiting" });
    },
  );

  it("never calls the code it should run inside is left uncalled", async () => {
    const bad: Observer = { name: "bad", observe: () => {}, within: <T>() => undefined as T };
    expect(await warned(bad)).toEqual([]);
  });

  it("tells a fault of the code as the code's", async () => {
    const { observer } = listener({ within: (_place, work) => work() });
    const failing = contract("failing", {
      version: "1",
      inputs: {},
      define: (g) => ({
        out: g.lookup("look", { needs: {}, retry: { attempts: 1 }, run: () => Promise.reject(new Error("no such page")) }),
      }),
    });
    const kindling = await openKindling({ contracts: [failing], telemetry: observer });
    const view = await (await kindling.start(failing, {})).settled();
    expect(view.error?.message).toContain("no such page");
  });

  it("to open fails the opening, with what it says", async () => {
    const close = vi.fn(() => Promise.resolve());
    const open = () => Promise.reject(new Error("no such package"));
    const opening = openKindling({ contracts: [note], telemetry: { name: "bad", observe: () => {}, open, close } });
    await expect(opening).rejects.toThrow("no such package");
    expect(close).toHaveBeenCalledOnce();
  });
});

describe("options that are wrong", () => {
  it.each([
    ["an observer that was not called", { telemetry: [(() => {}) as never] }, "bad_observer"],
    ["two of a name", { telemetry: [listener().observer, listener().observer] }, "duplicate_observer"],
    ["a member that redact does not have", { redact: { key: ["x"] } as never }, "bad_redact"],
    ["a pattern that is a text", { redact: { patterns: ["x"] as never } }, "bad_redact"],
    ["names that are no list", { redact: { keys: "x" as never } }, "bad_redact"],
  ])("are told: %s", async (_, options, code) => {
    await expect(openKindling({ contracts: [note], ...options })).rejects.toMatchObject({ code, fix: expect.any(String) as string });
  });
});

it("a runtime waits for its observers when it closes", async () => {
  let isOver = false;
  const { observer } = listener({ close: () => pause(20).then(() => void (isOver = true)) });
  const kindling = await openKindling({ contracts: [note], ledger: memoryLedger(), telemetry: observer });
  await kindling.close();
  expect(isOver).toBe(true);
});
