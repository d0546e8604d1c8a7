// What was done with a run from outside, done again at its times: events, updates, retries, a cancel; and the decision when a replay is over.

import { type Kindling, type Run, RunError, type RunView } from "../index.ts";
import { asError } from "../errors.ts";
import type { Happening, RunRecording } from "../../providers/recorded/run-recording.ts";
import type { Player } from "./player.ts";
import { unsigned } from "./recorded-signers.ts";
import type { ReplayTime } from "./replay-time.ts";
import { deliverAs } from "./test-approver.ts";

/** Real time without anything going on before a replay counts as stuck. */
const STUCK_MS = 10_000;

/** What a replay is played with. */
interface Stage {
  readonly recording: RunRecording;
  readonly time: ReplayTime;
  readonly player: Player;
  /** Is added to. */
  readonly problems: string[];
}

/** Brings a run to where its recording ends. @throws RunError `replay_stuck` */
export class Drive {
  readonly #kindling: Kindling;
  readonly #run: Run;
  readonly #recording: RunRecording;
  readonly #time: ReplayTime;
  readonly #player: Player;
  readonly #problems: string[];
  readonly #left: Happening[];
  #view: RunView | undefined;
  /** Something has happened since the run was looked at. */
  #isStale = true;
  #failure: unknown;

  constructor(kindling: Kindling, run: Run, { recording, time, player, problems }: Stage) {
    this.#kindling = kindling;
    this.#run = run;
    this.#recording = recording;
    this.#time = time;
    this.#player = player;
    this.#problems = problems;
    this.#left = [...recording.happenings];
  }

  async toEnd(): Promise<RunView> {
    for (let stuckSince = Date.now(); ; ) {
      await this.#time.quiet();
      if (this.#isStale) await this.#look();
      if (this.#failure !== undefined) throw asError(this.#failure);
      if (await this.#goOn()) stuckSince = Date.now();
      else if (this.#isOver()) return this.#view ?? this.#run.get();
      else if (Date.now() - stuckSince > STUCK_MS)
        throw new RunError("replay_stuck", `nothing has happened for ${STUCK_MS / 1_000} s, and run ${this.#run.id} has not come to rest`, {
          fix: "Something in the contract waits for what a replay does not give: a promise that is never resolved, or a timer of its own.",
        });
    }
  }

  /** Does the next thing; false when there is none. */
  async #goOn(): Promise<boolean> {
    const [next] = this.#left;
    const now = this.#time.now();
    const timer = this.#time.next();
    if (next !== undefined && this.#at(next) <= now && (await this.#isPossible(next))) return this.#perform(next);
    const times = [...(timer === undefined ? [] : [timer]), ...(next !== undefined && this.#at(next) > now ? [this.#at(next)] : [])];
    if (times.length > 0 && !this.#isOver()) {
      this.#isStale = true;
      this.#time.jump(Math.min(...times));
      return true;
    }
    if (next === undefined || (this.#view === undefined && this.#player.held.size === 0)) return false;
    this.#left.shift();
    // Behind a node that had no answer nothing could come.
    if (this.#player.held.size === 0) this.#problems.push(notPossible(next));
    return true;
  }

  #at({ afterMs }: Happening): number {
    return this.#recording.startedAt + afterMs;
  }

  /** An event waits for its await; everything else can be done at any time. */
  async #isPossible(happening: Happening): Promise<boolean> {
    if (happening.type !== "event") return this.#view !== undefined || happening.type === "cancel";
    const open = await this.#kindling.inbox({ run: this.#run.id });
    return open.some(({ path, event }) => path === happening.path && event === happening.event);
  }

  async #perform(happening: Happening): Promise<true> {
    this.#left.shift();
    this.#isStale = true;
    const actor = happening.actor === undefined ? {} : { actor: unsigned(happening.actor) };
    switch (happening.type) {
      case "event": {
        const { event, path, payload } = happening;
        const request = { event, run: this.#run.id, path, payload };
        const delivery = await (happening.actor === undefined
          ? this.#kindling.deliver(request)
          : deliverAs(this.#kindling, request, happening.actor));
        if (delivery.status === "refused")
          this.#problems.push(`the event "${event}" for "${path}" was refused (${delivery.code}): ${delivery.message}`);
        return true;
      }
      case "update":
        await this.#run.update(happening.inputs, actor);
        return true;
      case "retry":
        await this.#run.retry({ ...actor, ...(happening.path === undefined ? {} : { path: happening.path }) });
        return true;
      case "cancel":
        await this.#run.cancel({ reason: happening.reason, ...actor });
        return true;
    }
  }

  /** Whether the run has come to rest; `#view` is undefined while it has not. */
  async #look(): Promise<void> {
    this.#isStale = false;
    this.#view = undefined;
    const stop = new AbortController();
    const settled = this.#run.settled({ signal: stop.signal }).then(
      (view) => void (this.#view = view),
      (error: unknown) => {
        if (!stop.signal.aborted) this.#failure = error;
      },
    );
    // It is at rest now, or it is not: while it is not, something else must happen first.
    await Promise.race([settled, this.#time.quiet()]);
    stop.abort();
    await settled;
    if (this.#view === undefined) this.#isStale = true;
  }

  /** The run has ended, or waits for what the recording does not know either. */
  #isOver(): boolean {
    if (this.#left.length > 0) return false;
    const isPast = this.#time.now() >= this.#recording.startedAt + this.#recording.outcome.afterMs;
    const { held, unfinished } = this.#player;
    if (this.#view === undefined) return held.size + unfinished.size > 0 && (isPast || this.#time.next() === undefined);
    return this.#view.status !== "waiting" || (this.#view.awaits.length > 0 && isPast);
  }
}

function notPossible(happening: Happening): string {
  if (happening.type === "event") return `nothing waits for the event "${happening.event}" at "${happening.path}" any more`;
  return `the recorded ${happening.type} could not be done`;
}
