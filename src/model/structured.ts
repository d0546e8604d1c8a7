// From a reply's text to a checked value, and the one repair turn when it does not fit. Pure: calls no model, knows no node.

import { check, type Checked, type Issue, type Schema } from "../schema.ts";
import { type ModelMessage, type ModelReply, textOf } from "./model.ts";

/** More issues than this only bury the first ones. */
const ISSUE_LIMIT = 20;

/**
 * Reads a reply as JSON, plain or in one fenced block, and checks it. Never throws for what a model wrote:
 * text that is no JSON is an issue like any other.
 */
export async function readOutput<T>(reply: ModelReply, schema: Schema<T>): Promise<Checked<T>> {
  const whole = parseJsonText(textOf(reply));
  // Some models say what they are about to do in a text of its own, and answer in the last.
  const last = reply.content.findLast((part) => part.type === "text");
  const found = whole.ok || last === undefined ? whole : firstGood(parseJsonText(last.text), whole);
  return found.ok ? check(schema, found.value) : { ok: false, issues: [found.issue] };
}

/** True when asking again can help: the model ended by itself. What was refused or cut at a limit stays refused or cut. */
export function canRepair(reply: ModelReply): boolean {
  return reply.stop.reason === "stop" || reply.stop.reason === "other";
}

/**
 * The conversation with the reply and one message that lists everything wrong
 * with it. Asking twice is the caller's mistake: one turn is the bound.
 */
export function repairMessages(messages: readonly ModelMessage[], reply: ModelReply, issues: readonly Issue[]): readonly ModelMessage[] {
  return [
    ...messages,
    { role: "assistant", content: reply.content },
    { role: "user", content: [{ type: "text", text: repairText(issues) }] },
  ];
}

type Found = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issue: Issue };

function firstGood(found: Found, otherwise: Found): Found {
  return found.ok ? found : otherwise;
}

const FENCE = /```(?:json[c5]?)?[ \t]*\r?\n([\s\S]*?)\r?\n[ \t]*```/gi;

function parseJsonText(text: string): Found {
  const plain = tryParse(text);
  if (plain.ok) return plain;

  // Of several fenced blocks none is known to be the answer.
  const fenced = [...text.matchAll(FENCE)];
  const only = fenced.length === 1 ? fenced[0]?.[1] : undefined;
  if (only !== undefined) return tryParse(only);
  if (fenced.length > 1)
    return { ok: false, issue: { at: "", message: `the reply has ${fenced.length} fenced blocks, expected one JSON value` } };
  return plain;
}

function tryParse(text: string): Found {
  if (text.trim() === "") return { ok: false, issue: { at: "", message: "the reply is empty, expected JSON" } };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, issue: { at: "", message: `the reply is not JSON: ${reason}` } };
  }
}

function repairText(issues: readonly Issue[]): string {
  const lines = issues.slice(0, ISSUE_LIMIT).map(({ at, message }) => `- ${at === "" ? "(whole value)" : at}: ${message}`);
  if (issues.length > ISSUE_LIMIT) lines.push(`- and ${issues.length - ISSUE_LIMIT} more`);
  return [
    "Your last answer does not have the form that was asked for:",
    ...lines,
    "Give the whole answer again, corrected, as JSON only: no explanation and no code fence.",
  ].join("\n");
}
