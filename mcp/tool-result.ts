// What a tool gives, as the protocol has it: structure and the same as JSON text, and a refusal as an error. Pure.

import type { CallToolResult } from "@modelcontextprotocol/server";
import * as z from "zod";
import { Refusal } from "./failure.ts";
import type { RunShape } from "./run-shape.ts";

/** The result of what a tool answers. */
export function resultOf(value: object): CallToolResult {
  const text = JSON.stringify(value);
  const content: CallToolResult["content"] = [{ type: "text", text }];
  if (value instanceof Refusal) return { isError: true, content };
  // Read back from the text, so that both say the same and nothing undefined is left.
  const structuredContent: unknown = JSON.parse(text);
  return { content, structuredContent: Structure.parse(structuredContent) };
}

/** The result of a call whose work is the run itself: where that failed, so did the call. */
export function runResult(shape: RunShape): CallToolResult {
  return { ...resultOf(shape), ...(shape.status === "failed" ? { isError: true } : {}) };
}

const Structure = z.record(z.string(), z.unknown());
