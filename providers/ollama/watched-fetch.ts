// The fetch that Ollama's SDK is given. It turns failed responses, error lines and lines that are no JSON into ModelErrors before the SDK
// sees them: the SDK forgets the headers, skips bad lines, and writes to the console.

import type { ModelError } from "../../src/index.ts";
import { cutError, httpError, protocolError } from "../http/errors.ts";
import { parseText } from "../http/json-text.ts";

type Fetch = typeof globalThis.fetch;

/** Wraps a fetch for one call. */
export function watchedFetch(provider: string, fetch: Fetch): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!response.ok)
      throw httpError({ provider, message: messageOf(await response.text()), status: response.status, headers: response.headers });
    if (response.body === null) throw protocolError(provider, "the response has no body");
    const { status, headers } = response;
    return new Response(ReadableStream.from(checkedLines(provider, response.body)), { status, headers });
  };
}

/** A line of a reply is far below this, an answer in one piece included; a body without line ends is no reply. */
const LINE_LIMIT = 32_000_000;

/** Passes whole lines on and fails at the first that is no JSON or reports an error, after those before it. */
async function* checkedLines(provider: string, body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let open = "";
  for await (const chunk of body) {
    const text = decoder.decode(chunk, { stream: true });
    open += text;
    if (open.length > LINE_LIMIT) throw protocolError(provider, `a line of the reply is longer than ${LINE_LIMIT} characters`);
    // A long line comes in many pieces: it is looked at once, when its end is there.
    if (!text.includes("\n")) continue;
    const lines = open.split("\n");
    open = lines.pop() ?? "";
    const bad = lines.findIndex((line) => faultOf(provider, line) !== undefined);
    const good = bad === -1 ? lines : lines.slice(0, bad);
    if (good.length > 0) yield encoder.encode(`${good.join("\n")}\n`);
    const fault = faultOf(provider, lines[bad] ?? "");
    if (fault !== undefined) throw fault;
  }
  open += decoder.decode();
  if (open.trim() === "") return;
  if (parseText(open) === undefined && open.trimStart().startsWith("{")) throw cutError(provider);
  const fault = faultOf(provider, open);
  if (fault !== undefined) throw fault;
  yield encoder.encode(open);
}

/** What is wrong with a line, if anything. What it says stays out of the error: it may be the model's words. */
function faultOf(provider: string, line: string): ModelError | undefined {
  if (line.trim() === "") return undefined;
  const value = parseText(line);
  if (value === undefined) return protocolError(provider, "a line of the reply is not JSON");
  if (typeof value !== "object" || value === null || !("error" in value)) return undefined;
  return httpError({ provider, message: textOf(value.error), code: "server" });
}

function messageOf(body: string): string {
  const value = parseText(body);
  return typeof value === "object" && value !== null && "error" in value ? textOf(value.error) : body;
}

function textOf(error: unknown): string {
  return typeof error === "string" ? error : JSON.stringify(error);
}
