// R11: any order of deliveries, deadlines, cancels, crashes and reopenings, against a small model of what must come out of it.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, createRuntime, type Delivery, type Kindling, type LedgerPlace } from "../../src/index.ts";
import { manualClock, memoryLedger, type ManualClock } from "../../src/testing.ts";
import { crashed, factsOf } from "../host/ledgers.ts";
import { nextTurn } from "../host/open-host.ts";

const SEED = Number(process.env["KINDLING_SEED"] ?? 20_261_121);
const RUNS = Number(process.env["KINDLING_RUNS"] ?? 150);

const HOUR = 3_600_000;

/** Two items and the run itself wait for the same event, one after the other and side by side. */
const approval = contract("approval", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define(g, { id }) {
    const list = g.compute("list", { needs: { id }, run: () => ["en", "de"] });
    const posts = g.collection("posts", {
      over: list,
      as: "lang",
      key: (lang) => lang,
      each: (inner, { lang }) =>
        inner.await("check", { event: "checked", schema: z.string(), show: { lang }, timeout: "5h", onTimeout: { value: "late" } }),
    });
    return g.await("last", { event: "checked", schema: z.string(), show: { posts }, timeout: "5h", onTimeout: { value: "late" } });
  },
});

const AWAITS = ["posts[en]/check", "posts[de]/check", "last"] as const;

type Step =
  | { readonly do: "deliver"; readonly path: (typeof AWAITS)[number]; readonly id: number; readonly text: string }
  | { readonly do: "pass"; readonly hours: number }
  | { readonly do: "cancel" }
  | { readonly do: "crash" }
  | { readonly do: "reopen" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("deliver" as const),
      path: fc.constantFrom(...AWAITS),
      id: fc.nat(4),
      text: fc.constantFrom("a", "b"),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pass" as const), hours: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.constant({ do: "cancel" as const }) },
  { weight: 3, arbitrary: fc.constant({ do: "crash" as const }) },
  { weight: 2, arbitrary: fc.constant({ do: "reopen" as const }) },
);

/** What is allowed to be answered, from what was answered before. */
class Reference {
  readonly #decided = new Map<string, { readonly id: string; readonly text: string }>();

  /** Notes an answer and says what is wrong with it. */
  judge(step: Extract<Step, { do: "deliver" }>, delivery: Delivery): string | undefined {
    const id = `${step.path}#${step.id}`;
    const decided = this.#decided.get(step.path);
    if (delivery.status === "delivered" || delivery.status === "buffered") {
      if (decided !== undefined) return `${step.path} was answered by ${decided.id}, and ${id} was accepted too`;
      if (delivery.status === "delivered") this.#decided.set(step.path, { id, text: step.text });
      return undefined;
    }
    if (delivery.status === "duplicate" && decided !== undefined && decided.id !== id)
      return `${id} was called a duplicate, and ${decided.id} was taken`;
    return undefined;
  }
}

describe(`any order of what can happen (KINDLING_SEED=${SEED})`, () => {
  it(`leaves one answer for each await and an end that the log explains, in ${RUNS} histories`, { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), fc.boolean(), async (steps, isHasty) => {
        await new History(isHasty).play(steps);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
});

/** One history over several processes. With `isHasty`, steps do not wait for each other. */
class History {
  readonly #clock: ManualClock = manualClock();
  readonly #reference = new Reference();
  readonly #isHasty: boolean;
  #place: LedgerPlace = memoryLedger();

  constructor(isHasty: boolean) {
    this.#isHasty = isHasty;
  }

  async play(steps: readonly Step[]): Promise<void> {
    let kindling = await this.#open();
    const { id } = await kindling.start(approval, { id: "1" });
    let pending: Promise<unknown>[] = [];
    for (const each of steps) {
      if (each.do === "crash" || each.do === "reopen") {
        await Promise.allSettled(pending);
        pending = [];
        const cut = each.do === "crash" ? await crashed(this.#place) : this.#place;
        await kindling.close();
        this.#place = cut;
        kindling = await this.#open();
        continue;
      }
      pending.push(this.#do(kindling, id, each));
      if (!this.#isHasty) await Promise.all(pending);
    }
    await Promise.all(pending);
    const run = await kindling.run(id);
    let view = await run.settled({ signal: AbortSignal.timeout(20_000) });
    // Each deadline is five hours after its await opened, and they open one after the other.
    for (let hours = 0; view.status === "waiting" && hours < 100; hours += 5) {
      this.#clock.advance(5 * HOUR);
      await nextTurn(20);
      view = await run.settled({ signal: AbortSignal.timeout(20_000) });
    }
    expect(["succeeded", "cancelled"]).toContain(view.status);
    await this.#check();
    await kindling.close();
  }

  #open(): Promise<Kindling> {
    return createRuntime({ contracts: [approval], ledger: this.#place, clock: this.#clock });
  }

  async #do(kindling: Kindling, id: string, each: Exclude<Step, { do: "crash" | "reopen" }>): Promise<void> {
    if (each.do === "pass") {
      this.#clock.advance(each.hours * HOUR);
      await nextTurn(3);
    } else if (each.do === "cancel") await kindling.cancel(id);
    else {
      const delivery = await kindling.deliver({
        event: "checked",
        run: id,
        path: each.path,
        payload: each.text,
        deliveryId: `${each.path}#${each.id}`,
      });
      expect(this.#isHasty ? undefined : this.#reference.judge(each, delivery)).toBeUndefined();
    }
  }

  /** Every await has one outcome, every id is used once, nothing follows the end of a run. */
  async #check(): Promise<void> {
    const facts = await factsOf(this.#place);
    const outcomes = facts.filter(
      ({ type, node }) => (type === "event.delivered" || type === "node.succeeded") && (node === "check" || node === "last"),
    );
    expect(new Set(outcomes.map(({ run, node }) => `${run} ${node ?? ""}`)).size).toBe(outcomes.length);
    const ids = facts.flatMap(({ type, deliveryId }) => (type === "event.delivered" ? [deliveryId] : []));
    expect(new Set(ids).size).toBe(ids.length);
    const over = new Set<string>();
    for (const { run, type } of facts) {
      expect(over.has(run), `${type} after the end of ${run}`).toBe(false);
      if (/^run\.(succeeded|failed|cancelled)$/.test(type)) over.add(run);
    }
  }
}
