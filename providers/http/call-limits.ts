// What ends a call that nobody ends: silence on the line, too much time in all, a reply without end. Every provider makes its requests
// through the fetch of such a call; knows no API.

import { ModelError } from "../../src/index.ts";
import { patientDispatcher } from "./patient-dispatcher.ts";

type Fetch = typeof globalThis.fetch;

/** How long a call may take. 0 means without limit. */
export interface TimeLimits {
  /** Between two pieces of an answer, and before its first one. Default: 5 minutes. */
  readonly idleMs?: number;
  /** For the whole call. Default: 1 hour. */
  readonly totalMs?: number;
}

const IDLE_MS = 5 * 60_000;
const TOTAL_MS = 60 * 60_000;
/** Far above what any model gives in one reply; what is larger is no reply. */
const REPLY_BYTES = 256 * 1024 * 1024;
const LINE_END = 10;
/** What a timer can count. */
export const LONGEST_TIMER_MS = 2_147_483_647;

/** One call: nothing of it is left open once it is closed. */
export interface LimitedCall {
  /** Aborts with the caller's signal, or when a limit is reached; its reason is then a ModelError. */
  readonly signal: AbortSignal;
  readonly fetch: Fetch;
  /** Puts a wait under the limit for silence, for providers whose models make their requests themselves. */
  readonly waiting: <Value>(wait: () => Promise<Value>) => Promise<Value>;
  /** True when an answer has ended in the middle of a line: it was cut, whatever its last piece looks like. */
  readonly endedInLine: () => boolean;
  /** Stops the timers and closes the socket if it is still open. */
  readonly close: () => void;
}

/** What a call is begun with. */
export interface CallSetup {
  /** Aborts it; undefined for a call that nobody cancels. */
  readonly signal: AbortSignal | undefined;
  readonly limits?: TimeLimits | undefined;
  /** The user's own, or undefined for the global one as it is at the moment of the request. */
  readonly fetch?: Fetch | undefined;
  /** How large an answer may be. */
  readonly replyBytes?: number;
}

/** Begins a call. @throws ModelError `not_configured` for limits that are no time */
export function limitCall(provider: string, { signal: caller, limits = {}, fetch, replyBytes = REPLY_BYTES }: CallSetup): LimitedCall {
  const { idleMs = IDLE_MS, totalMs = TOTAL_MS } = limits;
  refuseNoTime(provider, { idleMs, totalMs });
  const own = new AbortController();
  const total = startTimer(totalMs, () => own.abort(late(provider, `no complete answer within ${seconds(totalMs)}`)));
  // A reader that was left half read keeps no process alive for an hour.
  total?.unref();
  const watch: Watch = {
    ms: idleMs,
    endedInLine: false,
    fire: () => own.abort(late(provider, `nothing came for ${seconds(idleMs)}`)),
    replyBytes,
    tooLarge: () => new ModelError("protocol", `${provider}: the reply is larger than ${replyBytes} bytes`, { provider, retryable: false }),
  };
  const signal = caller === undefined ? own.signal : AbortSignal.any([caller, own.signal]);
  return {
    signal,
    fetch: watched(fetch, signal, watch),
    waiting: (wait) => whileWaiting(watch, wait),
    endedInLine: () => watch.endedInLine,
    close() {
      clearTimeout(total);
      own.abort();
    },
  };
}

interface Watch {
  readonly ms: number;
  endedInLine: boolean;
  readonly fire: () => void;
  readonly replyBytes: number;
  readonly tooLarge: () => ModelError;
}

function watched(given: Fetch | undefined, signal: AbortSignal, watch: Watch): Fetch {
  return async (input, init) => {
    const signals = init?.signal ? [signal, init.signal] : [signal];
    const request = { ...init, signal: AbortSignal.any(signals) };
    // Only the global fetch takes a dispatcher of the runtime; whoever gives a fetch has set it up.
    const send = given ?? ((url, options) => globalThis.fetch(url, { ...options, ...patientDispatcher(watch.ms) }));
    const response = await whileWaiting(watch, () => send(input, request));
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    return new Response(watchedBody(response.body, watch), { status, statusText, headers });
  };
}

/** Passes the bytes on. The time in which nobody reads is not counted: that is not the server's silence. */
function watchedBody(body: ReadableStream<Uint8Array<ArrayBuffer>>, watch: Watch): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  let size = 0;
  let last: number | undefined;
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await whileWaiting(watch, () => reader.read());
        if (done) {
          watch.endedInLine = last !== undefined && last !== LINE_END;
          return controller.close();
        }
        last = value.at(-1) ?? last;
        size += value.byteLength;
        if (size > watch.replyBytes) throw watch.tooLarge();
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

async function whileWaiting<Value>({ ms, fire }: Watch, wait: () => Promise<Value>): Promise<Value> {
  const timer = startTimer(ms, fire);
  try {
    return await wait();
  } finally {
    clearTimeout(timer);
  }
}

function startTimer(ms: number, fire: () => void): NodeJS.Timeout | undefined {
  return ms > 0 && ms <= LONGEST_TIMER_MS ? setTimeout(fire, ms) : undefined;
}

function refuseNoTime(provider: string, limits: Required<TimeLimits>): void {
  const wrong = Object.entries(limits).find(([, ms]) => !(ms >= 0));
  if (wrong === undefined) return;
  throw new ModelError("not_configured", `${provider}: timeouts.${wrong[0]} is ${String(wrong[1])}, which is no time`, {
    provider,
    retryable: false,
    fix: "Give milliseconds, or 0 for no limit.",
  });
}

function late(provider: string, what: string): ModelError {
  return new ModelError("timeout", `${provider}: ${what}`, {
    provider,
    retryable: true,
    fix: "Raise `timeouts` of the provider if the model is only slow.",
  });
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}
