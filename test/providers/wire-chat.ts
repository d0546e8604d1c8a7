// The stream of Chat Completions, with what compatible servers add to it. Knows no provider.

import type { Wire, WireEvent, WirePart } from "../conformance/provider-wire.ts";
import { at, listAt, textAt } from "./body-places.ts";
import { chatChunks, type Json, pieces, SSE } from "./wire.ts";
import { openaiFailure } from "./wire-responses.ts";

interface Delta {
  readonly delta: Json;
  readonly adds?: WirePart["type"];
}

function toDeltas(part: WirePart, index: number, pieceLength?: number): readonly Delta[] {
  switch (part.type) {
    case "text":
      return pieces(part.text, pieceLength).map((content) => ({ delta: { role: "assistant", content }, adds: "text" }));
    case "reasoning":
      return pieces(part.text, pieceLength).map((reasoning_content) => ({
        delta: { role: "assistant", reasoning_content },
        adds: "reasoning",
      }));
    case "tool-call": {
      const call = (fields: Json): Json => ({ tool_calls: [{ index, ...fields }] });
      return [
        {
          delta: {
            role: "assistant",
            content: null,
            ...call({ id: part.id, type: "function", function: { name: part.name, arguments: "" } }),
          },
        },
        ...pieces(part.input, pieceLength).map((text): Delta => ({ delta: call({ function: { arguments: text } }), adds: "tool-call" })),
      ];
    }
  }
}

const frame = (chunk: Json): string => `data: ${JSON.stringify(chunk)}\n\n`;
const errorFrame = (error: Json): string => frame({ error: { message: "no luck", param: null, ...error } });

export const chatWire: Wire = {
  contentType: SSE,
  requestIdHeader: "x-request-id",
  usage: { input: 9, output: 5, cacheRead: 2, cacheWrite: null, reasoning: 0 },
  events({ parts, end, pieceLength }) {
    const calls = parts.filter(({ type }) => type === "tool-call");
    const deltas = parts.flatMap((part) => toDeltas(part, calls.indexOf(part), pieceLength));
    const refusal: readonly Delta[] = end?.detail === undefined ? [] : [{ delta: { role: "assistant", refusal: end.detail } }];
    const all = [...deltas, ...refusal];
    const finish = end?.raw ?? (calls.length > 0 ? "tool_calls" : "stop");
    const chunks = chatChunks(
      all.map(({ delta }) => delta),
      finish,
    );
    const events = chunks.map((chunk, index): WireEvent => {
      const adds = all[index]?.adds;
      return { text: frame(chunk), ...(adds === undefined ? {} : { adds }) };
    });
    return [...events, { text: "data: [DONE]\n\n" }];
  },
  ends: [
    { raw: "stop", reason: "stop" },
    { raw: "length", reason: "length" },
    { raw: "tool_calls", reason: "tool-calls" },
    { raw: "content_filter", reason: "refusal" },
    { raw: "stop", reason: "refusal", detail: "I will not." },
    { raw: "something_new", reason: "other" },
  ],
  malformed: 'data: {"a": confidential}\n\n',
  errors: [
    { text: errorFrame({ type: "server_is_overloaded", code: null }), code: "overloaded", retryable: true },
    { text: errorFrame({ type: "server_error", code: null }), code: "server", retryable: true },
    // As OpenRouter and vLLM tell it: by the status they would have answered with.
    { text: errorFrame({ type: "Provider", code: 502 }), code: "server", retryable: true },
    { text: errorFrame({ type: "Provider", code: 429 }), code: "rate_limited", retryable: true },
  ],
  failure: openaiFailure,
  read: {
    schema: (body) => at(body, "response_format", "json_schema", "schema"),
    last: (body) => JSON.stringify(listAt(body, "messages").at(-1)),
    toolNames: (body) => listAt(body, "tools").map((tool) => textAt(tool, "function", "name")),
    forcedTool: (body) => (at(body, "tool_choice") === "required" ? true : textAt(body, "tool_choice", "function", "name") || undefined),
  },
};
