// What a provider makes of tools: sent, called one by one and side by side, answered, forced; and of calls that no tool can take.

import { expect, it } from "vitest";
import { generate, type ModelError, type ModelMessage, type ModelReply, type ModelRequest, type ModelTool } from "../../src/model/model.ts";
import { answer, answerWith, eventsOf, idle, itNeeds, KEY, type ProviderFixture, replyIn, REQUEST } from "./provider.ts";
import { bodyOf, type WirePart } from "./provider-wire.ts";
import { streamed } from "../providers/wire.ts";

const NUMBERS = { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] };
const TOOLS: readonly ModelTool[] = [
  { name: "add", description: "Adds.", inputSchema: NUMBERS },
  { name: "multiply", description: "Multiplies.", inputSchema: NUMBERS },
];
const ASK: ModelRequest = { ...REQUEST, tools: TOOLS };

const call = (id: string, name: string, input: string): WirePart => ({ type: "tool-call", id, name, input });
const callsOf = ({ content }: ModelReply) => content.filter((part) => part.type === "tool-call");

/** Every test of this part. */
export function toolConformance(fixture: ProviderFixture): void {
  const { wire } = fixture;
  const provider = fixture.create({ apiKey: KEY });

  it("a call streams its arguments as it is written, and arrives with its input", async () => {
    const bodies = answerWith(fixture, { parts: [call("call_a", "add", '{"a":1,"b":2}')] });
    const events = await eventsOf(provider, { ...ASK, toolChoice: "auto" });
    const reply = replyIn(events);
    const [part] = callsOf(reply);
    expect(part).toMatchObject({ name: "add", input: { a: 1, b: 2 } });
    expect(part?.id).not.toBe("");
    expect(reply.stop.reason).toBe("tool-calls");
    expect(wire.read.toolNames(bodies[0] ?? {})).toEqual(["add", "multiply"]);

    const deltas = events.filter((event) => event.type === "tool-delta");
    expect(new Set(deltas.map(({ id, name }) => `${id} ${name}`))).toEqual(new Set([`${part?.id} add`]));
    expect(JSON.parse(deltas.map(({ delta }) => delta).join(""))).toEqual({ a: 1, b: 2 });
  });

  it("several calls in one reply keep their order, their ids and their own arguments", async () => {
    const parts = [
      call("call_a", "add", '{"a":1,"b":2}'),
      call("call_b", "multiply", '{"a":3,"b":4}'),
      call("call_c", "add", '{"a":5,"b":6}'),
    ];
    answerWith(fixture, { parts: [{ type: "text", text: "Let me see." }, ...parts] });
    const events = await eventsOf(provider, ASK);
    const calls = callsOf(replyIn(events));
    expect(calls.map(({ name, input }) => [name, input])).toEqual([
      ["add", { a: 1, b: 2 }],
      ["multiply", { a: 3, b: 4 }],
      ["add", { a: 5, b: 6 }],
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(3);
    for (const { id, input } of calls) {
      const deltas = events.filter((event) => event.type === "tool-delta" && event.id === id);
      expect(JSON.parse(deltas.map((event) => ("delta" in event ? event.delta : "")).join(""))).toEqual(input);
    }
  });

  it("the results of several calls go back", async () => {
    answerWith(fixture, { parts: [call("call_a", "add", '{"a":1,"b":2}'), call("call_b", "multiply", '{"a":3,"b":4}')] });
    const first = await generate(provider, ASK, idle());
    const [add, multiply] = callsOf(first);
    const bodies = answerWith(fixture, { parts: [{ type: "text", text: "3" }] });
    const results: ModelMessage = {
      role: "tool",
      content: [
        { type: "tool-result", id: add?.id ?? "", name: "add", output: { sum: 3 } },
        { type: "tool-result", id: multiply?.id ?? "", name: "multiply", output: "twelve" },
      ],
    };
    await generate(provider, { ...ASK, messages: [...REQUEST.messages, { role: "assistant", content: first.content }, results] }, idle());
    const sent = JSON.stringify(bodies[0]);
    expect(sent).toContain('{\\"sum\\":3}');
    expect(sent.indexOf("twelve")).toBeGreaterThan(sent.indexOf("sum"));
  });

  itNeeds(fixture, "failed results marked", "a result that is an error is told apart from one that is none", async () => {
    const bodies = answerWith(fixture, { parts: [{ type: "text", text: "ok" }] });
    for (const isError of [false, true]) {
      const messages: ModelRequest["messages"] = [
        ...REQUEST.messages,
        { role: "assistant", content: [{ type: "tool-call", id: "call_a", name: "add", input: {} }] },
        { role: "tool", content: [{ type: "tool-result", id: "call_a", name: "add", output: "out of order", isError }] },
      ];
      await generate(provider, { ...ASK, messages }, idle());
    }
    expect(bodies[0]).not.toEqual(bodies[1]);
  });

  it("ids differ over the turns of a conversation", async () => {
    answerWith(fixture, { parts: [call("call_a", "add", '{"a":1,"b":2}')] });
    const first = await generate(provider, ASK, idle());
    const id = callsOf(first)[0]?.id ?? "";
    const result: ModelMessage = { role: "tool", content: [{ type: "tool-result", id, name: "add", output: 3 }] };
    answerWith(fixture, { parts: [call("call_b", "add", '{"a":3,"b":3}')] });
    const second = await generate(
      provider,
      { ...ASK, messages: [...REQUEST.messages, { role: "assistant", content: first.content }, result] },
      idle(),
    );
    expect(callsOf(second)[0]?.id).not.toBe(id);
  });

  itNeeds(fixture, "server ids", "the server's ids are kept", async () => {
    answerWith(fixture, { parts: [call("call_a", "add", "{}"), call("call_b", "add", "{}")] });
    expect(callsOf(await generate(provider, ASK, idle())).map(({ id }) => id)).toEqual(["call_a", "call_b"]);
  });

  it("a tool that nobody gave is a call like any other: who runs the tools tells the model", async () => {
    answerWith(fixture, { parts: [call("call_a", "launch_missiles", '{"at":"noon"}')] });
    expect(callsOf(await generate(provider, ASK, idle()))).toMatchObject([{ name: "launch_missiles", input: { at: "noon" } }]);
  });

  it("a call without arguments has an empty input", async () => {
    answerWith(fixture, { parts: [call("call_a", "add", "")] });
    expect(callsOf(await generate(provider, ASK, idle()))[0]?.input).toEqual({});
  });

  itNeeds(fixture, "broken input", "arguments that are no JSON stay text, are never mended, and go back as a whole", async () => {
    const broken = '{"a": 1, "b": "half';
    answerWith(fixture, { parts: [call("call_a", "add", broken)] });
    const first = await generate(provider, ASK, idle());
    expect(callsOf(first)[0]?.input).toBe(broken);

    const bodies = answerWith(fixture, { parts: [{ type: "text", text: "ok" }] });
    const result: ModelMessage = {
      role: "tool",
      content: [{ type: "tool-result", id: "call_a", name: "add", output: "no JSON", isError: true }],
    };
    await generate(provider, { ...ASK, messages: [...REQUEST.messages, { role: "assistant", content: first.content }, result] }, idle());
    expect(JSON.stringify(bodies[0])).toContain("half");
  });

  it("a call that was cut at the token limit ends as such", async () => {
    const end = wire.ends.find(({ reason }) => reason === "length");
    if (end === undefined) throw new Error("the wire has no length end");
    answerWith(fixture, { parts: [call("call_a", "add", "{}")], end });
    expect((await generate(provider, ASK, idle())).stop.reason).toBe("length");
  });

  itNeeds(fixture, "forced tools", "some tool, or one of a name, can be required", async () => {
    const bodies = answerWith(fixture, { parts: [call("call_a", "add", "{}")] });
    await generate(provider, { ...ASK, toolChoice: "required" }, idle());
    await generate(provider, { ...ASK, toolChoice: { tool: "multiply" } }, idle());
    await generate(provider, { ...ASK, toolChoice: "auto" }, idle());
    expect(bodies.map((body) => wire.read.forcedTool(body))).toEqual([true, "multiply", undefined]);
  });

  it("what cannot be forced is refused before anything is sent", async () => {
    if (provider.capabilities(REQUEST.model).forcedTools !== "no") return;
    const bodies = answer(fixture, () => streamed(bodyOf(wire, { parts: [] }), wire.contentType));
    for (const toolChoice of ["required", { tool: "add" }] as const)
      await expect(generate(provider, { ...ASK, toolChoice }, idle())).rejects.toMatchObject({ code: "unsupported", retryable: false });
    expect(bodies).toEqual([]);
  });

  itNeeds(fixture, "tool choice checked", "a tool that is not there cannot be required", async () => {
    const bodies = answerWith(fixture, { parts: [] });
    for (const request of [{ ...ASK, toolChoice: { tool: "divide" } } as const, { ...REQUEST, toolChoice: "required" } as const]) {
      const error: unknown = await generate(provider, request, idle()).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "invalid_request", retryable: false } satisfies Partial<ModelError>);
    }
    expect(bodies).toEqual([]);
  });
}
