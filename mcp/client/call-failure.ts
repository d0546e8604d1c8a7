// What went wrong with a call at another server, in our words: whether it was made, whether it may have been, who must act. The words of the package and the address
// stay out, since they may hold what the server said or what was sent. Knows no connection.

import { ConfigError, RunError, ValueError } from "../../src/index.ts";
import { cleaned } from "./pin.ts";
import { hideSecrets } from "./secrets.ts";

/** The call was certainly not made, and another connection may make it. */
export class NotDelivered extends Error {}

/** What a call is of. */
export interface Called {
  readonly server: string;
  readonly tool: string;
  /** A call made twice does no harm. */
  readonly repeatable: boolean;
  /** What no error may repeat. */
  readonly secrets?: readonly string[];
}

const SAID_LIMIT = 1_000;
/** Of the protocol: the client cannot be asked for input. */
const NEEDS_CAPABILITY = -32_021;
const INPUT_CODES = new Set(["CAPABILITY_NOT_SUPPORTED", "INPUT_REQUIRED_ROUNDS_EXCEEDED", "UNSUPPORTED_RESULT_TYPE"]);
/** The connection broke, or never stood, before anything of the call was sent. */
const UNSENT_CODES = new Set(["NOT_CONNECTED", "ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

const LASTING_CODES: ReadonlySet<string | number> = new Set(["REQUEST_TIMEOUT", "INVALID_RESULT", "LIST_PAGINATION_EXCEEDED"]);

/** The error for a call that was begun and did not end well. */
export function callFailure(called: Called, error: unknown): Error {
  if (error instanceof ValueError || error instanceof ConfigError) return error;
  const { server, tool } = called;
  const { codes, message, status } = readError(error);
  const [code] = codes;
  if ((typeof code === "string" && INPUT_CODES.has(code)) || code === NEEDS_CAPABILITY)
    return new ValueError(
      "mcp_input_required",
      `the MCP server "${server}" asks for input in the middle of "${tool}", and nobody stands there to answer`,
      {
        fix: "Give the tool all it needs with the call, or offer another tool.",
      },
    );
  if (typeof code === "number")
    return new ValueError("mcp_refused", `the MCP server "${server}" refused the call: ${said(message, called.secrets)}`);
  if (code === "INVALID_RESULT")
    return new ValueError("mcp_result_invalid", `"${tool}" was called, and the MCP server "${server}" answered with what is no result`);
  if (status !== undefined) return ofStatus(called, status, error);
  if (codes.some((each) => UNSENT_CODES.has(String(each)))) return new NotDelivered("nothing was sent", { cause: error });
  return lost(called, "the connection was lost in the middle of it");
}

function said(message: string, secrets: readonly string[] = []): string {
  return hideSecrets(cleaned(message), secrets).slice(0, SAID_LIMIT);
}

/** Whether asking at once again would end in the same way, or take as long. */
export function isLasting(error: unknown): boolean {
  const { codes, status } = readError(error);
  return codes.some((code) => LASTING_CODES.has(code)) || (status !== undefined && (isRedirection(status) || isDenial(status)));
}

function isRedirection(status: number): boolean {
  return status >= 300 && status < 400;
}

function isDenial(status: number): boolean {
  return status === 401 || status === 403;
}

/** The error for who cannot be reached at all. */
export function unreachable(server: string, error: unknown): Error {
  if (error instanceof ConfigError || error instanceof ValueError) return error;
  const { codes, status } = readError(error);
  if (status !== undefined && isDenial(status)) return unauthorized(server, status);
  if (codes.includes("LIST_PAGINATION_EXCEEDED"))
    return new ValueError("mcp_list_too_long", `the list of tools of the MCP server "${server}" has no end; nothing was called`, {
      fix: "Tell whoever runs it.",
    });
  if (codes.includes("INVALID_RESULT"))
    return new ValueError("mcp_list_invalid", `the MCP server "${server}" answers with what is no list of tools; nothing was called`, {
      fix: "The server breaks the protocol; tell whoever runs it.",
    });
  if (status !== undefined && isRedirection(status))
    return new ConfigError(
      "mcp_redirected",
      `the MCP server "${server}" sends us to another address (HTTP ${status}); nothing was called`,
      {
        fix: "Give the address that it sends to, if it is to be trusted.",
      },
    );
  const code = codes.at(-1);
  const why = status === undefined ? (code === undefined ? "" : ` (${code})`) : ` (HTTP ${status})`;
  return new RunError("mcp_unreachable", `the MCP server "${server}" cannot be reached${why}; nothing was called`, {
    fix: "See that it runs: kindling mcp-tools check.",
  });
}

/** The error for a call of which nobody can know whether it took effect; one that may be repeated is simply made again. */
export function lost({ server, tool, repeatable }: Called, why: string): RunError {
  return repeatable
    ? new RunError("mcp_connection_lost", `the MCP server "${server}" did not answer "${tool}": ${why}`)
    : new RunError("tool_uncertain", `${why} (MCP server "${server}")`);
}

function ofStatus(called: Called, status: number, cause: unknown): Error {
  if (isDenial(status)) return unauthorized(called.server, status);
  // Below 500 it is the request that was refused: an unknown session, too much at once.
  return status < 500 ? new NotDelivered(`HTTP ${status}`, { cause }) : lost(called, `it answered with HTTP ${status}`);
}

function unauthorized(server: string, status: number): ConfigError {
  return new ConfigError("mcp_unauthorized", `the MCP server "${server}" does not let us in (HTTP ${status})`, {
    fix: "Set the variables that its headers are read from.",
  });
}

interface ReadError {
  /** Of the error and of what caused it, the outermost first. */
  readonly codes: readonly (string | number)[];
  readonly message: string;
  readonly status: number | undefined;
}

const CAUSES_LIMIT = 8;

/** What an error and its causes say of themselves, whatever their classes: those of the package are loaded with it. */
function readError(error: unknown): ReadError {
  const codes: (string | number)[] = [];
  let status: number | undefined;
  let each: unknown = error;
  for (let depth = 0; depth < CAUSES_LIMIT && typeof each === "object" && each !== null; depth++) {
    const known: { readonly code?: unknown; readonly status?: unknown; readonly cause?: unknown } = each;
    if (typeof known.code === "string" || typeof known.code === "number") codes.push(known.code);
    if (typeof known.status === "number") status ??= known.status;
    each = known.cause;
  }
  return { codes, message: error instanceof Error ? error.message : "", status };
}
