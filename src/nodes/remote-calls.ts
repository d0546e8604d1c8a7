// The HTTP calls by which a run on another Kindling is started, asked and cancelled. The other side is `src/web/run-calls.ts`. What is sent in headers is in
// no error: errors are recorded.

import { KindlingError } from "../errors.ts";
import { isJsonObject, toJson, type JsonObject, type JsonValue } from "../json.ts";

/** A fault of the other side, or on the way to it. */
export class RemoteError extends KindlingError {
  readonly retryable: boolean;

  constructor(
    code: string,
    message: string,
    detail: { readonly retryable: boolean; readonly fix?: string; readonly details?: JsonObject; readonly cause?: unknown },
  ) {
    super(code, message, detail);
    this.retryable = detail.retryable;
  }
}

/** Another Kindling, as a call reaches it. */
export interface RemoteServer {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/** A run there, as it stands. */
export interface RemoteRun {
  readonly status: "running" | "waiting" | "succeeded" | "failed" | "cancelled";
  readonly outputs: JsonValue;
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

/** An answer is not longer than this. */
export const ANSWER_LIMIT_BYTES = 16 * 1024 * 1024;
const TEXT_LIMIT = 500;
/** Shorter header values (`1`, `gzip`) are no secrets, and would tear words apart. */
const SECRET_LENGTH = 8;

/** Starts a run; the same key gives the same run. Resolves with its id. */
export async function startRemote(
  server: RemoteServer,
  request: { readonly contract: string; readonly inputs: JsonObject; readonly idempotencyKey: string },
): Promise<string> {
  const { id } = await exchange(server, "POST", "v1/runs", { ...request });
  if (typeof id !== "string" || id === "" || id.length > TEXT_LIMIT) throw notUnderstood(server, "its answer to a start has no id");
  return id;
}

/** Asks for a run; with `waitMs` the answer comes when the run has ended or waits, and after that time at the latest. */
export async function askRemote(server: RemoteServer, run: string, waitMs = 0): Promise<RemoteRun> {
  const path = `${pathOf(run)}${waitMs === 0 ? "" : `?waitMs=${waitMs}`}`;
  const { status, outputs = null, error } = await exchange(server, "GET", path, undefined);
  switch (status) {
    case "running":
    case "waiting":
    case "succeeded":
    case "failed":
    case "cancelled":
      return { status, outputs, error: isJsonObject(error) ? failureIn(server, error) : undefined };
    default:
      throw notUnderstood(server, `the run has the status ${JSON.stringify(status ?? null).slice(0, TEXT_LIMIT)}`);
  }
}

/** Cancels a run; one that has ended stays as it is, and one that is not there needs no cancelling. */
export async function cancelRemote(server: RemoteServer, run: string, reason: string): Promise<void> {
  try {
    await exchange(server, "POST", `${pathOf(run)}/cancel`, { reason });
  } catch (error) {
    if (!(error instanceof RemoteError && error.details["code"] === "run_not_found")) throw error;
  }
}

function pathOf(run: string): string {
  return `v1/runs/${encodeURIComponent(run)}`;
}

async function exchange(server: RemoteServer, method: "GET" | "POST", path: string, body: JsonObject | undefined): Promise<JsonObject> {
  const { response, text } = await reach(server, method, path, body);
  if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) throw redirected(server, response);
  const json = parse(text);
  if (!response.ok) throw refused(server, response, json);
  if (!isJsonObject(json)) throw notUnderstood(server, `its answer to ${method} /${path} is no JSON object`);
  return json;
}

async function reach(
  server: RemoteServer,
  method: string,
  path: string,
  body: JsonObject | undefined,
): Promise<{ readonly response: Response; readonly text: string }> {
  const headers = headersOf(server, body !== undefined);
  const base = server.url.endsWith("/") ? server.url : `${server.url}/`;
  try {
    const response = await server.fetch(new URL(path, base), {
      method,
      headers,
      signal: server.signal,
      // Followed, a redirect would take the authorization to wherever it points.
      redirect: "manual",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { response, text: await readText(server, response) };
  } catch (error) {
    if (server.signal.aborted || error instanceof RemoteError) throw error;
    throw new RemoteError("remote_unreachable", `${server.url} cannot be reached: ${secretless(server, reasonOf(error))}`, {
      retryable: true,
      fix: "Check the address, and that the other server runs.",
    });
  }
}

function headersOf(server: RemoteServer, hasBody: boolean): Headers {
  const headers = new Headers({ accept: "application/json", ...(hasBody ? { "content-type": "application/json" } : {}) });
  for (const [name, value] of Object.entries(server.headers)) {
    try {
      headers.set(name, value);
    } catch {
      // The platform's own message shows the value.
      throw new RemoteError("bad_headers", `headers gave ${JSON.stringify(name)} a value that no header can have`, {
        retryable: false,
        fix: "Give text of one line, without a line break at its end.",
      });
    }
  }
  return headers;
}

async function readText(server: RemoteServer, { body }: Response): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  // A body is a stream of bytes, which its declared type leaves open.
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    length += chunk.byteLength;
    if (length > ANSWER_LIMIT_BYTES) throw notUnderstood(server, `its answer is longer than ${ANSWER_LIMIT_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parse(text: string): JsonValue | undefined {
  try {
    const json = toJson(JSON.parse(text));
    return json.ok ? json.value : undefined;
  } catch {
    // What is no JSON is told by whoever expected some, with the place it came from.
    return undefined;
  }
}

function refused(server: RemoteServer, response: Response, json: JsonValue | undefined): RemoteError {
  const { status, statusText } = response;
  const error = isJsonObject(json) && isJsonObject(json["error"]) ? json["error"] : {};
  const text = (name: string) => (typeof error[name] === "string" ? secretless(server, error[name]) : undefined);
  const code = text("code") ?? `http_${status}`;
  const fix = status === 401 || status === 403 ? "Give the authorization that the server wants in headers." : text("fix");
  const retryAfterMs = retryAfter(response);
  return new RemoteError("remote_refused", `${server.url} answered ${status} (${code}): ${text("message") ?? statusText}`, {
    retryable: status >= 500 || status === 429 || status === 408,
    ...(fix === undefined ? {} : { fix }),
    details: { status, code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  });
}

/** How long the server asks to be left alone: seconds, or until a time, which its own clock tells. */
function retryAfter({ headers }: Response): number | undefined {
  const given = headers.get("retry-after");
  if (given === null) return undefined;
  const afterMs = /^\d+$/.test(given) ? Number(given) * 1_000 : Date.parse(given) - Date.parse(headers.get("date") ?? "");
  return Number.isFinite(afterMs) && afterMs >= 0 ? afterMs : undefined;
}

function redirected(server: RemoteServer, { status, headers }: Response): RemoteError {
  const target = headers.get("location");
  return new RemoteError(
    "remote_redirected",
    `${server.url} answered ${status}${target === null ? "" : ` and points to ${secretless(server, target)}`}`,
    {
      retryable: false,
      fix: "Give the address at which the other Kindling itself answers; redirects are not followed.",
      details: { status },
    },
  );
}

function notUnderstood({ url }: RemoteServer, what: string): RemoteError {
  return new RemoteError("remote_not_understood", `${url}: ${what}`, {
    retryable: false,
    fix: "Check that a Kindling of a version that fits answers at this address.",
  });
}

function failureIn(server: RemoteServer, error: JsonObject): { readonly code: string; readonly message: string } {
  const text = (value: JsonValue | undefined) => (typeof value === "string" ? secretless(server, value) : "unknown");
  return { code: text(error["code"]), message: text(error["message"]) };
}

/** What stands behind `fetch failed`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  // Several addresses were tried: the error that gathers them has no message.
  return cause.message === "" && "code" in cause ? String(cause.code) : cause.message;
}

/** Text of the other side without what was sent to it in headers, should it repeat that; and no more of it than tells what is wrong. */
function secretless({ headers }: RemoteServer, text: string): string {
  const values = Object.values(headers).flatMap((value) => [value, value.split(/\s+/).at(-1) ?? ""]);
  const secrets = values.filter((value) => value.length >= SECRET_LENGTH);
  return secrets.reduce((told, secret) => told.replaceAll(secret, "…"), text).slice(0, TEXT_LIMIT);
}
