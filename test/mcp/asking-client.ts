// A client that shows forms to its user, in either era, over streams or HTTP; and calls as no honest client makes them.

import {
  Client,
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  InMemoryTransport,
  PROTOCOL_VERSION_META_KEY,
  ProtocolError,
  SdkHttpError,
  StreamableHTTPClientTransport,
  withInputRequired,
  type JSONRPCMessage,
  type RequestId,
  type Transport,
} from "@modelcontextprotocol/client";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { onTestFinished } from "vitest";
import * as z from "zod";
import { serveMcpHttp } from "../../mcp/serve-http.ts";
import { createMcpServer, type McpOptions } from "../../mcp/server.ts";
import type { Kindling } from "../../src/index.ts";
import { answerOf, type Answer, type Era } from "./mcp-process.ts";
import type { Wire } from "./served-project.ts";

/** What the user does with a form. */
export type FormAnswer =
  | { readonly action: "accept"; readonly content: Record<string, string | number | boolean | string[]> }
  | "decline"
  | "cancel";

/** A form as the user sees it. */
export interface SeenForm {
  readonly message: string;
  readonly requestedSchema: { readonly properties: Record<string, unknown>; readonly required?: readonly string[] | undefined };
}

/** A result as it is on the wire: the tool's, or a question. */
export type Raw = Answer | z.infer<typeof Question>;

export interface AskingClient {
  readonly call: (name: string, args?: Record<string, unknown>) => Promise<Answer>;
  /** A call with further parameters, whose question is given back and not answered. */
  readonly raw: (name: string, args: Record<string, unknown>, more?: Record<string, unknown>) => Promise<Raw>;
  /** Any request, of the protocol or not, put on the wire past the client; gives the result or the error as it came. */
  readonly request: (method: string, params: Record<string, unknown>) => Promise<z.infer<typeof Outcome>>;
  /** The forms that were shown so far. */
  readonly forms: readonly SeenForm[];
  /** What was refused so far, by a tool or by the protocol. */
  readonly refusals: readonly Refused[];
}

/** A refusal: a tool's has a code in words and says what to do, the protocol's has a number. */
export type Refused = { readonly code: string; readonly fix: string } | { readonly code: number };

/** How the client is, and what its user does. */
export interface Asking {
  /** What the user does with each form. Left out, the client shows none. */
  readonly answer?: (form: SeenForm) => FormAnswer | Promise<FormAnswer>;
  readonly name?: string;
}

/** How a client is served besides. */
export interface AskingOptions extends McpOptions, Asking {
  /** Default `stdio`: the protocol of streams, within the process. */
  readonly wire?: Wire;
}

const Result = z.looseObject({ content: z.array(z.unknown()) });
const Question = z.object({ requestState: z.string(), inputRequests: z.record(z.string(), z.unknown()) });

const TOKEN = "token-of-the-client-0123456789";

/** Connects a client to a server over the runtime, made for it. */
export async function askingClient(
  kindling: Kindling,
  era: Era,
  { answer, name, wire = "stdio", ...options }: AskingOptions = {},
): Promise<AskingClient> {
  const asking = { ...(answer === undefined ? {} : { answer }), ...(name === undefined ? {} : { name }) };
  const told = { log: () => {}, ...options };
  if (wire === "http") {
    const server = await serveMcpHttp(kindling, { token: TOKEN, ...told });
    onTestFinished(() => server.close());
    return clientAt(server.url, TOKEN, era, asking);
  }
  const [near, far] = InMemoryTransport.createLinkedPair();
  const server = serveStdio(createMcpServer(kindling, told), { transport: far });
  onTestFinished(() => server.close());
  return clientOver(near, era, asking);
}

/** Connects a client to a server over HTTP. */
export function clientAt(url: string, token: string, era: Era, asking: Asking = {}): Promise<AskingClient> {
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  return clientOver(new StreamableHTTPClientTransport(new URL(url), { requestInit }), era, asking);
}

async function clientOver(transport: Transport, era: Era, { answer, name = "asking" }: Asking): Promise<AskingClient> {
  const client = new Client(
    { name, version: "1" },
    {
      versionNegotiation: { mode: era === "modern" ? { pin: "2026-07-28" } : "legacy" },
      capabilities: answer === undefined ? {} : { elicitation: { form: {} } },
    },
  );
  const forms: SeenForm[] = [];
  if (answer !== undefined)
    client.setRequestHandler("elicitation/create", async ({ params }) => {
      if (params.mode === "url") throw new Error("nobody asked for an address");
      forms.push(params);
      const given = await answer(params);
      return typeof given === "string" ? { action: given } : { ...given };
    });
  await client.connect(transport);
  onTestFinished(() => client.close());
  const refusals: Refused[] = [];
  const noted = async <T extends Raw | z.infer<typeof Outcome>>(answer: Promise<T>): Promise<T> => {
    try {
      const given = await answer;
      refusals.push(...refusedIn(given));
      return given;
    } catch (error) {
      if (error instanceof ProtocolError) refusals.push({ code: error.code });
      throw error;
    }
  };
  const wire = wireRequests(transport, era);
  return {
    forms,
    refusals,
    call: (tool, args = {}) => noted(client.callTool({ name: tool, arguments: args }).then(answerOf)),
    request: (method, params) => noted(wire(method, params)),
    raw: (tool, args, more = {}) => {
      const request = { method: "tools/call", params: { name: tool, arguments: args, ...more } };
      return noted(client.request(request, withInputRequired(Result), { allowInputRequired: true }).then(rawOf));
    },
  };
}

function rawOf(result: unknown): Raw {
  const question = Question.safeParse(result);
  return question.success ? question.data : answerOf(result);
}

const ToolRefusal = z.object({ error: z.object({ code: z.string(), fix: z.string() }) });

function refusedIn(answer: Raw | z.infer<typeof Outcome>): readonly Refused[] {
  if ("error" in answer) return [{ code: answer.error.code }];
  if (!("isError" in answer) || !answer.isError) return [];
  return [ToolRefusal.parse(answer.value).error];
}

/** Sends what no client would, and takes what comes for it off the wire. */
function wireRequests(transport: Transport, era: Era): AskingClient["request"] {
  const pending = new Map<RequestId, (message: JSONRPCMessage) => void>();
  const { onmessage } = transport;
  transport.onmessage = (message, extra) => {
    const take = "id" in message && message.id !== undefined ? pending.get(message.id) : undefined;
    if (take === undefined) onmessage?.(message, extra);
    else take(message);
  };
  const envelope = {
    [PROTOCOL_VERSION_META_KEY]: "2026-07-28",
    [CLIENT_INFO_META_KEY]: { name: "asking", version: "1" },
    [CLIENT_CAPABILITIES_META_KEY]: { elicitation: {}, extensions: { "io.modelcontextprotocol/tasks": {} } },
  };
  return async (method, params) => {
    const id = `wire-${pending.size}`;
    const answered = new Promise<JSONRPCMessage>((resolve) => pending.set(id, resolve));
    const sent = transport.send({ jsonrpc: "2.0", id, method, params: era === "modern" ? { _meta: envelope, ...params } : params });
    return Outcome.parse((await sent.catch(errorInBody)) ?? (await answered));
  };
}

/** An error of the protocol over HTTP may come with a status that the transport takes for one of its own. */
function errorInBody(error: unknown): unknown {
  const text = error instanceof SdkHttpError ? error.data["text"] : undefined;
  if (typeof text !== "string") throw error;
  return JSON.parse(text);
}

const Outcome = z.union([z.object({ result: z.looseObject({}) }), z.object({ error: z.object({ code: z.int(), message: z.string() }) })]);

/** True for a call that was answered by a question. */
export function isQuestion(raw: Raw): raw is z.infer<typeof Question> {
  return "requestState" in raw;
}

/** The state of the question that a raw call got. */
export function stateOf(raw: Raw): string {
  if (isQuestion(raw)) return raw.requestState;
  throw new Error(`no question: ${raw.text}`);
}
