// Requests over HTTP as no honest client makes them: every byte is the test's own, in either era.

import { request as httpRequest } from "node:http";
import { expect } from "vitest";
import * as z from "zod";
import type { Era } from "./mcp-process.ts";

/** What came back. */
export interface RawAnswer {
  readonly status: number;
  /** The body as it was, and for a stream the last message in it. */
  readonly body: string;
  readonly error: { readonly code: number; readonly message: string } | undefined;
  readonly result: Record<string, unknown> | undefined;
}

const Message = z.object({
  error: z.object({ code: z.number(), message: z.string() }).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
});

export const JSON_HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

/** What a client of the modern era says of itself with every request. */
export const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } },
};

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: { elicitation: {} }, clientInfo: { name: "raw", version: "1" } },
};

/** One who calls with a token. */
export class RawHttp {
  readonly url: string;
  readonly token: string;
  #session: Promise<string> | undefined;
  #open = 0;

  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  /** The headers of a request that gets through, for the era. */
  async headers(era: Era, method: string, params: Readonly<Record<string, unknown>> = {}): Promise<Record<string, string>> {
    const common = { ...JSON_HEADERS, authorization: `Bearer ${this.token}` };
    if (era === "legacy") return { ...common, "mcp-session-id": await this.session(), "mcp-protocol-version": "2025-11-25" };
    const { name, uri } = params;
    const called = name ?? uri;
    const named = typeof called === "string" ? { "mcp-name": called } : {};
    return { ...common, "mcp-protocol-version": "2026-07-28", "mcp-method": method, ...named };
  }

  /** The one session of this caller. */
  session(): Promise<string> {
    return (this.#session ??= this.begin());
  }

  /** Begins a session. */
  async begin(): Promise<string> {
    const headers = { ...JSON_HEADERS, authorization: `Bearer ${this.token}` };
    const response = await fetch(this.url, { method: "POST", headers, body: JSON.stringify(INITIALIZE) });
    await response.text();
    return response.headers.get("mcp-session-id") ?? "";
  }

  /** Sends a body as it is. */
  async post(body: string | ReadableStream, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
    const stream = typeof body === "string" ? {} : { duplex: "half" as const };
    const all = { ...JSON_HEADERS, authorization: `Bearer ${this.token}`, ...headers };
    const response = await fetch(this.url, { method: "POST", headers: all, body, ...stream });
    return answerIn(response.status, await response.text());
  }

  /** Sends a request of an era; `json` is put where `"<json>"` stands, so that a text says what no object can. */
  async ask(era: Era, method: string, params: Readonly<Record<string, unknown>> = {}, json?: string): Promise<RawAnswer> {
    const all = era === "modern" ? { ...params, _meta: { ...META, ...Object(params["_meta"]) } } : params;
    const headers = await this.headers(era, method, params);
    this.#open += 1;
    // One after the other has the same id; what is under way at once, ids of its own.
    const text = JSON.stringify({ jsonrpc: "2.0", id: this.#open, method, params: all });
    try {
      return await this.post(json === undefined ? text : text.replace('"<json>"', json), headers);
    } finally {
      this.#open -= 1;
    }
  }

  /** Calls a tool. */
  call(era: Era, name: string, args: unknown, json?: string): Promise<RawAnswer> {
    return this.ask(era, "tools/call", { name, arguments: args }, json);
  }
}

/** A request with headers that `fetch` would not send. */
export function rawRequest(url: string, method: string, headers: Readonly<Record<string, string>>, body?: string): Promise<RawAnswer> {
  const { port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = httpRequest({ port, path: pathname, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (more: string) => (text += more));
      response.on("end", () => resolve(answerIn(response.statusCode ?? 0, text)));
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

function answerIn(status: number, body: string): RawAnswer {
  const message = body.startsWith("{") ? body : (/^data: (\{.*)$/m.exec(body)?.[1] ?? "{}");
  const { error, result } = Message.parse(JSON.parse(message));
  return { status, body: message, error, result };
}

const Refused = z.object({
  isError: z.literal(true),
  content: z.tuple([z.object({ text: z.string() })]),
});
const Refusal = z.object({ error: z.looseObject({ code: z.string(), message: z.string(), fix: z.string() }) });

/** The refusal in a tool's result. */
export function refusalIn({ result, body }: RawAnswer): z.infer<typeof Refusal>["error"] {
  const refused = Refused.safeParse(result);
  if (!refused.success) throw new Error(`no refusal: ${body}`);
  return Refusal.parse(JSON.parse(refused.data.content[0].text)).error;
}

/** How every cure begins. */
const CURE = /(^|\. )(Send|Use|Call|Correct|Make|Initialize|Close|Open|Go on|Read|Leave|Nest) /;

/** Checks that an answer is an error of this code, says what to do and tells nothing internal. */
export function expectCure({ error, body }: RawAnswer, code: number): void {
  expect(error, body).toMatchObject({ code, message: expect.stringMatching(CURE) as string });
  expect(body).not.toMatch(/\bat .*\.[jt]s|is not a function|URI malformed|call stack/);
}
