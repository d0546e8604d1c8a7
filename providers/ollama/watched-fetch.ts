// The fetch that Ollama's SDK is given. It turns failed responses, error lines and lines that are no JSON into ModelErrors before the SDK
// sees them: the SDK forgets the headers, skips bad lines, and writes to the console.

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
    return new Response(response.body.pipeThrough(checkedLines(provider)), { status: response.status, headers: response.headers });
  };
}

/** A line of a reply is far below this, an answer in one piece included; a body without line ends is no reply. */
const LINE_LIMIT = 32_000_000;

/** Passes bytes on unchanged and fails on the first line that is no JSON or reports an error. */
function checkedLines(provider: string): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const decoder = new TextDecoder();
  let open = "";
  return new TransformStream({
    transform(chunk, controller) {
      const text = decoder.decode(chunk, { stream: true });
      // A long line comes in many pieces: it is looked at once, when its end is there.
      if (text.includes("\n")) {
        const lines = (open + text).split("\n");
        open = lines.pop() ?? "";
        for (const line of lines) checkLine(provider, line);
      } else open += text;
      if (open.length > LINE_LIMIT) throw protocolError(provider, `a line of the reply is longer than ${LINE_LIMIT} characters`);
      controller.enqueue(chunk);
    },
    flush() {
      if (open.trim() === "") return;
      const value = parseText(open);
      if (value !== undefined) return checkLine(provider, open);
      throw open.trimStart().startsWith("{") ? cutError(provider) : protocolError(provider, `the reply is not JSON: ${open.slice(0, 80)}`);
    },
  });
}

function checkLine(provider: string, line: string): void {
  if (line.trim() === "") return;
  const value = parseText(line);
  if (value === undefined) throw protocolError(provider, `a line of the reply is not JSON: ${line.slice(0, 80)}`);
  if (typeof value === "object" && value !== null && "error" in value)
    throw httpError({ provider, message: textOf(value.error), code: "server" });
}

function messageOf(body: string): string {
  const value = parseText(body);
  return typeof value === "object" && value !== null && "error" in value ? textOf(value.error) : body;
}

function textOf(error: unknown): string {
  return typeof error === "string" ? error : JSON.stringify(error);
}
