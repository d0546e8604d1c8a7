// Errors of the protocol itself, as clients are told them. The SDK says what is wrong, in words of its own; here each is given the sentence that says what to do, and
// what only the operator may know goes to the log. Knows no method.

import type { McpServer, Transport } from "@modelcontextprotocol/server";
import * as z from "zod";
import { plainLine, type Log } from "./log.ts";

/** An error as it is on the wire. */
export interface ProtocolFault {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

const INVALID_PARAMS = -32_602;
const INTERNAL = -32_603;
const ISSUES_LIMIT = 10;
const MESSAGE_LIMIT = 1_000;

/** What to do about an error, by its code and the words it has from the SDK. The first that fits holds. */
const CURES: readonly (readonly [code: number, words: RegExp, cure: string])[] = [
  [INVALID_PARAMS, /^There is no tool/, "Use one of tools/list."],
  [INVALID_PARAMS, /^There is no prompt/, "Use one of prompts/list."],
  [INVALID_PARAMS, /requestState/, "Make the call anew, without requestState and inputResponses."],
  [INVALID_PARAMS, /^Resource template /, "Use one of resources/templates/list."],
  [INVALID_PARAMS, /^Resource /, "Read an address of resources/list, or the timeline_uri of a run."],
  [INVALID_PARAMS, /^/, "Correct the parameters and send the request again."],
  [-32_601, /^/, "Send a method that this server declares; tools/list, resources/list and prompts/list show what there is."],
  [-32_600, /already initialized/, "Go on in this session, or initialize without mcp-session-id."],
  [-32_600, /initialization request/, "Send initialize alone."],
  [-32_600, /batch/i, "Send each message alone."],
  [-32_600, /^/, 'Send one JSON-RPC message like {"jsonrpc":"2.0","id":1,"method":"tools/list"}.'],
  [-32_020, /^/, "Send the same in the headers and the body."],
  [-32_021, /^/, "Use a client that declares it."],
  [-32_022, /^/, "Use a version that stands in data.supported."],
  [-32_000, /^Not Acceptable/, "Send accept: application/json, text/event-stream."],
  [-32_000, /protocol version/, "Use one of these."],
  [-32_000, /^Conflict/, "Close the stream that is open, then open another."],
  [-32_000, /event ID/, "Open the stream without last-event-id; how a run stands can be read at any time."],
];

/** The error with its cure. One that is the server's own fault is told as that and nothing else. What is said in whole sentences is ours, and stays. */
export function explainedFault(fault: ProtocolFault, log: Log): ProtocolFault {
  const { code, message, data } = asCallersFault(fault);
  if (code === INTERNAL) {
    if (message !== FAILED.message) log(plainLine(message));
    return FAILED;
  }
  if (message.endsWith(".")) return fault;
  const said = (unknownName(message) ?? message).slice(0, MESSAGE_LIMIT);
  const cure = CURES.find(([its, words]) => its === code && words.test(said))?.[2];
  return { code, message: cure === undefined ? said : `${said}. ${cure}`, ...(data === undefined ? {} : { data }) };
}

const FAILED: ProtocolFault = { code: INTERNAL, message: "The server failed. Try once more; its log says what it was." };

/** Has everything that a server says go out with its errors explained. */
export function explainFaults(server: McpServer, log: Log): void {
  const connect = server.connect.bind(server);
  server.connect = (transport) => connect(explaining(transport, log));
}

/** The same transport, whose errors go out explained. */
export function explaining(transport: Transport, log: Log): Transport {
  const send = transport.send.bind(transport);
  transport.send = (message, options) =>
    send("error" in message ? { ...message, error: { ...explainedFault(message.error, log) } } : message, options);
  return transport;
}

const Fault = z.looseObject({ error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }) });

/** The same answer with its error explained; one that says no error, or is a stream, stays as it is. */
export async function explainedResponse(response: Response, log: Log): Promise<Response> {
  if (response.headers.get("content-type")?.includes("json") !== true) return response;
  const { status, headers } = response;
  const text = await response.text();
  const answer = Fault.safeParse(JSON.parse(text));
  const told = answer.success ? JSON.stringify({ ...answer.data, error: explainedFault(answer.data.error, log) }) : text;
  const length = headers.has("content-length") ? { "content-length": String(Buffer.byteLength(told)) } : {};
  return new Response(told, { status, headers: { ...Object.fromEntries(headers), ...length } });
}

const Issues = z.array(z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() })).min(1);

/** What does not fit, in words: the SDK gives a list as JSON, and some of them as if the server had failed. */
function asCallersFault({ code, message, data }: ProtocolFault): ProtocolFault {
  const begin = message.search(/\[\s*\{/);
  const issues = begin === -1 ? undefined : issuesIn(message.slice(begin));
  if (issues === undefined || !issues.every(({ path: [first] }) => first === "params" || first === "method"))
    return { code, message, data };
  const told = issues.slice(0, ISSUES_LIMIT).map(({ path, message: what }) => `${path.join(".")}: ${what}`);
  const what = begin === 0 ? "The parameters do not fit: " : message.slice(0, begin);
  return { code: code === INTERNAL ? INVALID_PARAMS : code, message: `${what}${told.join("; ")}`, data };
}

function issuesIn(text: string): z.infer<typeof Issues> | undefined {
  try {
    return Issues.safeParse(JSON.parse(text)).data;
  } catch {
    // It only looked like a list.
    return undefined;
  }
}

/** One sentence for every name that is not there: to the SDK, names that every object has are there and turned off. */
function unknownName(message: string): string | undefined {
  const [, what] = /^(Tool|Prompt) .* (?:not found|disabled)$/s.exec(message) ?? [];
  return what === undefined ? undefined : `There is no ${what.toLowerCase()} of this name`;
}
