// The HTTP calls by which another system starts runs here, asks for them and cancels them: from a web Request to a Response, so that any server can carry
// it. It knows no sockets. The other side, as a node of a contract, is `src/nodes/remote-calls.ts`.

import * as z from "zod";
import { type Actor, hashJson, type JsonObject, type Kindling, readTraceContext, type RunView, type TraceContext } from "../index.ts";
import { type CallerOptions, recognizer } from "./caller.ts";
import { internalRefusal, Refusal, refusalOf, runNotFound } from "./refusal.ts";
import { readBody } from "./request-body.ts";

/** Who may call, and who is told what goes wrong. */
export type RemoteCallsOptions = CallerOptions & {
  /** Hears the errors behind answers with status 500, which say nothing of them. */
  readonly onError?: (error: unknown) => void;
};

/** The longest that a call waits for a run. */
const WAIT_LIMIT_MS = 30_000;

const Start = z.strictObject({
  contract: z.string().min(1).max(200),
  inputs: z.unknown().optional(),
  // The key of a node deep inside a run is its whole path.
  idempotencyKey: z.string().min(1).max(4_000).optional(),
});

const Cancel = z.strictObject({ reason: z.string().min(1).max(1_000).optional() });

/**
 * Answers the calls that `g.remote` makes: `POST /v1/runs` `{ contract, inputs, idempotencyKey }`, `GET /v1/runs/:id` (with `?waitMs=`, up to 30,000, it answers
 * as soon as the run has ended or waits) and `POST /v1/runs/:id/cancel` `{ reason }`. Answers are JSON, refusals `{ error: { code, message, fix } }`; the
 * function never rejects. A caller may start any contract of the runtime, and sees and cancels only runs that it started by these calls.
 *
 * @throws ConfigError `no_authorization`, `token_too_short`
 * @example const answer = remoteCalls(kindling, { token: process.env.KINDLING_TOKEN ?? "" }); Deno.serve(answer);
 */
export function remoteCalls(kindling: Kindling, options: RemoteCallsOptions): (request: Request) => Promise<Response> {
  const recognize = recognizer(options);
  return async (request) => {
    try {
      const caller = await recognize(request);
      return await route(request)({ kindling, request, caller });
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) options.onError?.(error);
      const { status, headers, body } = refusal ?? internalRefusal();
      return answer(status, body, headers);
    }
  };
}

/** A call that was recognized. */
interface RunCall {
  readonly kindling: Kindling;
  readonly request: Request;
  readonly caller: Actor;
}

type Route = (call: RunCall) => Promise<Response>;

/** What a path takes, by method. @throws Refusal 404, 405 */
function route({ method, url }: Request): Route {
  const methods = methodsOf(new URL(url).pathname.split("/").slice(1));
  const found = methods[method];
  if (found !== undefined) return found;
  const allowed = Object.keys(methods);
  if (allowed.length === 0) throw new Refusal(404, "not_found", "there is nothing at this path", "The paths begin with /v1/runs.");
  throw new Refusal(405, "method_not_allowed", `${method} is not for this path`, `Use ${allowed.join(" or ")}.`, {
    headers: { allow: allowed.join(", ") },
  });
}

function methodsOf([version, runs, run, verb, ...rest]: readonly string[]): Readonly<Record<string, Route | undefined>> {
  if (version !== "v1" || runs !== "runs" || run === "" || rest.length > 0) return {};
  if (run === undefined) return { POST: startRun };
  const id = decoded(run);
  if (id === undefined) return {};
  if (verb === undefined) return { GET: (call) => readRun(call, id) };
  return verb === "cancel" ? { POST: (call) => cancelRun(call, id) } : {};
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    // No id is written like this, so there is no such path.
    return undefined;
  }
}

async function startRun({ kindling, request, caller }: RunCall): Promise<Response> {
  const { contract, inputs = {}, idempotencyKey } = await readBody(request, Start);
  const run = await kindling.start(contract, inputs, {
    actor: caller,
    ...traceOf(request),
    // One caller's keys are not another's, and as a hash they are never too long.
    ...(idempotencyKey === undefined ? {} : { idempotencyKey: `remote:${hashJson([caller.id, idempotencyKey])}` }),
  });
  return answer(run.created ? 201 : 200, { id: run.id, created: run.created });
}

/** The trace that a request belongs to; a malformed header counts as none. */
function traceOf({ headers }: Request): { readonly trace?: TraceContext } {
  const trace = readTraceContext({ traceparent: headers.get("traceparent"), tracestate: headers.get("tracestate") });
  return trace === undefined ? {} : { trace };
}

async function readRun(call: RunCall, id: string): Promise<Response> {
  const waitMs = waitOf(new URL(call.request.url).searchParams.get("waitMs"));
  const view = await ownRun(call, id);
  const isSettled = view.status !== "running";
  return answer(200, shapeOf(isSettled || waitMs === 0 ? view : await settledWithin(call, id, waitMs)));
}

async function cancelRun(call: RunCall, id: string): Promise<Response> {
  const { reason } = await readBody(call.request, Cancel);
  await ownRun(call, id);
  const view = await call.kindling.cancel(id, { actor: call.caller, ...(reason === undefined ? {} : { reason }) });
  return answer(200, shapeOf(view));
}

/** A run that this caller started. @throws Refusal 404 */
async function ownRun({ kindling, caller }: RunCall, id: string): Promise<RunView> {
  const view = await kindling.get(id);
  if (view?.starter?.id !== caller.id) throw runNotFound();
  return view;
}

/** The run once it has settled, or as it stands when the time is over, the caller gone or the server closing. */
async function settledWithin({ kindling, request }: RunCall, id: string, waitMs: number): Promise<RunView> {
  const run = await kindling.run(id);
  const signal = AbortSignal.any([AbortSignal.timeout(waitMs), request.signal]);
  try {
    return await run.settled({ signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    return run.get();
  }
}

function waitOf(text: string | null): number {
  const waitMs = text === null ? 0 : Number(text);
  if (text !== "" && Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= WAIT_LIMIT_MS) return waitMs;
  throw new Refusal(400, "bad_request", `waitMs is ${JSON.stringify(text)}`, `Give whole milliseconds from 0 to ${WAIT_LIMIT_MS}.`);
}

/** A run as its caller sees it: how it stands and what it gives, and nothing of its inside. */
function shapeOf({ id, status, outputs, error }: RunView): JsonObject {
  return {
    id,
    status,
    outputs: outputs ?? null,
    error:
      error === undefined ? null : { code: error.code, message: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) },
  };
}

function answer(status: number, body: JsonObject, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", "x-content-type-options": "nosniff", ...headers } });
}
