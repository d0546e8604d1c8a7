// What a provider makes of replies that are whole: text, reasoning, form, ends, numbers, size.

import { expect, it } from "vitest";
import { generate, type ModelRequest, textOf } from "../../src/model/model.ts";
import { answer, answerWith, eventsOf, idle, itNeeds, KEY, type ProviderFixture, replyIn, REQUEST } from "./provider.ts";
import { bodyOf } from "./provider-wire.ts";
import { streamed } from "../providers/wire.ts";

const HARD_TEXT = 'Hëllo wörld ✓ 日本語 👩‍👩‍👧 𝒇 "quoted" \\ back\nnew line\r\n\ttab \u0000 data: x\n\nevent: y';

/** Every test of this part. */
export function replyConformance(fixture: ProviderFixture): void {
  const { wire } = fixture;
  const provider = fixture.create({ apiKey: KEY });

  it.each([1, 7, 4_096])("text streams as deltas and is whole in the reply, in chunks of %i bytes", async (chunkBytes) => {
    answerWith(fixture, { parts: [{ type: "text", text: HARD_TEXT }] }, chunkBytes);
    const events = await eventsOf(provider);
    const deltas = events.filter((event) => event.type === "text-delta").map(({ delta }) => delta);
    expect(deltas.join("")).toBe(HARD_TEXT);
    expect(deltas.length).toBeGreaterThan(1);
    const { content, stop } = replyIn(events);
    expect(content).toMatchObject([{ type: "text", text: HARD_TEXT }]);
    expect(stop.reason).toBe("stop");
  });

  it("usage is told in whole tokens, with what came from the cache", async () => {
    answerWith(fixture, { parts: [{ type: "text", text: "ok" }] });
    const { usage } = await generate(provider, REQUEST, idle());
    expect(usage).toEqual(wire.usage);
  });

  itNeeds(fixture, "cache counts", "tokens of the cache are part of the input", () => {
    expect(wire.usage.cacheRead).toBeGreaterThan(0);
    expect(wire.usage.input).toBeGreaterThanOrEqual((wire.usage.cacheRead ?? 0) + (wire.usage.cacheWrite ?? 0));
  });

  it("the model that answered and the request's id are told, and nothing was lost", async () => {
    answerWith(fixture, { parts: [{ type: "text", text: "ok" }] });
    const { model, requestId, warnings } = await generate(provider, REQUEST, idle());
    expect(model).not.toBe("");
    expect(warnings).toEqual([]);
    expect(requestId).toBe(wire.requestIdHeader === undefined ? undefined : "req_1");
  });

  it("the reply is plain JSON", async () => {
    answerWith(fixture, {
      parts: [
        { type: "reasoning", text: "Hm." },
        { type: "text", text: "So." },
        { type: "tool-call", id: "call_a", name: "add", input: '{"a":1,"b":[2,{"c":"✓"}]}' },
      ],
    });
    const whole = await generate(provider, REQUEST, idle());
    expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
  });

  itNeeds(fixture, "reasoning", "reasoning streams apart from the text and stands before it", async () => {
    answerWith(fixture, {
      parts: [
        { type: "reasoning", text: "First, wörds." },
        { type: "text", text: "Hello there" },
      ],
    });
    const events = await eventsOf(provider);
    const deltas = (type: string): string => events.map((event) => (event.type === type && "delta" in event ? event.delta : "")).join("");
    expect([deltas("reasoning-delta"), deltas("text-delta")]).toEqual(["First, wörds.", "Hello there"]);
    expect(replyIn(events).content).toMatchObject([
      { type: "reasoning", text: "First, wörds." },
      { type: "text", text: "Hello there" },
    ]);
  });

  itNeeds(fixture, "own reasoning back", "reasoning goes back to its own model and to no other", async () => {
    answerWith(fixture, {
      parts: [
        { type: "reasoning", text: "Thought it through." },
        { type: "tool-call", id: "call_a", name: "add", input: "{}" },
      ],
    });
    const { content } = await generate(provider, REQUEST, idle());
    const bodies = answerWith(fixture, { parts: [{ type: "text", text: "ok" }] });
    const result = { type: "tool-result", id: "call_a", name: "add", output: 1 } as const;
    const messages: ModelRequest["messages"] = [...REQUEST.messages, { role: "assistant", content }, { role: "tool", content: [result] }];
    await generate(provider, { ...REQUEST, messages }, idle());
    await generate(provider, { ...REQUEST, messages, model: "another-model" }, idle());
    expect(bodies.map((body) => JSON.stringify(body).includes("Thought it through."))).toEqual([true, false]);
  });

  it("a reply of a certain form is asked for natively and arrives as text", async () => {
    const bodies = answerWith(fixture, { parts: [{ type: "text", text: '{"city":"Paris"}' }] });
    const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
    const reply = await generate(provider, { ...REQUEST, output: { name: "place", schema } }, idle());
    expect(wire.read.schema(bodies[0] ?? {})).toMatchObject(schema);
    expect(reply.warnings).toEqual([]);
    expect(JSON.parse(textOf(reply))).toEqual({ city: "Paris" });
  });

  const ends = wire.ends.filter(({ detail }) => detail === undefined || fixture.lacks?.refusal === undefined);
  it.each(ends.map((end) => [end.raw, end.reason, end] as const))('the end "%s" is %s', async (raw, reason, end) => {
    answerWith(fixture, { parts: [{ type: "text", text: "Hello wor" }], end });
    const { stop, content } = await generate(provider, REQUEST, idle());
    expect(stop.reason).toBe(reason);
    if (end.detail === undefined) expect(stop.raw).toBe(raw);
    expect(content).toMatchObject([{ type: "text", text: "Hello wor" }]);
  });

  itNeeds(fixture, "refusal", "a refusal is a reply with its reason, even without a word", async () => {
    const end = wire.ends.find(({ detail }) => detail !== undefined);
    if (end === undefined) throw new Error("the wire has no refusal; list it as lacking");
    answerWith(fixture, { parts: [], end });
    const { stop, content } = await generate(provider, REQUEST, idle());
    expect(stop).toMatchObject({ reason: "refusal", detail: "I will not." });
    expect(content).toEqual([]);
  });

  it("an empty reply is a reply without content", async () => {
    answerWith(fixture, { parts: [] });
    const { content, stop } = await generate(provider, REQUEST, idle());
    expect(content).toEqual([]);
    expect(stop.reason).toBe("stop");
  });

  it("replies side by side do not mix", async () => {
    answer(fixture, (_headers, body) => {
      const [, digit = ""] = /Say (\d)/.exec(JSON.stringify(body)) ?? [];
      return streamed(bodyOf(wire, { parts: [{ type: "text", text: digit.repeat(40) }] }), wire.contentType);
    });
    const ask = (digit: number): ModelRequest => ({
      ...REQUEST,
      messages: [{ role: "user", content: [{ type: "text", text: `Say ${digit}` }] }],
    });
    const replies = await Promise.all([1, 2, 3, 4].map((digit) => generate(provider, ask(digit), idle())));
    expect(replies.map(textOf)).toEqual([1, 2, 3, 4].map((digit) => String(digit).repeat(40)));
  });

  it("ten megabytes arrive whole, in deltas and in the reply", async () => {
    const text = "0123456789".repeat(1_000_000);
    answer(fixture, () => streamed(bodyOf(wire, { parts: [{ type: "text", text }], pieceLength: 16_000 }), wire.contentType, {}, 64_001));
    const events = await eventsOf(provider);
    const deltas = events.flatMap((event) => (event.type === "text-delta" ? [event.delta] : []));
    // Compared by hand: a difference of ten megabytes is nothing to print.
    expect([deltas.join("") === text, textOf(replyIn(events)) === text]).toEqual([true, true]);
  });
}
