// The product with every wait in the hands of a scheduler: syncs, reads, checks of payloads and calls to the outside end in whatever order it says.

import type { Scheduler } from "../fast-check.ts";
import { expect } from "vitest";
import { z } from "zod";
import { contract, createRuntime, KindlingError, LedgerError, type Delivery, type Kindling, type LedgerPlace } from "../../src/index.ts";
import { manualClock, memoryLedger } from "../../src/testing.ts";
import { crashed } from "../host/ledgers.ts";
import { nextTurn } from "../host/open-host.ts";
import { Reference } from "./reference.ts";
import { scheduledLedger } from "./scheduled-ledger.ts";
import type { Told } from "./told.ts";

const HOUR = 3_600_000;

const forever = new Promise<never>(() => {});

/** One process, from its beginning to its end or death. */
class Life {
  isDead = false;
  /** Set as soon as it has begun to recover; there when it has. */
  kindling: Promise<Kindling> = forever;
}

/** A delivery to be made. */
export interface Given {
  readonly node: "answer" | "gate";
  readonly number: number;
  readonly text: string;
  readonly isPerson: boolean;
}

/** One history of one run, over as many processes as it takes. */
export class PlayedSystem {
  readonly #scheduler: Scheduler;
  readonly #clock = manualClock();
  readonly #told: Told[] = [];
  #pending: Promise<void>[] = [];
  #place: LedgerPlace = memoryLedger();
  #life: Life | undefined;
  #run: string | undefined;
  /** Calls to the outside: how many, under which keys, and how many of them failed. */
  readonly #keys = new Set<string>();
  #calls = 0;
  #failures = 0;
  #deaths = 0;
  #made = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** A new process begins; calls wait until it has recovered. */
  open(): Life {
    const life = new Life();
    life.kindling = createRuntime({
      contracts: [this.#contractOf(life)],
      ledger: scheduledLedger(this.#place, (label) => this.#turn(label, life)),
      clock: this.#clock,
    });
    this.#life = life;
    return life;
  }

  /** Calls made, answers heard, and processes that died so far. */
  get counts(): { readonly calls: number; readonly deaths: number; readonly answers: readonly string[] } {
    return { calls: this.#made, deaths: this.#deaths, answers: this.#told.map(({ answer }) => answer) };
  }

  start(): void {
    this.#call("start", async (kindling) => {
      const run = await kindling.start("played", { id: "1" }, { idempotencyKey: "one" });
      this.#run = run.id;
      return "started";
    });
  }

  deliver({ node, number, text, isPerson }: Given): void {
    const id = `${node} ${number}`;
    const request = {
      event: node === "answer" ? "answered" : "decided",
      correlation: { id: "1" },
      payload: text,
      deliveryId: id,
      actor: { id: "somebody", assurance: isPerson ? ("outOfBand" as const) : ("agent" as const) },
    };
    this.#call("deliver", async (kindling) => wordOf(await kindling.deliver(request)), { node, id, text, isPerson });
  }

  cancel(): void {
    this.#call("cancel", async (kindling) => {
      await kindling.cancel(this.#run ?? "run_none");
      return "cancelled";
    });
  }

  retry(): void {
    this.#call("retry", async (kindling) => {
      await kindling.retry(this.#run ?? "run_none");
      return "retried";
    });
  }

  pass(hours: number): void {
    this.#clock.advance(hours * HOUR);
  }

  /** The process dies: what is not durable is gone, and nobody hears from it again. */
  async crash(): Promise<void> {
    if (this.#life === undefined) return;
    this.#life.isDead = true;
    this.#life = undefined;
    this.#pending = [];
    this.#deaths += 1;
    this.#place = await crashed(this.#place).catch(nothingYet);
  }

  /** Plays what is left to its end, and gives everything that is wrong with this history. */
  async end(): Promise<readonly string[]> {
    const life = this.#life ?? this.open();
    await this.#settle();
    const kindling = await this.#driven(life.kindling);
    const id = (await kindling.list()).items[0]?.id;
    if (id === undefined) return this.#problemsOf([]);
    for (let tries = 0; (await this.#driven(kindling.get(id)))?.status === "waiting" && tries < 20; tries++) {
      this.pass(5);
      await this.#settle();
    }
    const view = await this.#driven(kindling.get(id));
    expect(["succeeded", "failed", "cancelled"]).toContain(view?.status);
    const problems = this.#problemsOf(await this.#driven(kindling.facts(id)));
    expect((await kindling.verify()).faults).toEqual([]);
    await kindling.close();
    // The next process sees the same run, and makes no call for it.
    const calls = this.#calls;
    const next = await this.#driven(this.open().kindling);
    expect(await this.#driven(next.get(id))).toEqual(view);
    expect(this.#calls).toBe(calls);
    await next.close();
    return problems;
  }

  #problemsOf(facts: Awaited<ReturnType<Kindling["facts"]>>): readonly string[] {
    const reference = new Reference();
    for (const fact of facts) reference.read(fact);
    for (const told of this.#told) reference.judge(told);
    const deliveries = this.#told.filter(({ answer }) => answer === "delivered").map(({ id }) => id);
    if (new Set(deliveries).size < deliveries.length) reference.problems.push("two callers were told that they delivered");
    if (this.#keys.size > 1) reference.problems.push(`one effect had ${this.#keys.size} keys`);
    if (this.#calls > 1 + this.#failures + this.#deaths) reference.problems.push(`${this.#calls} calls after ${this.#deaths} deaths`);
    return reference.problems;
  }

  #call(call: Told["call"], make: (kindling: Kindling) => Promise<string>, more: Partial<Told> = {}): void {
    const life = this.#life;
    if (life === undefined) return;
    this.#made += 1;
    const isKnown = this.#run !== undefined;
    const made = this.#scheduler
      .schedule(Promise.resolve(), call)
      .then(() => (life.isDead ? forever : life.kindling))
      .then(make)
      .catch(codeOf)
      // Whoever asked a process that died meanwhile hears nothing.
      .then((answer) => void (life.isDead || this.#told.push({ call, answer, isKnown, ...more })));
    this.#pending.push(made);
  }

  /** The scheduler works until something is there. */
  #driven<T>(work: Promise<T>): Promise<T> {
    return this.#scheduler.waitFor(work);
  }

  async #settle(): Promise<void> {
    await this.#driven(Promise.all(this.#pending));
    await this.#scheduler.waitIdle();
    await nextTurn(3);
    await this.#scheduler.waitIdle();
  }

  async #turn(label: string, life: { readonly isDead: boolean }): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), label);
    if (life.isDead) await forever;
  }

  #contractOf(life: { readonly isDead: boolean }) {
    const text = z.string().refine(() => this.#turn("check", life).then(() => true));
    return contract("played", {
      inputs: { id: z.string() },
      correlate: ["id"],
      define: (g, { id }) => {
        const answer = g.await("answer", { event: "answered", schema: text, show: { id }, timeout: "5h", onTimeout: { value: "late" } });
        const gate = g.await("gate", { event: "decided", schema: text, show: { answer }, by: "human", timeout: "5h" });
        return g.effect("publish", {
          needs: { answer, gate },
          retry: { attempts: 1 },
          run: async (needs, { idempotencyKey }) => {
            this.#calls += 1;
            this.#keys.add(idempotencyKey);
            await this.#turn("publish", life);
            if (this.#calls > 1) return needs;
            // The first one fails, so that there is something to retry.
            this.#failures += 1;
            throw new Error("the printer is on fire");
          },
        });
      },
    });
  }
}

/** What a process leaves that died before its first sync. */
function nothingYet(error: unknown): LedgerPlace {
  if (error instanceof LedgerError && error.code === "ledger_missing") return memoryLedger();
  throw error;
}

function wordOf(delivery: Delivery): string {
  return delivery.status === "refused" ? delivery.code : delivery.status;
}

function codeOf(error: unknown): string {
  return error instanceof KindlingError ? error.code : String(error);
}
