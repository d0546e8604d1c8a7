// What Langfuse reads from spans besides the conventions: what sort of observation one is, whose trace it belongs to, and which of its prompts was asked with.

import type { Attributes } from "@opentelemetry/api";
import type { JsonObject, JsonValue, ObservedContent, ObservedNode, ObservedRun } from "../index.ts";
import { known } from "./attributes.ts";
import type { SpanSubject, Told } from "./span-style.ts";

/** To whom and to what a run's traces belong in Langfuse. */
export interface LangfuseTrace {
  /** Default: the contract's name. */
  readonly name?: string;
  readonly userId?: string;
  /** Default: the id of the root run, so that all stretches of a run stand together. */
  readonly sessionId?: string;
  readonly tags?: readonly string[];
  readonly metadata?: JsonObject;
}

/** Says whose a run is. */
export type TraceOf = (run: ObservedRun) => LangfuseTrace;

/** Attributes by what a span is of. */
export function langfuseAttributes(about: SpanSubject, traceOf: TraceOf): Attributes {
  switch (about.type) {
    case "top":
      return topAttributes(about.run, traceOf(about.run));
    case "run":
      return { ...ownerAttributes(about.run, traceOf(about.run)), ...observation("chain", about.content) };
    case "node":
      return about.node === undefined
        ? observation(undefined, about.content)
        : { ...ownerAttributes(about.run, traceOf(about.run)), ...observation(typeOf(about.node), about.content) };
    case "model":
      return {
        ...ownerAttributes(about.run, traceOf(about.run)),
        ...observation("generation", about.content),
        ...(about.began === undefined ? {} : promptAttributes(about.began)),
        ...(about.ended === undefined ? {} : replyAttributes(about.ended)),
      };
  }
}

function topAttributes({ contract }: ObservedRun, { name, metadata = {} }: LangfuseTrace): Attributes {
  const members = Object.entries(metadata).map(([key, value]) => [`langfuse.trace.metadata.${key}`, text(value)] as const);
  return { "langfuse.trace.name": name ?? contract, ...Object.fromEntries(members) };
}

/** On every span, so that each can be found by them. */
function ownerAttributes({ root }: ObservedRun, { userId, sessionId, tags }: LangfuseTrace): Attributes {
  return known({
    "session.id": sessionId ?? root,
    "user.id": userId,
    "langfuse.trace.tags": tags === undefined ? null : [...tags],
  });
}

function observation(type: string | undefined, { input, output }: ObservedContent = {}): Attributes {
  return known({
    "langfuse.observation.type": type,
    "langfuse.observation.input": input === undefined ? null : text(input),
    "langfuse.observation.output": output === undefined ? null : text(output),
  });
}

function typeOf({ asksModels, tool, isBox }: ObservedNode): string {
  if (tool !== undefined) return "tool";
  if (asksModels) return "agent";
  return isBox ? "chain" : "span";
}

/** Links a generation to the prompt in Langfuse whose text it was asked with. Prompt files are told of by the conventions' attributes. */
function promptAttributes({ call: { promptFrom } }: Told<"model.began">): Attributes {
  if (promptFrom?.store !== "langfuse" || promptFrom.version === undefined) return {};
  return { "langfuse.observation.prompt.name": promptFrom.name, "langfuse.observation.prompt.version": promptFrom.version };
}

/** Langfuse adds up what it is given, so each token stands in one member. */
function replyAttributes({ reply, cost, firstAt }: Told<"model.ended">): Attributes {
  const { input, output, cacheRead, cacheWrite, reasoning } = reply?.usage ?? {};
  const used = {
    ...(input === undefined || input === null ? {} : { input: input - (cacheRead ?? 0) - (cacheWrite ?? 0) }),
    ...(output === undefined || output === null ? {} : { output: output - (reasoning ?? 0) }),
    ...(cacheRead ? { cache_read_input_tokens: cacheRead } : {}),
    ...(cacheWrite ? { cache_creation_input_tokens: cacheWrite } : {}),
    ...(reasoning ? { output_reasoning_tokens: reasoning } : {}),
  };
  return known({
    "langfuse.observation.usage_details": Object.keys(used).length === 0 ? null : JSON.stringify(used),
    "langfuse.observation.cost_details": cost === null ? null : JSON.stringify({ total: cost }),
    "langfuse.observation.completion_start_time": firstAt === undefined ? null : JSON.stringify(new Date(firstAt).toISOString()),
  });
}

function text(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
