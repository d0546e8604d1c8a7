// What may stand among the tools of a conversation, and what is refused: functions, contracts, what the node gives them.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { asTool, compile, contract, tool } from "../../src/index.ts";
import { callsTools, scripted } from "../../providers/scripted.ts";
import { containing, openKindling } from "../host/open-host.ts";
import { agentOf, openAgent, resultsIn } from "./agent.ts";

const add = tool("add", {
  description: "Adds two numbers.",
  input: z.object({ a: z.number(), b: z.number() }),
  repeatable: true,
  run: ({ a, b }) => a + b,
});

describe("a contract as a tool", () => {
  const double = contract("double", {
    description: "Doubles a number.",
    inputs: { n: z.number(), by: z.string().default("hand") },
    define: (g, { n, by }) => ({ result: g.compute("twice", { needs: { n, by }, run: ({ n, by }) => `${n * 2} by ${by}` }) }),
  });

  it("is run with what the model fills in, and its outputs are the result", async () => {
    const { model, start, kindling } = await openAgent(agentOf([asTool(double)]), [
      callsTools(["double", { n: 4 }], ["double", { n: "4" }]),
      "ok",
    ]);
    const run = await start();
    await run.result();
    expect(model.requests[0]?.tools).toMatchObject([
      { name: "double", description: "Doubles a number.", inputSchema: { required: ["n"] } },
    ]);
    expect(resultsIn(model.requests[1])).toEqual([{ result: "8 by hand" }, { error: containing("n: ") }]);
    expect((await kindling.explain(run.id, "answer[1.double]/twice")).text).toContain("answer[1.double]");
  });

  it("takes inputs from the node, which the model neither sees nor fills", async () => {
    const agent = contract("agent", {
      inputs: { by: z.string() },
      define: (g, { by }) =>
        g.llm("answer", { needs: { by }, prompt: ({ by }) => by, model: "scripted:m", tools: [asTool(double, { given: ["by"] })] }),
    });
    const provider = scripted([callsTools(["double", { n: 1 }], ["double", { n: 1, by: "the model" }]), "ok"]);
    const kindling = await openKindling({ contracts: [agent], models: [provider] });
    await (await kindling.start(agent, { by: "the node" })).result();
    expect(JSON.stringify(provider.requests[0]?.tools)).not.toContain('"by"');
    expect(resultsIn(provider.requests[1])).toEqual([{ result: "2 by the node" }, { error: containing("by: is no input") }]);
  });

  it("may stand among the tools as it is, and wait for an event like any run", async () => {
    const asking = contract("asking", {
      description: "Asks a colleague.",
      inputs: { what: z.string() },
      define: (g, { what }) => g.await("said", { event: "colleague.said", schema: z.string(), show: { what } }),
    });
    const agent = contract("agent", {
      inputs: { question: z.string() },
      define: (g, { question }) =>
        g.llm("answer", { needs: { question }, prompt: ({ question }) => question, model: "scripted:m", tools: [asking] }),
    });
    const provider = scripted([callsTools(["asking", { what: "why?" }]), "ok"]);
    const kindling = await openKindling({ contracts: [agent], models: [provider] });
    const run = await kindling.start(agent, { question: "q" });
    expect(await run.settled()).toMatchObject({ status: "waiting", awaits: [{ path: "answer[1.asking]/said" }] });
    await kindling.deliver({ event: "colleague.said", run: run.id, payload: "because" });
    expect(await run.result()).toBe("ok");
    expect(resultsIn(provider.requests[1])).toEqual(["because"]);
  });
});

describe("what a tool is given by its node", () => {
  it("reaches its code by the node's needs, and never the model", async () => {
    const seen: unknown[] = [];
    const mine = tool("mine", {
      description: "Looks into the customer's own orders.",
      input: z.object({ order: z.string() }),
      given: { question: z.string() },
      run: ({ order }, { given }) => seen.push([order, given.question]),
    });
    const { model, start } = await openAgent(agentOf([mine]), [callsTools(["mine", { order: "7" }]), "ok"]);
    await (await start()).result();
    expect(seen).toEqual([["7", "q"]]);
    expect(JSON.stringify(model.requests[0]?.tools)).not.toContain("question");
  });

  it("is a finding when the node has no such need", () => {
    const mine = tool("mine", { description: "x", input: z.object({}), given: { customer: z.string() }, run: () => 1 });
    const define = () =>
      contract("agent", {
        inputs: { custommer: z.string() },
        // @ts-expect-error the types say so, too
        define: (g, { custommer }) => g.llm("answer", { needs: { custommer }, prompt: () => "q", tools: [mine] }),
      });
    expect(define).toThrow(/the tool "mine" is given "customer", and the node has no such need[^]*custommer/);
  });
});

describe("a tool that is none", () => {
  it.each([
    [() => tool("1st", { description: "x", input: z.object({}), run: () => 1 }), "this is no name of a tool"],
    [() => tool("a", { description: " ", input: z.object({}), run: () => 1 }), "it has no description"],
    [() => tool("a", { description: "x", input: z.string(), run: () => 1 }), "the root of its input is no object"],
    [() => tool("a", { description: "x", input: z.object({}), run: () => 1, resultLimit: 1 }), "resultLimit is 1"],
    [() => tool("a", { description: "x", input: z.object({}), run: () => 1, timeout: "soon" as "1s" }), 'timeout is "soon"'],
    [
      () => tool("a", { description: "x", input: z.object({}), run: () => 1, repeatable: true, onUncertain: "ask" }),
      "nothing about it is uncertain",
    ],
    [() => tool("a", { description: "x", input: z.object({}), run: () => 1, given: { input: z.string() } }), 'given has "input"'],
  ])("is refused with what is wrong (%#)", (make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: "bad_tool", message: containing(message) }));
  });

  it("is a finding when two have one name, or maxTurns is no count", () => {
    expect(() => agentOf([add, add], { maxTurns: 0 })).toThrow(
      /tools has "add" twice[^]*maxTurns is 0|maxTurns is 0[^]*tools has "add" twice/,
    );
  });

  it.each([
    [{ tools: "no" }, {}, "scripted:m cannot call tools"],
    [{ tools: "yes", forcedTools: "no" }, { toolChoice: "required" }, "cannot be made to call a tool"],
    [{ tools: "yes", maxOutputTokens: 1_000 }, {}, "writes 1000 tokens at most, and maxOutputTokens is 8192"],
  ] as const)("is refused before the run begins where the model cannot do what the node wants: %o", async (can, options, message) => {
    const capabilities = () => ({ structuredOutput: "none", files: [], reasoning: "no", ...can }) as const;
    const { start } = await openAgent(agentOf([add], options), { ...scripted(["x"]), capabilities });
    await expect(start()).rejects.toMatchObject({ message: containing(message) });
  });
});

describe("the drawing of a conversation with tools", () => {
  it("has a box for each tool", () => {
    expect(compile(agentOf([add])).findings).toEqual([]);
  });
});
