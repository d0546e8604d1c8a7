// What people are asked about calls of tools: whether one may be made, and what became of one that a crash cut off. Plain schemas, so that the core needs no library.

import type { JsonObject } from "../json.ts";
import type { Schema, SchemaIssue, SchemaResult } from "../schema.ts";

/** Whether a call may be made. */
export interface CallDecision {
  readonly decision: "approve" | "reject";
  readonly reason?: string;
}

/** What became of a call, or what shall become of it. */
export interface CallOutcome {
  /** It happened and gave `result`; it did not and is made again; or the run fails. */
  readonly decision: "done" | "again" | "fail";
  readonly result?: unknown;
  readonly reason?: string;
}

const REASON = { type: "string", description: "Told to the model." };

export const CALL_DECISION: Schema<CallDecision> = decisionSchema(["approve", "reject"], { reason: REASON });

export const CALL_OUTCOME: Schema<CallOutcome> = decisionSchema(["done", "again", "fail"], {
  result: { description: "What the call gave, when it is done." },
  reason: REASON,
});

function decisionSchema<T extends { readonly decision: string }>(
  words: readonly string[],
  more: Readonly<Record<string, JsonObject>>,
): Schema<T> {
  const json = {
    type: "object",
    properties: { decision: { type: "string", enum: [...words] }, ...more },
    required: ["decision"],
    additionalProperties: false,
  };
  const validate = (value: unknown): SchemaResult<T> => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return { issues: [{ message: "expected an object" }] };
    const { decision, reason, ...rest }: Readonly<Record<string, unknown>> = { ...value };
    const issues: SchemaIssue[] = [];
    if (typeof decision !== "string" || !words.includes(decision))
      issues.push({ path: ["decision"], message: `expected one of ${words.map((word) => JSON.stringify(word)).join(", ")}` });
    if (reason !== undefined && typeof reason !== "string") issues.push({ path: ["reason"], message: "expected a text" });
    for (const name of Object.keys(rest)) if (!(name in more)) issues.push({ path: [name], message: "is not known" });
    if (issues.length > 0) return { issues };
    // Everything that makes the type has just been checked. Who says that a call is done and not what it gave says that it gave nothing.
    const whole = "result" in more ? { result: null, ...value } : value;
    return { value: whole as T };
  };
  return { "~standard": { version: 1, vendor: "kindling", validate, jsonSchema: { input: () => json, output: () => json } } };
}
