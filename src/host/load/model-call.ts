// One call to a model through its lanes: it waits for its turn, is refused while the provider is down, and tells the lanes what became of it.

import { ModelError, type ModelErrorCode, type ModelReply, type ModelRequest } from "../../model/model.ts";
import { DEFAULT_BACKOFF } from "../../model/backoff.ts";
import { describeMilliseconds } from "../../graph/duration.ts";
import type { Clock } from "../clock.ts";
import { estimateTokens } from "./estimate.ts";
import { type Caller, entered, type Lane, type Pass } from "./lane.ts";
import type { LanesOfModel } from "./model-lanes.ts";
import type { Place } from "./place.ts";

/** What a call needs. */
export interface ModelCall {
  readonly provider: string;
  readonly request: ModelRequest;
  readonly caller: Caller;
  /** Another model can be asked instead: then it does not wait for a provider that asked for a pause. */
  readonly hasOther: boolean;
  /** That of the attempt that calls. */
  readonly place: Place;
  readonly lanes: LanesOfModel;
  /** All calls to the outside. */
  readonly all: Lane;
  readonly clock: Clock;
  /** Makes the call, once it may be made; says when it is sent, since what it uses counts from then. */
  readonly make: (sent: () => void) => Promise<ModelReply>;
}

/** What says that a provider cannot answer now, whatever it is asked. */
const FAULTS: ReadonlySet<ModelErrorCode> = new Set<ModelErrorCode>(["overloaded", "server", "network", "timeout", "stream_cut"]);

/** @throws ModelError `circuit_open`, `over_limit`, `rate_limited`, and what the call throws; the reason of the caller's signal */
export async function callThroughLanes(call: ModelCall): Promise<ModelReply> {
  const { lanes, clock } = call;
  const tokens = estimateTokens(call.request);
  const total = tokens.input + tokens.output;
  for (const lane of [lanes.model, lanes.provider]) refuseTooLarge(call, lane, total);
  refuseHeld(call);
  const isProbe = admitted(call);
  let verdict: "answered" | "failed" | undefined;
  try {
    return await inTurn(call, total, async (passes) => {
      // Those that were let through before it opened, and waited behind it, are not made either.
      if (!isProbe && lanes.breaker.state !== "closed") throw circuitOpen(call, lanes.breaker.until ?? clock.now());
      let used = tokens.input;
      try {
        const reply = await call.make(() => passes.forEach((pass) => pass.lane.begin(pass)));
        verdict = "answered";
        used = (reply.usage.input ?? tokens.input) + (reply.usage.output ?? 0);
        return reply;
      } catch (error) {
        verdict = verdictOf(error);
        heed(error, call);
        throw error;
      } finally {
        for (const pass of passes) pass.lane.correct(pass, used);
      }
    });
  } finally {
    conclude(call, isProbe, verdict);
  }
}

/** Waits in the lanes, then does the work; whatever becomes of it, its places are free afterwards. */
async function inTurn<T>(call: ModelCall, tokens: number, work: (passes: readonly Pass[]) => Promise<T>): Promise<T> {
  const { all, place, caller } = call;
  const isLent = place.lend();
  const passes: Pass[] = [];
  let isAside = !isLent;
  const stepAside = () => {
    if (!isAside) place.stepAside();
    isAside = true;
  };
  try {
    await passAll(call, tokens, passes, stepAside);
    if (isLent && isAside) {
      place.comeBack(await entered(all, caller));
      isAside = false;
    } else if (!isLent) passes.push(await entered(all, caller));
    return await work(passes);
  } finally {
    for (const pass of passes) pass.lane.leave(pass);
    // The attempt goes on without this call, with a fallback for example: it needs its place again.
    if (isLent && isAside && !caller.signal.aborted) place.comeBack(await entered(all, caller));
    if (isLent) place.giveBack();
  }
}

/** Goes through the lanes of the model, one after the other. When the breaker opens meanwhile, there is nothing to wait for. */
async function passAll({ lanes, caller, hasOther }: ModelCall, tokens: number, passes: Pass[], stepAside: () => void): Promise<void> {
  const stop = new AbortController();
  const stopped = () => stop.abort(caller.signal.reason);
  if (caller.signal.aborted) stopped();
  caller.signal.addEventListener("abort", stopped, { once: true });
  const waiting = { hasOther, stop: (error: Error) => stop.abort(error) };
  lanes.waiting.add(waiting);
  try {
    for (const lane of [lanes.model, lanes.provider]) {
      const pass = lane.enter({ ...caller, signal: stop.signal }, tokens);
      if (pass instanceof Promise) stepAside();
      passes.push(await pass);
      // It may have been stopped between its turn and now.
      stop.signal.throwIfAborted();
    }
  } finally {
    lanes.waiting.delete(waiting);
    caller.signal.removeEventListener("abort", stopped);
  }
}

/** True when this call tries out whether the provider is back. */
function admitted(call: ModelCall): boolean {
  const admission = call.lanes.breaker.admit(call.clock.now());
  if (admission.admitted === false) throw circuitOpen(call, admission.until);
  return admission.admitted === "probe";
}

function conclude({ lanes, clock, ...call }: ModelCall, isProbe: boolean, verdict: "answered" | "failed" | undefined): void {
  const { breaker } = lanes;
  if (verdict === "answered") breaker.answered(isProbe);
  else if (verdict === undefined) {
    if (isProbe) breaker.probeLeft(clock.now());
  } else if (breaker.failed(isProbe, clock.now())) {
    const until = breaker.until ?? clock.now();
    for (const waiting of lanes.waiting) waiting.stop(circuitOpen({ lanes, clock, ...call }, until));
  }
}

/** What a failed call says about its provider. A call that was called off says nothing. */
function verdictOf(error: unknown): "answered" | "failed" | undefined {
  if (!(error instanceof ModelError) || error.code === "aborted") return undefined;
  return FAULTS.has(error.code) ? "failed" : "answered";
}

/** A provider that asks for a pause is left alone by all calls to the model, not only by the one it told. */
function heed(error: unknown, call: ModelCall): void {
  if (!(error instanceof ModelError) || error.retryAfterMs === undefined) return;
  const { lanes, clock } = call;
  const until = clock.now() + Math.min(error.retryAfterMs, DEFAULT_BACKOFF.retryAfterCapMs);
  lanes.model.hold(until);
  for (const waiting of lanes.waiting) if (waiting.hasOther) waiting.stop(held(call, until));
}

function refuseHeld(call: ModelCall): void {
  const { heldUntil } = call.lanes.model;
  if (call.hasOther && heldUntil !== undefined) throw held(call, heldUntil);
}

function held({ provider, lanes, clock }: ModelCall, until: number): ModelError {
  const retryAfterMs = Math.max(1, until - clock.now());
  return new ModelError(
    "rate_limited",
    `${lanes.model.name} is not called for ${describeMilliseconds(retryAfterMs)}: the provider asked for a pause`,
    {
      provider,
      retryable: true,
      retryAfterMs,
    },
  );
}

function circuitOpen({ provider, lanes, clock }: Pick<ModelCall, "provider" | "lanes" | "clock">, until: number): ModelError {
  const { breaker, model } = lanes;
  const retryAfterMs = Math.max(1, until - clock.now());
  return new ModelError(
    "circuit_open",
    `${model.name} is not called for ${describeMilliseconds(retryAfterMs)}: ${breaker.faults} calls in a row failed by faults of the provider`,
    {
      provider,
      retryable: true,
      retryAfterMs,
      fix: "It is tried out again by itself. Give the node other models to fall back on, or see the provider's status page.",
    },
  );
}

function refuseTooLarge({ provider, request }: ModelCall, { name, limits }: Lane, tokens: number): void {
  const { tokensPerMinute } = limits;
  if (tokensPerMinute === undefined || tokens <= tokensPerMinute) return;
  throw new ModelError(
    "over_limit",
    `the call may take ${tokens} tokens, maxOutputTokens of ${request.maxOutputTokens} included, and ${name} is limited to ${tokensPerMinute} in a minute`,
    {
      provider,
      retryable: false,
      fix: "Lower maxOutputTokens, shorten the request, or raise tokensPerMinute in the runtime's limits.",
    },
  );
}
