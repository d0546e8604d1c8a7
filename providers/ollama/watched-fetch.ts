// The fetch that Ollama's SDK is given. It carries the signal, and turns failed responses, error lines and lines that are no
// JSON into ModelErrors before the SDK sees them: the SDK forgets the headers, skips bad lines, and writes to the console.

import { cutError, httpError, protocolError } from "../http/errors.ts";

type Fetch = typeof globalThis.fetch;

/** Wraps a fetch for one call. */
export function watchedFetch(provider: string, fetch: Fetch, signal: AbortSignal): Fetch {
  return async (input, init) => {
    const signals = init?.signal ? [signal, init.signal] : [signal];
    const response = await fetch(input, { ...init, signal: AbortSignal.any(signals) });
    if (!response.ok)
      throw httpError({ provider, message: messageOf(await response.text()), status: response.status, headers: response.headers });
    if (response.body === null) throw protocolError(provider, "the response has no body");
    return new Response(response.body.pipeThrough(checkedLines(provider)), { status: response.status, headers: response.headers });
  };
}

/** A line of a reply is far below this; a body without line ends is no reply. */
const LINE_LIMIT = 4_000_000;

/** Passes bytes on unchanged and fails on the first line that is no JSON or reports an error. */
function checkedLines(provider: string): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const decoder = new TextDecoder();
  let open = "";
  return new TransformStream({
    transform(chunk, controller) {
      const lines = (open + decoder.decode(chunk, { stream: true })).split("\n");
      open = lines.pop() ?? "";
      if (open.length > LINE_LIMIT) throw protocolError(provider, `a line of the reply is longer than ${LINE_LIMIT} characters`);
      for (const line of lines) checkLine(provider, line);
      controller.enqueue(chunk);
    },
    flush() {
      if (open.trim() === "" || parse(open) !== undefined) return;
      throw open.trimStart().startsWith("{") ? cutError(provider) : protocolError(provider, `the reply is not JSON: ${open.slice(0, 80)}`);
    },
  });
}

function checkLine(provider: string, line: string): void {
  if (line.trim() === "") return;
  const value = parse(line);
  if (value === undefined) throw protocolError(provider, `a line of the reply is not JSON: ${line.slice(0, 80)}`);
  if (typeof value === "object" && value !== null && "error" in value)
    throw httpError({ provider, message: String(value.error), code: "server" });
}

function messageOf(body: string): string {
  const value = parse(body);
  return typeof value === "object" && value !== null && "error" in value ? String(value.error) : body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: both callers say so in their own words.
    return undefined;
  }
}
