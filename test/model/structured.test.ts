import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ModelMessage, ModelReply, StopReason } from "../../src/model/model.ts";
import { canRepair, readOutput, repairMessages } from "../../src/model/structured.ts";

const replyOf = (text: string, reason: StopReason = "stop"): ModelReply => ({
  content: [{ type: "text", text }],
  stop: { reason },
  usage: { input: null, output: null, cacheRead: null, cacheWrite: null, reasoning: null },
  model: "m",
  warnings: [],
});
const Place = z.object({ city: z.string(), people: z.number() });

describe("reading output", () => {
  it.each([
    ["plain", '{"city":"Paris","people":2}'],
    ["with blank space", '\n {"city":"Paris","people":2} \n'],
    ["fenced", '```json\n{"city":"Paris","people":2}\n```'],
    ["fenced, between words", 'Here it is:\n\n```\n{"city":"Paris","people":2}\n```\nEnjoy!'],
  ])("JSON is read %s", async (_name, text) => {
    expect(await readOutput(replyOf(text), Place)).toEqual({ ok: true, value: { city: "Paris", people: 2 } });
  });

  it("JSON in the last of several texts is read", async () => {
    const reply = {
      ...replyOf(""),
      content: [
        { type: "text" as const, text: "Let me see." },
        { type: "text" as const, text: '{"city":"Paris","people":2}' },
      ],
    };
    expect(await readOutput(reply, Place)).toMatchObject({ ok: true });
  });

  it.each([
    ["", "the reply is empty, expected JSON"],
    ["Paris", "the reply is not JSON"],
    ['{"city":"Par', "the reply is not JSON"],
    ["```\n1\n```\n```\n2\n```", "the reply has 2 fenced blocks"],
  ])("%j is an issue and no exception", async (text, message) => {
    const result = await readOutput(replyOf(text), Place);
    expect(result.ok ? [] : result.issues.map((issue) => issue.message.startsWith(message))).toEqual([true]);
  });

  it("every issue is told with its place", async () => {
    const result = await readOutput(replyOf('{"city":5}'), Place);
    expect(result.ok ? [] : result.issues.map(({ at }) => at)).toEqual(["city", "people"]);
  });
});

describe("repair", () => {
  it("the turn holds the reply and every issue", () => {
    const messages: ModelMessage[] = [{ role: "user", content: [{ type: "text", text: "Where?" }] }];
    const repaired = repairMessages(messages, replyOf('{"city":5}'), [
      { at: "city", message: "expected string" },
      { at: "", message: "odd" },
    ]);
    expect(repaired).toEqual([
      ...messages,
      { role: "assistant", content: [{ type: "text", text: '{"city":5}' }] },
      {
        role: "user",
        content: [
          {
            type: "text",
            text: "Your last answer does not have the form that was asked for:\n- city: expected string\n- (whole value): odd\nGive the whole answer again, corrected, as JSON only: no explanation and no code fence.",
          },
        ],
      },
    ]);
  });

  it("at most twenty issues are listed, and the rest counted", () => {
    const issues = Array.from({ length: 23 }, (_, index) => ({ at: `f${index}`, message: "bad" }));
    const text = JSON.stringify(repairMessages([], replyOf("{}"), issues));
    expect(text).toContain("f19");
    expect(text).not.toContain("f20");
    expect(text).toContain("- and 3 more");
  });

  it.each<[StopReason, boolean]>([
    ["stop", true],
    ["other", true],
    ["length", false],
    ["refusal", false],
    ["context-window", false],
    ["tool-calls", false],
  ])("after %s it makes sense: %s", (reason, expected) => {
    expect(canRepair(replyOf("x", reason))).toBe(expected);
  });
});
