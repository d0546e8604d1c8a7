// Tools that a model calls in the middle of a conversation: each call is a child run, and what it gives goes back to the model.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, ModelError, tool, type ModelRequest } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { callsTools, scripted } from "../../providers/scripted.ts";
import { ledgerWith, logOf } from "../host/ledgers.ts";
import { model } from "../host/models.ts";
import { containing, openKindling } from "../host/open-host.ts";
import { agentOf, openAgent, resultsIn } from "./agent.ts";

const Two = z.object({ a: z.number(), b: z.number() });

const add = tool("add", { description: "Adds two numbers.", input: Two, repeatable: true, run: ({ a, b }) => a + b });

describe("a model that calls a tool", () => {
  it("is told of it by name, description and schema, is given the result, and goes on", async () => {
    const { model, start } = await openAgent(agentOf([add]), [callsTools(["add", { a: 1, b: 2 }]), "Three."]);
    const run = await start();
    expect(await run.result()).toBe("Three.");
    expect(model.requests[0]?.tools).toMatchObject([
      { name: "add", description: "Adds two numbers.", inputSchema: { type: "object", required: ["a", "b"] } },
    ]);
    expect(resultsIn(model.requests[1])).toEqual([3]);
    const facts = (await run.facts()).filter(({ type }) => /^(model|tool)\./.test(type));
    expect(facts.map(({ type, path }) => `${type} ${path}`)).toEqual([
      "model.requested answer",
      "model.replied answer",
      "tool.called answer[1.add]/call",
      "tool.returned answer[1.add]/call",
      "model.requested answer",
      "model.replied answer",
    ]);
  });

  it("may call several at once, also one twice, and gets the results in the order of its calls", async () => {
    let atWork = 0;
    let most = 0;
    const slow = tool("slow", {
      description: "Waits.",
      input: z.object({ ms: z.number() }),
      repeatable: true,
      run: async ({ ms }) => {
        most = Math.max(most, ++atWork);
        await new Promise((resolve) => setTimeout(resolve, ms));
        atWork -= 1;
        return `waited ${ms}`;
      },
    });
    const calls = callsTools(["slow", { ms: 20 }], ["slow", { ms: 1 }], ["add", { a: 1, b: 1 }]);
    const { model, start } = await openAgent(agentOf([add, slow]), [calls, "done"]);
    await (await start()).result();
    expect(resultsIn(model.requests[1])).toEqual(["waited 20", "waited 1", 2]);
    expect(most).toBe(2);
  });

  it("never has more of them at work than toolConcurrency says", async () => {
    let atWork = 0;
    let most = 0;
    const slow = tool("slow", {
      description: "Waits.",
      input: z.object({ n: z.number() }),
      repeatable: true,
      run: async ({ n }) => {
        most = Math.max(most, ++atWork);
        await new Promise((resolve) => setImmediate(resolve));
        atWork -= 1;
        return n;
      },
    });
    const calls = callsTools(...Array.from({ length: 20 }, (_, n) => ["slow", { n }] as const));
    const { model, start } = await openAgent(agentOf([slow], { toolConcurrency: 3 }), [calls, "done"]);
    await (await start()).result();
    expect(most).toBe(3);
    expect(resultsIn(model.requests[1])).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it("is told what it did wrong: a tool that is not there, an input that does not fit, a tool that throws, a result that is no JSON", async () => {
    const broken = tool("broken", {
      description: "Throws.",
      input: z.object({}),
      run: () => {
        throw new Error("the line is down");
      },
    });
    const odd = tool("odd", { description: "Gives a function.", input: z.object({}), run: () => () => 1 });
    const calls = callsTools(["subtract", { a: 1 }], ["add", { a: "1", b: 2 }], ["broken", {}], ["odd", {}]);
    const { model, start } = await openAgent(agentOf([add, broken, odd]), [calls, "I give up."]);
    const run = await start();
    expect(await run.result()).toBe("I give up.");
    expect(resultsIn(model.requests[1])).toEqual([
      { error: 'There is no tool "subtract". There are: add, broken, odd.' },
      { error: containing("Not called, since the input does not fit: a:") },
      { error: "the line is down" },
      { error: containing('what "odd" gave') },
    ]);
    expect((await run.get()).status).toBe("succeeded");
  });

  it("is given no more of a result than the limit, and is told so", async () => {
    const long = tool("long", { description: "Says much.", input: z.object({}), resultLimit: 100, run: () => "x".repeat(5_000) });
    const { model, start } = await openAgent(agentOf([long]), [callsTools(["long", {}]), "ok"]);
    const run = await start();
    await run.result();
    expect(resultsIn(model.requests[1])).toEqual([`${"x".repeat(100)}\n[cut: the result has 5000 characters, and 100 are the limit]`]);
    expect((await run.facts()).find(({ type }) => type === "tool.returned")).toMatchObject({ characters: 100, cut: 5_000 });
  });

  it("is told that a call took too long, and that nobody knows whether it took effect", async () => {
    const stuck = tool("stuck", { description: "Never ends.", input: z.object({}), timeout: 5, run: () => new Promise(() => {}) });
    const { model, start } = await openAgent(agentOf([stuck]), [callsTools(["stuck", {}]), "ok"]);
    await (await start()).result();
    expect(resultsIn(model.requests[1])).toEqual([{ error: containing("whether it took effect is not known") }]);
  });

  it("is stopped when it comes to no end", async () => {
    const { model, start } = await openAgent(
      agentOf([add], { maxTurns: 3 }),
      Array.from({ length: 9 }, () => callsTools(["add", { a: 1, b: 1 }])),
    );
    await expect((await start()).result()).rejects.toMatchObject({
      details: { error: { code: "turns_exhausted" } },
      message: containing("in 3 turns"),
    });
    expect(model.requests).toHaveLength(3);
  });

  it("gives a value of its schema at the end, with one repair", async () => {
    const typed = contract("typed", {
      inputs: { question: z.string() },
      define: (g, { question }) =>
        g.llm("answer", {
          needs: { question },
          prompt: ({ question }) => question,
          output: z.object({ sum: z.number() }),
          model: "scripted:m",
          tools: [add],
        }),
    });
    const provider = scripted([callsTools(["add", { a: 1, b: 2 }]), { sum: "3" }, { sum: 3 }]);
    const kindling = await openKindling({ contracts: [typed], models: [provider] });
    expect(await (await kindling.start(typed, { question: "q" })).result()).toEqual({ sum: 3 });
    expect(provider.requests).toHaveLength(3);
    expect(resultsIn(provider.requests[2]), "the repair keeps what the tools gave").toEqual([3]);
  });

  it("goes on where it broke off when a turn fails, and calls no tool again", async () => {
    const calls: number[] = [];
    const counted = tool("count", { description: "Counts.", input: z.object({ n: z.number() }), run: ({ n }) => calls.push(n) });
    const busy = new ModelError("overloaded", "busy", { provider: "scripted", retryable: true });
    const { model, start } = await openAgent(agentOf([counted], { retry: { attempts: 2, backoff: 1 } }), [
      callsTools(["count", { n: 1 }]),
      busy,
      callsTools(["count", { n: 2 }]),
      busy,
      "done",
    ]);
    expect(await (await start()).result(), "each turn has all its tries").toBe("done");
    expect(calls).toEqual([1, 2]);
    expect(model.requests.map(({ messages }) => messages.length)).toEqual([1, 3, 3, 5, 5]);
  });

  it("is asked again behind its tools when its last answer is empty", async () => {
    const calls: number[] = [];
    const counted = tool("count", { description: "Counts.", input: z.object({ n: z.number() }), run: ({ n }) => calls.push(n) });
    const { model, start } = await openAgent(agentOf([counted], { retry: { attempts: 5, backoff: 1 } }), [
      callsTools(["count", { n: 1 }]),
      "",
      "  ",
      "done",
    ]);
    const run = await start();
    expect(await run.result()).toBe("done");
    expect(calls).toEqual([1]);
    expect(model.requests.map(({ messages }) => messages.length)).toEqual([1, 3, 3, 3]);
    expect((await run.get()).spending.calls, "empty answers are paid for, too").toBe(4);
  });

  it("goes on where it broke off when the run is tried again", async () => {
    const calls: number[] = [];
    const counted = tool("count", { description: "Counts.", input: z.object({ n: z.number() }), run: ({ n }) => calls.push(n) });
    const denied = new ModelError("auth", "no", { provider: "scripted", retryable: false });
    const { kindling, model, start } = await openAgent(agentOf([counted]), [callsTools(["count", { n: 1 }]), denied, "done"]);
    const run = await start();
    await expect(run.result()).rejects.toMatchObject({ code: "run_failed" });
    await kindling.retry(run.id);
    expect(await run.result()).toBe("done");
    expect(calls).toEqual([1]);
    expect(model.requests).toHaveLength(3);
  });

  it("goes on after a crash at any commit: no answered turn is asked again, no finished call made again", async () => {
    const made: string[] = [];
    const act = tool("act", {
      description: "Acts.",
      input: z.object({ n: z.number() }),
      onUncertain: "retry",
      run: ({ n }, { idempotencyKey }) => {
        made.push(`${n} ${idempotencyKey.split(":").slice(1).join(":")}`);
        return n;
      },
    });
    const answer = ({ messages }: ModelRequest) => {
      const turn = messages.filter(({ role }) => role === "assistant").length + 1;
      return turn < 4 ? callsTools(["act", { n: turn }], ["act", { n: turn * 10 }]) : "done";
    };
    const agent = agentOf([act]);
    const place = memoryLedger();
    const first = await openAgent(agent, model(answer), { ledger: place });
    const run = await first.start();
    await run.result();
    await first.kindling.close();
    const whole = new Set(made);
    expect(whole.size).toBe(6);
    const log = await logOf(place);
    for (let commits = 1; commits <= log.entries.length; commits++) {
      const cut = await ledgerWith(log, commits);
      const facts = log.entries.slice(0, commits).flatMap(({ facts: each }) => each);
      const count = (type: string) => facts.filter((fact) => fact["type"] === type).length;
      made.length = 0;
      const provider = model(answer);
      const { kindling } = await openAgent(agent, provider, { ledger: cut });
      expect(await (await kindling.run(run.id)).result(), `cut after ${commits}`).toBe("done");
      expect(provider.requests, `cut after ${commits}`).toHaveLength(4 - count("model.replied"));
      expect(made, `cut after ${commits}`).toHaveLength(6 - count("tool.returned"));
      for (const key of made) expect(whole, `cut after ${commits}`).toContain(key);
      await kindling.close();
    }
  });

  it("begins anew with other tools' calls when what it read has changed", async () => {
    const seen: number[] = [];
    const note = tool("note", { description: "Notes.", input: z.object({ n: z.number() }), run: ({ n }) => seen.push(n) });
    const { kindling, start } = await openAgent(agentOf([note]), [
      callsTools(["note", { n: 1 }]),
      "first",
      callsTools(["note", { n: 2 }]),
      "second",
    ]);
    const run = await start();
    expect(await run.result()).toBe("first");
    await kindling.update(run.id, { question: "another" });
    expect(await run.result()).toBe("second");
    expect(seen).toEqual([1, 2]);
    const keys = (await run.facts()).flatMap((fact) => (fact.type === "children.listed" ? fact.keys : []));
    expect(keys).toEqual(["1.note", "r2.1.note"]);
  });

  it("leaves no call behind when the run is cancelled", async () => {
    let signal: AbortSignal | undefined;
    const stuck = tool("stuck", {
      description: "Never ends.",
      input: z.object({}),
      repeatable: true,
      run: (_input, context) => {
        signal = context.signal;
        return new Promise(() => {});
      },
    });
    const { kindling, start } = await openAgent(agentOf([stuck]), [callsTools(["stuck", {}])]);
    const run = await start();
    await expect.poll(() => signal !== undefined).toBe(true);
    await kindling.cancel(run.id);
    expect((await run.settled()).status).toBe("cancelled");
    expect(signal?.aborted).toBe(true);
  });
});
