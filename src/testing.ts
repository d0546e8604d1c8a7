// What tests of contracts need: time that moves by hand, chance that a seed repeats, a ledger in memory, and a run played to its end.

import type { Contract, DeliverRequest, Kindling, OpenAwait, Actor, Chance, Clock } from "./index.ts";
import { RunError } from "./index.ts";
import { base32 } from "./host/clock.ts";

export { memoryLedger } from "./ledger/memory.ts";

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves the time on and calls back every timer that comes due, earliest first. */
  advance(ms: number): void;
  /** Sets the time, also backwards; timers due by then are called back. */
  set(at: number): void;
  /** Times of the timers that have not been called back, earliest first. */
  readonly pending: readonly number[];
}

/**
 * Time by hand. A timer whose time has come already is called back soon after it is set, never within the call.
 *
 * @example const clock = manualClock(); const kindling = await createRuntime({ …, clock }); clock.advance(3 * 86_400_000);
 */
export function manualClock(start = 1_700_000_000_000): ManualClock {
  let now = start;
  let timers: { readonly at: number; readonly callback: () => void }[] = [];
  const fireDue = () => {
    for (;;) {
      const due = timers.filter((timer) => timer.at <= now).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) return;
      timers = timers.filter((timer) => timer !== due);
      due.callback();
    }
  };
  const set = (at: number) => {
    now = at;
    fireDue();
  };
  return {
    now: () => now,
    at: (at, callback) => {
      const timer = { at, callback };
      timers.push(timer);
      if (at <= now) setImmediate(fireDue);
      return { cancel: () => void (timers = timers.filter((each) => each !== timer)) };
    },
    advance: (ms) => set(now + ms),
    set,
    get pending() {
      return timers.map(({ at }) => at).sort((a, b) => a - b);
    },
  };
}

/** Ids and jitter that a seed repeats exactly: `createRuntime({ …, chance: seededChance(7) })`. */
export function seededChance(seed: number): Chance {
  let state = seed >>> 0;
  // mulberry32
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { fraction, id: () => base32(Uint8Array.from({ length: 16 }, () => Math.floor(fraction() * 256))) };
}

/** Payloads by event: a value, or what to answer to an open await. */
export type Answers = Readonly<Record<string, unknown>>;

/** An answer that depends on the await, e.g. on its path. */
export type AnswerFor = (open: OpenAwait) => unknown;

/**
 * Starts a run, answers its awaits and resolves with its outputs.
 * Gates are answered as a person who may decide them; what stands in `actor` is used instead when it is given.
 *
 * @param answers a payload for every event, or a function that gives one for an await: `{ "draft.reviewed": { decision: "approve" } }`
 * @throws RunError `run_failed`, `run_cancelled`; `no_answer` when it waits for an event without an answer; `answer_refused`
 */
export async function runToEnd<In, Out>(
  kindling: Kindling,
  contract: Contract<In, Out>,
  inputs: In,
  answers: Answers = {},
  actor?: Actor,
): Promise<Out> {
  const run = await kindling.start(contract, inputs);
  for (let view = await run.settled(); view.status === "waiting"; view = await run.settled()) {
    for (const open of view.awaits) await answer(kindling, open, answers, actor);
  }
  return run.result();
}

async function answer(kindling: Kindling, open: OpenAwait, answers: Answers, actor: Actor | undefined): Promise<void> {
  if (!(open.event in answers)) {
    throw new RunError("no_answer", `run ${open.run} waits at "${open.path}" for "${open.event}", and there is no answer for it`, {
      details: { run: open.run, path: open.path },
      fix: `Give one: { ${JSON.stringify(open.event)}: … }. Events without a timeout never come by themselves.`,
    });
  }
  const given = answers[open.event];
  const request: DeliverRequest = {
    event: open.event,
    run: open.run,
    path: open.path,
    payload: isAnswerFor(given) ? given(open) : given,
    actor: actor ?? { id: "test:person", assurance: "signed", roles: open.roles },
  };
  const delivery = await kindling.deliver(request);
  // Decided meanwhile, by a deadline for example: the next look shows what became of it.
  if (delivery.status !== "refused" || delivery.code === "already_decided") return;
  throw new RunError("answer_refused", `the answer to "${open.path}" was refused (${delivery.code}): ${delivery.message}`, {
    details: { run: open.run, path: open.path },
    fix: delivery.fix,
  });
}

function isAnswerFor(given: unknown): given is AnswerFor {
  return typeof given === "function";
}
