// Ollama's stream of JSON lines. Knows no provider.

import type { Wire, WireEvent, WirePart } from "../conformance/provider-wire.ts";
import { at, listAt, textAt } from "./body-places.ts";
import { type Json, lines, NDJSON, ollamaChunks, pieces } from "./wire.ts";

interface Message {
  readonly message: Json;
  readonly adds: WirePart["type"];
}

/** Tool calls come whole, and their ids are the reader's business. */
function toMessages(part: WirePart, pieceLength?: number): readonly Message[] {
  switch (part.type) {
    case "text":
      return pieces(part.text, pieceLength).map((content) => ({ message: { content }, adds: "text" }));
    case "reasoning":
      return pieces(part.text, pieceLength).map((thinking) => ({ message: { thinking }, adds: "reasoning" }));
    case "tool-call": {
      const input: unknown = JSON.parse(part.input === "" ? "{}" : part.input);
      return [{ message: { tool_calls: [{ function: { name: part.name, arguments: input } }] }, adds: "tool-call" }];
    }
  }
}

export const ollamaWire: Wire = {
  contentType: NDJSON,
  usage: { input: 26, output: 7, cacheRead: null, cacheWrite: null, reasoning: null },
  events({ parts, end, pieceLength }) {
    const messages = parts.flatMap((part) => toMessages(part, pieceLength));
    const chunks = ollamaChunks(
      messages.map(({ message }) => message),
      { done_reason: end?.raw ?? "stop" },
    );
    return chunks.map((chunk, index): WireEvent => {
      const adds = messages[index]?.adds;
      return { text: lines([chunk]), ...(adds === undefined ? {} : { adds }) };
    });
  },
  ends: [
    { raw: "stop", reason: "stop" },
    { raw: "length", reason: "length" },
    { raw: "load", reason: "other" },
  ],
  malformed: '{"a": confidential}\n',
  errors: [{ text: lines([{ error: "model runner has unexpectedly stopped" }]), code: "server", retryable: true }],
  failure: (_status, message) => ({ error: message }),
  read: {
    schema: (body) => at(body, "format"),
    last: (body) => JSON.stringify(listAt(body, "messages").at(-1)),
    toolNames: (body) => listAt(body, "tools").map((tool) => textAt(tool, "function", "name")),
    forcedTool: () => undefined,
  },
};
