import { describe, expect, it } from "vitest";
import { callsTools, scripted } from "../../providers/scripted.ts";
import { generate, ModelError, textOf } from "../../src/model/model.ts";
import { eventsOf, failureOf, REQUEST } from "../conformance/provider.ts";

const context = { signal: new AbortController().signal };

describe("scripted", () => {
  it("texts, values, partial replies and functions are answered in order", async () => {
    const model = scripted([
      "one two",
      { answer: 42 },
      [1, 2],
      { stop: { reason: "refusal" } },
      ({ messages }) => `asked ${messages.length}`,
    ]);
    const replies = [];
    for (let call = 0; call < 5; call++) replies.push(await generate(model, REQUEST, context));
    expect(replies.map(textOf)).toEqual(["one two", '{"answer":42}', "[1,2]", "", "asked 2"]);
    expect(replies.map(({ stop }) => stop.reason)).toEqual(["stop", "stop", "stop", "refusal", "stop"]);
    expect(model.requests).toHaveLength(5);
  });

  it("a JSON value with a member named content is a value, unless it holds content parts", async () => {
    const model = scripted([{ content: "a body" }, { content: [{ type: "text", text: "a part" }] }]);
    expect(textOf(await generate(model, REQUEST, context))).toBe('{"content":"a body"}');
    expect(textOf(await generate(model, REQUEST, context))).toBe("a part");
  });

  it("texts come in several deltas", async () => {
    const deltas: string[] = [];
    await generate(scripted(["one two\nthree"]), REQUEST, context, ({ delta }) => deltas.push(delta));
    expect(deltas).toEqual(["one", " two", "\nthree"]);
  });

  it("tool calls end with tool-calls", async () => {
    const { content, stop } = await generate(scripted([callsTools(["add", { a: 1 }], ["stop", {}])]), REQUEST, context);
    expect(content).toEqual([
      { type: "tool-call", id: "call_0", name: "add", input: { a: 1 } },
      { type: "tool-call", id: "call_1", name: "stop", input: {} },
    ]);
    expect(stop.reason).toBe("tool-calls");
  });

  it("a tool call is written before it is there", async () => {
    const events = await eventsOf(scripted([callsTools(["add", { a: 1 }])]));
    const call = { type: "tool-delta", id: "call_0", name: "add" };
    expect(events.slice(0, -1)).toEqual([
      { ...call, delta: "" },
      { ...call, delta: '{"a":1}' },
    ]);
  });

  it("tokens are counted as usage is made up, and abilities can be taken away", async () => {
    const model = scripted(["ok"], { capabilities: { forcedTools: "no" } });
    expect(await model.countTokens(REQUEST)).toBe((await generate(model, REQUEST, context)).usage.input);
    expect([model.capabilities("any").forcedTools, model.capabilities("any").tools]).toEqual(["no", "yes"]);
  });

  it("an error is thrown", async () => {
    expect(await failureOf(scripted([new ModelError("overloaded", "busy", { provider: "scripted", retryable: true })]))).toMatchObject({
      code: "overloaded",
      retryable: true,
    });
  });

  it("running out of script names the request and the beginning of what it asked", async () => {
    const model = scripted(["only one"], { id: "fake" });
    await generate(model, REQUEST, context);
    const error = await failureOf(model);
    expect(error.code).toBe("unknown_request");
    expect(error.message).toBe('fake: request 2 has no reply; the script ends after 1. Its last message (user) begins: "Say hello."');
  });

  it("cancelling stops it between deltas", async () => {
    const controller = new AbortController();
    const run = generate(scripted(["one two three"]), REQUEST, { signal: controller.signal }, () => controller.abort());
    await expect(run).rejects.toMatchObject({ code: "aborted" });
  });
});
