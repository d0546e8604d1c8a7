// Runs that start by themselves. Each contract with a schedule has a stream of its own that says which time was served last, and each time has a key, so that it
// starts one run however often processes come and go, and however the clock is set.

import type { Schedule } from "../graph/graph.ts";
import { failureOf } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Plan } from "../compile/plan.ts";
import type { EmbeddedHost } from "./embedded.ts";
import type { Timers } from "./timers.ts";

/** What the stream of a schedule remembers. */
interface Mark {
  /** The line or the length, so that a changed schedule begins anew. */
  readonly rhythm: string;
  /** From when `every` counts, in milliseconds since 1970. */
  readonly from: number;
  /** The last time that was served. */
  readonly last: number;
}

/** Times that are looked through to find the latest that passed; a longer absence is served by one of them all the same. */
const LOOK_LIMIT = 10_000;

/** Keeps the schedules of a host's contracts. */
export class Schedules {
  readonly #host: EmbeddedHost;
  readonly #timers: Timers;
  readonly #marks = new Map<string, Mark>();

  constructor(host: EmbeddedHost, timers: Timers) {
    this.#host = host;
    this.#timers = timers;
  }

  /** Begins with the times that are due, and waits for the next ones. */
  async start(plans: Iterable<Plan>): Promise<void> {
    for (const plan of plans) {
      const { schedule } = plan.graph;
      if (schedule === undefined) continue;
      const after = await timesOf(schedule);
      const known = this.#read(plan.name);
      const rhythm = rhythmOf(schedule);
      if (known?.rhythm !== rhythm) {
        const now = this.#host.clock.now();
        await this.#write(plan.name, { rhythm, from: now, last: now }, { type: "schedule.set", rhythm });
      }
      this.#next(plan, schedule, after);
    }
  }

  #next(plan: Plan, schedule: Schedule, after: (mark: Mark, time: number) => number | undefined): void {
    const mark = this.#read(plan.name);
    const due = mark === undefined ? undefined : after(mark, mark.last);
    if (mark === undefined || due === undefined) return;
    this.#timers.set(`schedule:${plan.name}`, due, () => {
      this.#host.background(this.#serve(plan, schedule, mark, due, after).then(() => this.#next(plan, schedule, after)));
    });
  }

  /** Starts the run of the time that is due. Of several that passed meanwhile, only the latest counts. */
  async #serve(
    plan: Plan,
    schedule: Schedule,
    mark: Mark,
    due: number,
    after: (mark: Mark, time: number) => number | undefined,
  ): Promise<void> {
    const now = Math.max(due, this.#host.clock.now());
    let latest = due;
    let passed = 0;
    for (let next = after(mark, latest); next !== undefined && next <= now && passed < LOOK_LIMIT; next = after(mark, latest)) {
      latest = next;
      passed += 1;
    }
    // On time, or the last of those that nobody was there for.
    const isMissed = passed > 0 || now - latest > MISSED_AFTER_MS;
    const isServed = !isMissed || schedule.missed === "latest";
    const time = new Date(latest).toISOString();
    const outcome = isServed ? await this.#startRun(plan, schedule, latest, time) : {};
    await this.#write(
      plan.name,
      { ...mark, last: latest },
      { type: "schedule.fired", at: latest, ...outcome, ...(passed === 0 ? {} : { passed }) },
    );
  }

  async #startRun(plan: Plan, schedule: Schedule, at: number, time: string): Promise<JsonObject> {
    try {
      const actor = { id: `schedule:${plan.name}`, assurance: "agent" } as const;
      const { id } = await this.#host.start({
        contract: plan.name,
        inputs: schedule.inputs(new Date(at)),
        idempotencyKey: `schedule ${time}`,
        actor,
      });
      return { run: id };
    } catch (error) {
      // Inputs that do not fit, a key that is missing: the next time is tried, and this one says why it was not.
      const { code, message } = failureOf(error);
      this.#host.log({ run: "", path: "", message: `schedule of "${plan.name}", ${time}: ${message}`, details: { code } });
      return { error: { code, message } };
    }
  }

  #read(contract: string): Mark | undefined {
    const known = this.#marks.get(contract);
    if (known !== undefined) return known;
    const { rhythm, from, last } = this.#host.ledger.head(streamOf(contract))?.note ?? {};
    if (typeof rhythm !== "string" || typeof from !== "number" || typeof last !== "number") return undefined;
    return { rhythm, from, last };
  }

  async #write(contract: string, mark: Mark, fact: JsonObject): Promise<void> {
    const run = streamOf(contract);
    const expected = this.#host.ledger.head(run)?.version ?? 0;
    // The note says all that is needed: the marks before it are of no more use.
    const replaces = expected > 0 ? { replaces: "before" as const } : {};
    await this.#host.ledger.append([{ run, expected, facts: [fact], head: { open: true, keys: [], note: { ...mark } }, ...replaces }]);
    this.#marks.set(contract, mark);
  }
}

/** A time served later than this was missed, and not only late. */
const MISSED_AFTER_MS = 60_000;

function streamOf(contract: string): string {
  return `schedule:${contract}`;
}

function rhythmOf({ when }: Schedule): string {
  return when.type === "every" ? `every ${when.everyMs}` : `cron ${when.cron} ${when.timezone ?? ""}`.trim();
}

async function timesOf({ when }: Schedule): Promise<(mark: Mark, after: number) => number | undefined> {
  if (when.type === "every") return ({ from }, after) => from + (Math.floor((after - from) / when.everyMs) + 1) * when.everyMs;
  const { cronTimes } = await import("./cron-times.ts");
  const next = cronTimes(when.cron, when.timezone);
  return (_mark, after) => next(after);
}
