// Several models for one conversation: the next one is asked in a turn that the one before could not answer.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, memoryLedger, ModelError, tool, type ModelErrorCode } from "../../src/index.ts";
import { callsTools, scripted, type ScriptedReply } from "../../providers/scripted.ts";
import { crashed, heldLedger } from "../host/ledgers.ts";
import { containing, openKindling, until } from "../host/open-host.ts";

const fault = (code: ModelErrorCode, retryable: boolean, retryAfterMs?: number) =>
  new ModelError(code, `${code}!`, { provider: "x", retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

const acted: number[] = [];
const act = tool("act", { description: "Acts.", input: z.object({ n: z.number() }), run: ({ n }) => acted.push(n) });

function chained(fallbackOn?: (error: ModelError) => boolean) {
  return contract("chained", {
    inputs: { question: z.string() },
    define: (g, { question }) =>
      g.llm("answer", {
        needs: { question },
        prompt: ({ question }) => question,
        models: ["first:a", "second:b"],
        tools: [act],
        retry: { attempts: 2, backoff: 1 },
        ...(fallbackOn === undefined ? {} : { fallbackOn }),
      }),
  });
}

async function play(first: readonly ScriptedReply[], second: readonly ScriptedReply[], fallbackOn?: (error: ModelError) => boolean) {
  acted.length = 0;
  const models = [scripted(first, { id: "first" }), scripted(second, { id: "second" })] as const;
  const agent = chained(fallbackOn);
  const kindling = await openKindling({ contracts: [agent], models });
  const run = await kindling.start(agent, { question: "q" });
  return { run, first: models[0], second: models[1] };
}

describe("a chain of models", () => {
  it("asks the next one when one is overloaded, and keeps on record why", async () => {
    const { run } = await play([fault("overloaded", true)], ["from the second"]);
    expect(await run.result()).toBe("from the second");
    expect((await run.facts()).filter(({ type }) => type.startsWith("model."))).toMatchObject([
      { type: "model.requested", model: "first:a" },
      { type: "model.failed", model: "first:a", error: { code: "overloaded" } },
      { type: "model.requested", model: "second:b" },
      { type: "model.replied", turn: 1 },
    ]);
  });

  it("never repeats a tool that was called: the next turn is all that moves on", async () => {
    const { run, first, second } = await play(
      [callsTools(["act", { n: 1 }]), fault("server", true), "the end"],
      [callsTools(["act", { n: 2 }])],
    );
    expect(await run.result()).toBe("the end");
    expect(acted).toEqual([1, 2]);
    expect(
      first.requests.map(({ messages }) => messages.length),
      "the first one is asked first again in each turn",
    ).toEqual([1, 3, 5]);
    expect(second.requests.map(({ messages }) => messages.length)).toEqual([3]);
  });

  it("does not move on when trying again would not help either, unless the author says so", async () => {
    const { run, second } = await play([fault("invalid_request", false)], ["x"]);
    await expect(run.result()).rejects.toMatchObject({ details: { error: { code: "invalid_request" } } });
    expect(second.requests).toHaveLength(0);
    const other = await play([fault("invalid_request", false)], ["x"], ({ code }) => code === "invalid_request");
    expect(await other.run.result()).toBe("x");
  });

  it("moves on from a refusal where the author says so, and pays for both", async () => {
    const refusal = { content: [], stop: { reason: "refusal" as const } };
    const { run } = await play([refusal], ["x"], ({ code }) => code === "refused");
    expect(await run.result()).toBe("x");
    expect((await run.get()).spending.calls).toBe(2);
    const strict = await play([refusal], ["x"]);
    await expect(strict.run.result()).rejects.toMatchObject({ details: { error: { code: "refused" } } });
  });

  it("tries them all again when one of them may answer later", async () => {
    const { run, first, second } = await play([fault("rate_limited", true, 1), "at last"], [fault("overloaded", true)]);
    expect(await run.result()).toBe("at last");
    expect([first.requests.length, second.requests.length]).toEqual([2, 1]);
  });

  it("fails with what each of them said", async () => {
    const { run } = await play([fault("overloaded", true), fault("overloaded", true)], [fault("auth", false), fault("auth", false)]);
    await expect(run.result()).rejects.toMatchObject({
      details: {
        error: { code: "auth", message: containing("none of 2 models could answer: x: overloaded: overloaded!; x: auth: auth!") },
      },
    });
  });

  it("passes over a provider that is not set up here, as long as one is", async () => {
    const agent = chained();
    const second = scripted(["x"], { id: "second" });
    const kindling = await openKindling({ contracts: [agent], models: [second] });
    expect(await (await kindling.start(agent, { question: "q" })).result()).toBe("x");
    const none = await openKindling({ contracts: [agent], models: [] });
    await expect(none.start(agent, { question: "q" })).rejects.toMatchObject({ code: "not_configured" });
  });

  it("asks nobody again after a crash when the second one's reply is on record", async () => {
    const agent = chained();
    const place = heldLedger(memoryLedger());
    const first = scripted([fault("overloaded", true)], { id: "first" });
    const second = scripted([callsTools(["act", { n: 1 }])], { id: "second" });
    const kindling = await openKindling({ contracts: [agent], models: [first, second], ledger: place });
    acted.length = 0;
    const { id } = await kindling.start(agent, { question: "q" });
    await until(() => acted.length === 1);
    const left = await crashed(place);
    await kindling.close();
    const again = [scripted(["the end"], { id: "first" }), scripted([], { id: "second" })] as const;
    const next = await openKindling({ contracts: [agent], models: again, ledger: left });
    await next.run(id).then((run) => run.settled());
    expect(again[1].requests).toHaveLength(0);
    expect(again[0].requests.length).toBeLessThanOrEqual(1);
  });

  it("is checked when the contract is compiled", () => {
    const define = (models: readonly string[], model?: string) => () =>
      contract("bad", {
        inputs: { q: z.string() },
        define: (g, { q }) => g.llm("answer", { needs: { q }, prompt: ({ q }) => q, models, ...(model === undefined ? {} : { model }) }),
      });
    expect(define(["gpt"])).toThrow(/model "gpt" names no provider/);
    expect(define([])).toThrow(/models is empty/);
    expect(define(["a:b", "a:b"])).toThrow(/models names one twice/);
    expect(define(["a:b"], "c:d")).toThrow(/both model and models are given/);
  });
});
