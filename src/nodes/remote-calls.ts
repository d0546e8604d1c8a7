// The HTTP calls by which a run on another Kindling is started, asked and cancelled. The other side is `src/web/run-calls.ts`.

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

/** Starts a run; the same key gives the same run. Resolves with its id. */
export async function startRemote(
  server: RemoteServer,
  request: { readonly contract: string; readonly inputs: JsonObject; readonly idempotencyKey: string },
): Promise<string> {
  const answer = await exchange(server, "POST", "v1/runs", { ...request });
  const { id } = answer;
  if (typeof id !== "string" || id === "") throw notUnderstood(server, "its answer to a start has no id");
  return id;
}

/** Asks for a run. */
export async function askRemote(server: RemoteServer, run: string): Promise<RemoteRun> {
  const { status, outputs = null, error } = await exchange(server, "GET", `v1/runs/${encodeURIComponent(run)}`, undefined);
  switch (status) {
    case "running":
    case "waiting":
    case "succeeded":
    case "failed":
    case "cancelled": {
      const failure = isJsonObject(error) ? { code: String(error["code"]), message: String(error["message"]) } : undefined;
      return { status, outputs, error: failure };
    }
    default:
      throw notUnderstood(server, `the run has the status ${JSON.stringify(status)}`);
  }
}

/** Cancels a run; one that has ended stays as it is. */
export async function cancelRemote(server: RemoteServer, run: string, reason: string): Promise<void> {
  await exchange(server, "POST", `v1/runs/${encodeURIComponent(run)}/cancel`, { reason });
}

async function exchange(server: RemoteServer, method: "GET" | "POST", path: string, body: JsonObject | undefined): Promise<JsonObject> {
  const response = await reach(server, method, path, body);
  const text = await response.text();
  const json = parse(text);
  if (response.ok) {
    if (!isJsonObject(json)) throw notUnderstood(server, `its answer to ${method} /${path} is no JSON object`);
    return json;
  }
  const error = isJsonObject(json) && isJsonObject(json["error"]) ? json["error"] : {};
  const code = typeof error["code"] === "string" ? error["code"] : `http_${response.status}`;
  const message = typeof error["message"] === "string" ? error["message"] : response.statusText;
  const retryAfterMs = Number(response.headers.get("retry-after") ?? Number.NaN) * 1_000;
  throw new RemoteError("remote_refused", `${server.url} answered ${response.status} (${code}): ${message}`, {
    retryable: response.status >= 500 || response.status === 429 || response.status === 408,
    ...(typeof error["fix"] === "string" ? { fix: error["fix"] } : {}),
    details: { status: response.status, code, ...(Number.isFinite(retryAfterMs) ? { retryAfterMs } : {}) },
  });
}

async function reach(server: RemoteServer, method: string, path: string, body: JsonObject | undefined): Promise<Response> {
  const base = server.url.endsWith("/") ? server.url : `${server.url}/`;
  try {
    return await server.fetch(new URL(path, base), {
      method,
      signal: server.signal,
      redirect: "error",
      headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/json" }), ...server.headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (server.signal.aborted) throw error;
    throw new RemoteError(
      "remote_unreachable",
      `${server.url} cannot be reached: ${error instanceof Error ? error.message : String(error)}`,
      {
        retryable: true,
        fix: "Check the address, and that the other server runs.",
        cause: error,
      },
    );
  }
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

function notUnderstood({ url }: RemoteServer, what: string): RemoteError {
  return new RemoteError("remote_not_understood", `${url}: ${what}`, {
    retryable: false,
    fix: "Check that a Kindling of a version that fits answers at this address.",
  });
}
