// One lane: so many calls at once, so many and so many tokens within a minute, and none while a provider asked for a pause. Who finds no room waits in its line. It knows no
// other lane and no model.

import type { Clock, Timer } from "../clock.ts";
import { Line } from "./line.ts";
import type { LaneLoad } from "./load.ts";
import { MinuteWindow, type Used } from "./window.ts";

/** What keeps a call from being made now: places in use, what was used within the last minute, or a provider that asked for a pause. */
export type WaitReason = "concurrency" | "requests_per_minute" | "tokens_per_minute" | "retry_after";

/** A call waits. */
export interface Wait {
  readonly lane: string;
  readonly reason: WaitReason;
  /** Not before this time, where that is known. */
  readonly until: number | undefined;
}

/** Who wants a place. */
export interface Caller {
  /** The root run, which takes turns with the others. */
  readonly root: string;
  readonly path: string;
  /** Aborting it leaves the line at once. */
  readonly signal: AbortSignal;
  /** Told when it begins to wait, and when what it waits for is another thing. */
  readonly waits: (wait: Wait) => void;
}

/** What one call has of a lane. */
export interface Pass {
  readonly lane: Lane;
  readonly request: Used | undefined;
  readonly tokens: Used | undefined;
}

/** The limits of a lane; what is undefined is not limited. */
export interface LaneLimits {
  readonly concurrency: number | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
}

interface Waiting {
  readonly caller: Caller;
  readonly tokens: number;
  readonly since: number;
  readonly grant: (pass: Pass) => void;
  readonly refuse: (error: Error) => void;
}

interface Obstacle {
  readonly reason: WaitReason;
  readonly until: number | undefined;
}

/** A lane and its line. */
export class Lane {
  readonly kind: LaneLoad["kind"];
  readonly name: string;
  readonly limits: LaneLimits;
  readonly #clock: Clock;
  readonly #requests: MinuteWindow | undefined;
  readonly #tokens: MinuteWindow | undefined;
  readonly #line = new Line<Waiting>();
  #inUse = 0;
  #heldUntil = 0;
  #next: { readonly at: number; readonly timer: Timer } | undefined;

  constructor(kind: LaneLoad["kind"], name: string, limits: LaneLimits, clock: Clock) {
    this.kind = kind;
    this.name = name;
    this.limits = limits;
    this.#clock = clock;
    this.#requests = limits.requestsPerMinute === undefined ? undefined : new MinuteWindow(limits.requestsPerMinute);
    this.#tokens = limits.tokensPerMinute === undefined ? undefined : new MinuteWindow(limits.tokensPerMinute);
  }

  /** A pass, at once or when its turn has come. Expects no more tokens than the limit. Rejects with the signal's reason. */
  enter(caller: Caller, tokens: number): Pass | Promise<Pass> {
    caller.signal.throwIfAborted();
    if (this.#line.size === 0 && this.#obstacle(tokens) === undefined) return this.#pass(tokens);
    return new Promise<Pass>((resolve, reject) => {
      let isIn = true;
      const leave = () => {
        isIn = false;
        caller.signal.removeEventListener("abort", aborted);
        leaveLine();
      };
      const waiting: Waiting = {
        caller,
        tokens,
        since: this.#clock.now(),
        grant: (pass) => {
          leave();
          resolve(pass);
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const aborted = () => {
        waiting.refuse(reasonOf(caller.signal));
        this.#look();
      };
      const leaveLine = this.#line.join(caller.root, waiting);
      caller.signal.addEventListener("abort", aborted, { once: true });
      this.#look();
      if (isIn) caller.waits(this.#wait());
    });
  }

  /** The call is sent now: what it uses counts from here. */
  begin({ request, tokens }: Pass): void {
    const now = this.#clock.now();
    if (request !== undefined) this.#requests?.begin(request, now);
    if (tokens !== undefined) this.#tokens?.begin(tokens, now);
    this.#look();
  }

  /** It took so many tokens. */
  correct({ tokens }: Pass, amount: number): void {
    if (tokens !== undefined) this.#tokens?.correct(tokens, amount, this.#clock.now());
  }

  /** The place is free. A call that never began has used nothing. */
  leave(pass: Pass): void {
    const { request, tokens } = pass;
    const now = this.#clock.now();
    if (request !== undefined && request.at === undefined) this.#requests?.correct(request, 0, now);
    if (tokens !== undefined && tokens.at === undefined) this.#tokens?.correct(tokens, 0, now);
    this.#inUse -= 1;
    this.#look();
  }

  /** Until when nobody passes, since the provider asked for a pause; undefined when that is over. */
  get heldUntil(): number | undefined {
    return this.#heldUntil > this.#clock.now() ? this.#heldUntil : undefined;
  }

  /** Nobody passes until then. */
  hold(until: number): void {
    if (until <= this.#heldUntil) return;
    this.#heldUntil = until;
    this.#look();
    const wait = this.#wait();
    for (const { caller } of this.#line) caller.waits(wait);
  }

  /** How it stands. */
  load(): LaneLoad {
    const now = this.#clock.now();
    const first = this.#line.first;
    return {
      kind: this.kind,
      name: this.name,
      inUse: this.#inUse,
      limit: this.limits.concurrency ?? null,
      requests: this.#requests === undefined ? null : { used: this.#requests.used(now), limit: this.#requests.limit },
      tokens: this.#tokens === undefined ? null : { used: this.#tokens.used(now), limit: this.#tokens.limit },
      heldUntil: this.heldUntil ?? null,
      breaker: null,
      waiting: this.#line.size,
      runs: [...firstOf(this.#line.waiting(), RUNS_SHOWN)].map(([run, waiting]) => ({ run, waiting })),
      next:
        first === undefined
          ? null
          : {
              run: first.caller.root,
              path: first.caller.path,
              since: first.since,
              reason: this.#wait().reason,
              until: this.#wait().until ?? null,
            },
    };
  }

  #pass(tokens: number): Pass {
    this.#inUse += 1;
    return { lane: this, request: this.#requests?.reserve(1), tokens: this.#tokens?.reserve(tokens) };
  }

  /** Lets pass whoever may, one after the other; looks again when time alone changes that. */
  #look(): void {
    for (let first = this.#line.first; first !== undefined; first = this.#line.first) {
      const obstacle = this.#obstacle(first.tokens);
      if (obstacle !== undefined) return this.#lookAt(obstacle.until);
      this.#line.passOn();
      first.grant(this.#pass(first.tokens));
    }
    this.#lookAt(undefined);
  }

  #lookAt(at: number | undefined): void {
    if (this.#next?.at === at) return;
    this.#next?.timer.cancel();
    this.#next = undefined;
    if (at === undefined) return;
    const timer = this.#clock.at(at, () => {
      this.#next = undefined;
      this.#look();
    });
    this.#next = { at, timer };
  }

  #obstacle(tokens: number): Obstacle | undefined {
    const now = this.#clock.now();
    if (this.#heldUntil > now) return { reason: "retry_after", until: this.#heldUntil };
    if (this.#inUse >= (this.limits.concurrency ?? Number.POSITIVE_INFINITY)) return { reason: "concurrency", until: undefined };
    const requestAt = this.#requests?.fitsAt(1, now);
    if (this.#requests !== undefined && requestAt !== now) return { reason: "requests_per_minute", until: requestAt };
    const tokensAt = this.#tokens?.fitsAt(tokens, now);
    if (this.#tokens !== undefined && tokensAt !== now) return { reason: "tokens_per_minute", until: tokensAt };
    return undefined;
  }

  /** Why those in the line wait: what the first of them waits for. */
  #wait(): Wait {
    const { reason = "concurrency", until } = this.#obstacle(this.#line.first?.tokens ?? 0) ?? {};
    return { lane: this.name, reason, until };
  }
}

/** A pass of a lane, unless the caller was called off between its turn and now: then it is somebody else's. */
export async function entered(lane: Lane, caller: Caller): Promise<Pass> {
  const pass = await lane.enter(caller, 0);
  if (!caller.signal.aborted) return pass;
  lane.leave(pass);
  throw reasonOf(caller.signal);
}

const RUNS_SHOWN = 20;

function* firstOf<T>(all: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const each of all) {
    if (left <= 0) return;
    left -= 1;
    yield each;
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error("stopped", { cause: signal.reason });
}
