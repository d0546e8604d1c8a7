// The tree that spans make: children, tools and attempts, each below what it belongs to.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { callsTools, scripted } from "../../providers/scripted.ts";
import { contract, ModelError, tool } from "../../src/index.ts";
import { otel } from "../../src/observe/otel-index.ts";
import { manualClock } from "../../src/testing.ts";
import { model } from "../host/models.ts";
import { openKindling } from "../host/open-host.ts";
import { parentOf, spanNamed, tracing, treeText } from "./traces.ts";

const item = contract("item", {
  version: "1",
  inputs: { word: z.string() },
  define: (g, { word }) => ({ said: g.llm("say", { needs: { word }, prompt: ({ word }) => `Say ${word}` }) }),
});

const words = contract("words", {
  version: "1",
  inputs: { words: z.array(z.string()) },
  define: (g, { words }) => {
    const trivial = g.collection("trivial", {
      over: words,
      as: "word",
      key: (word) => word,
      each: (g, { word }) => g.compute("length", { needs: { word }, run: ({ word }) => word.length }),
    });
    const said = g.collection("said", { over: words, as: "word", key: (word) => word, each: item });
    return { said, trivial };
  },
});

describe("children", () => {
  it("nest below their node, side by side; those in which nothing happens leave no span", async () => {
    const { tracerProvider, spans } = tracing();
    const kindling = await openKindling({
      contracts: [words],
      models: [model("ok")],
      model: "scripted:m",
      telemetry: otel({ tracerProvider }),
      clock: manualClock(),
    });
    await (await kindling.start(words, { words: ["a", "b"] })).result();
    expect(treeText(spans(), { attributes: false })).toBe(`invoke_workflow words [INTERNAL]
  execute_node said [INTERNAL]
    invoke_workflow item [INTERNAL]
      invoke_agent say [INTERNAL]
        chat m [CLIENT]
    invoke_workflow item [INTERNAL]
      invoke_agent say [INTERNAL]
        chat m [CLIENT]
`);
    expect(new Set(spans().map((span) => span.spanContext().traceId)).size).toBe(1);
  });

  it("with pureNodes leave spans for all of them", async () => {
    const { tracerProvider, spans } = tracing();
    const kindling = await openKindling({
      contracts: [words],
      models: [model("ok")],
      model: "scripted:m",
      telemetry: otel({ tracerProvider, pureNodes: true }),
    });
    await (await kindling.start(words, { words: ["a", "b"] })).result();
    expect(spans().filter(({ name }) => name === "execute_node length")).toHaveLength(2);
  });

  it("that are answered on their own go on in a span of their own, and their parent behind that", async () => {
    const { tracerProvider, spans } = tracing();
    const reviewed = contract("reviewed", {
      version: "1",
      inputs: { words: z.array(z.string()) },
      define: (g, { words }) => ({
        all: g.collection("all", {
          over: words,
          as: "word",
          key: (word) => word,
          each: (g, { word }) => {
            const ok = g.await("ok", { event: "word.ok", schema: z.boolean(), show: { word } });
            return g.effect("use", { needs: { ok }, run: ({ ok }) => ok });
          },
        }),
      }),
    });
    const kindling = await openKindling({ contracts: [reviewed], telemetry: otel({ tracerProvider }), clock: manualClock() });
    const run = await kindling.start(reviewed, { words: ["a"] });
    await run.settled();
    await kindling.deliver({ event: "word.ok", run: run.id, payload: true });
    await run.result();
    expect(treeText(spans(), { attributes: false })).toBe(`invoke_workflow reviewed [INTERNAL]
  execute_node all [INTERNAL]
    invoke_workflow reviewed/all[each] [INTERNAL]
invoke_workflow reviewed/all[each] [INTERNAL]
  -> earlier: invoke_workflow reviewed/all[each]
  execute_node use [INTERNAL]
  invoke_workflow reviewed [INTERNAL]
    -> earlier: invoke_workflow reviewed
`);
  });
});

describe("a tool", () => {
  it("stands below the conversation that asked for it, between the turns", async () => {
    const add = tool("add", {
      description: "Adds.",
      input: z.object({ a: z.number(), b: z.number() }),
      repeatable: true,
      run: ({ a, b }) => a + b,
    });
    const sums = contract("sums", {
      version: "1",
      inputs: {},
      define: (g) => ({ answer: g.llm("answer", { needs: {}, prompt: () => "1 and 2?", tools: [add] }) }),
    });
    const { tracerProvider, spans } = tracing();
    const clock = manualClock();
    const models = [scripted([callsTools(["add", { a: 1, b: 2 }]), "Three."])];
    const kindling = await openKindling({ contracts: [sums], models, model: "scripted:m", telemetry: otel({ tracerProvider }), clock });
    await (await kindling.start(sums, {})).result();
    const [agent, added] = [spanNamed(spans(), "invoke_agent answer"), spanNamed(spans(), "execute_tool add")];
    expect(parentOf(spans(), added)?.name).toBe("invoke_agent answer");
    expect(added.attributes).toMatchObject({
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "add",
      "gen_ai.tool.type": "function",
      "gen_ai.tool.call.id": expect.any(String) as string,
    });
    expect(
      spans()
        .filter((span) => parentOf(spans(), span) === agent)
        .map(({ name }) => name),
    ).toEqual(["chat m", "execute_tool add", "chat m"]);
  });
});

describe("what fails", () => {
  it("is seen in a child that has nothing else to show", async () => {
    const { tracerProvider, spans } = tracing();
    const checked = contract("checked", {
      version: "1",
      inputs: { words: z.array(z.string()) },
      define: (g, { words }) => ({
        all: g.collection("all", {
          over: words,
          as: "word",
          key: (word) => word,
          each: (g, { word }) =>
            g.compute("first", {
              needs: { word },
              run: ({ word }) => {
                if (word === "b") throw new Error("no such word");
                return word;
              },
            }),
        }),
      }),
    });
    const kindling = await openKindling({ contracts: [checked], telemetry: otel({ tracerProvider }) });
    await (await kindling.start(checked, { words: ["a", "b"] })).result();
    expect(treeText(spans(), { attributes: false })).toBe(`invoke_workflow checked [INTERNAL]
  execute_node all [INTERNAL]
    invoke_workflow checked/all[each] [INTERNAL, ERROR all[b]/first: no such word]
`);
  });

  it("has the status ERROR and our stable code, attempt by attempt", async () => {
    const { tracerProvider, spans } = tracing();
    const overloaded = new ModelError("overloaded", "try later", { provider: "scripted", retryable: true, requestId: "req_7" });
    const replies = [overloaded, "fine"];
    const models = [model(() => replies.shift() ?? "fine")];
    const once = contract("once", {
      version: "1",
      inputs: {},
      define: (g) => ({ said: g.llm("say", { needs: {}, prompt: () => "hi", retry: { attempts: 2, backoff: "1ms" } as never }) }),
    });
    const kindling = await openKindling({ contracts: [once], models, model: "scripted:m", telemetry: otel({ tracerProvider }) });
    await (await kindling.start(once, {})).result();
    const chats = spans().filter(({ name }) => name === "chat m");
    expect(
      chats.map(({ status: { code }, attributes }) => [code, attributes["error.type"], attributes["kindling.model.request_id"]]),
    ).toEqual([
      [2, "overloaded", "req_7"],
      [0, undefined, undefined],
    ]);
    const nodes = spans().filter(({ name }) => name === "invoke_agent say");
    expect(
      nodes.map(({ attributes }) => [attributes["kindling.node.attempt"], attributes["kindling.node.outcome"], attributes["error.type"]]),
    ).toEqual([
      [1, "retrying", "overloaded"],
      [2, "succeeded", undefined],
    ]);
  });
});
