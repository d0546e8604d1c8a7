// The words of a decision: one text for each, read back as it was, and nothing else is taken for one.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { readStatement, statementText, type DecisionStatement } from "../../src/signing/decision-statement.ts";

const statement: DecisionStatement = {
  approver: "ada",
  ledger: "L",
  run: "run_1",
  path: "posts[en]/review",
  opening: "run_1:3",
  event: "draft.reviewed",
  shown: "s",
  payload: "p",
  nonce: "n",
  expires: "2026-11-21T19:10:00.000Z",
};

describe("the text of a statement", () => {
  it("is lines that a person can read, in one order", () => {
    expect(statementText(statement)).toBe(
      [
        "{",
        '  "statement": "kindling decision",',
        '  "version": 1,',
        '  "approver": "ada",',
        '  "ledger": "L",',
        '  "run": "run_1",',
        '  "path": "posts[en]/review",',
        '  "opening": "run_1:3",',
        '  "event": "draft.reviewed",',
        '  "shown": "s",',
        '  "payload": "p",',
        '  "nonce": "n",',
        '  "expires": "2026-11-21T19:10:00.000Z"',
        "}",
        "",
      ].join("\n"),
    );
  });

  it("gives back what it states, whatever stands in it, and holds nothing that hides or moves text", () => {
    const texts = fc.record({
      path: fc.string({ unit: "binary" }),
      event: fc.string({ unit: "binary" }),
      approver: fc.string({ unit: "grapheme" }),
    });
    fc.assert(
      fc.property(texts, (some) => {
        const whole = { ...statement, ...some };
        const text = statementText(whole);
        expect(readStatement(text)).toMatchObject(whole);
        expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]/);
      }),
    );
  });

  it.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["another order", (text: string) => text.replace('  "ledger": "L",\n  "run": "run_1",', '  "run": "run_1",\n  "ledger": "L",')],
    ["a member more", (text: string) => text.replace('  "ledger"', '  "also": 1,\n  "ledger"')],
    ["a member twice", (text: string) => text.replace('  "ledger": "L",', '  "ledger": "L",\n  "ledger": "L",')],
    ["a member less", (text: string) => text.replace('  "nonce": "n",\n', "")],
    ["a number for a text", (text: string) => text.replace('"p"', "7")],
    ["another version", (text: string) => text.replace('"version": 1', '"version": 2')],
    ["other spaces", (text: string) => text.replace('"version": 1', '"version":1')],
    ["no last line end", (text: string) => text.trimEnd()],
    ["a time in other words", (text: string) => text.replace("2026-11-21T19:10:00.000Z", "2026-11-21T19:10:00Z")],
    ["no time", (text: string) => text.replace("2026-11-21T19:10:00.000Z", "soon")],
    ["an escape that is not needed", (text: string) => text.replace("ada", "\\u0061da")],
    ["a sign that hides", (text: string) => text.replace("ada", "a\u200bda")],
    ["too much", (text: string) => text.replace("ada", "a".repeat(70_000))],
  ])("is nothing else: %s", (_name, other) => {
    expect(readStatement(typeof other === "string" ? other : other(statementText(statement)))).toBeUndefined();
  });
});
