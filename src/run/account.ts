// What the facts of a run say by themselves, without its contract: what went in, what nodes gave, who decided what, how it ended and what it cost. Pure.

import type { Failure } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { Entry } from "../ledger/ledger.ts";
import type { Actor, Fact } from "./fact.ts";
import { joinPath } from "./path.ts";
import { readFact } from "./read-fact.ts";
import { addSpending, NO_SPENDING, replySpending, type Spending } from "./spending.ts";

/** A run, as its facts tell it. Times are milliseconds since 1970. */
export interface RunAccount {
  readonly run: string;
  readonly contract: string;
  readonly version: string;
  /** `open` while its facts tell of no end. */
  readonly status: "open" | "succeeded" | "failed" | "cancelled";
  readonly error: Failure | null;
  /** Who started it, as far as that was told. */
  readonly starter: Actor | null;
  /** As they were last. */
  readonly inputs: JsonObject;
  /** What the run's own nodes gave, by name; with the last value where there were several. */
  readonly values: JsonObject;
  /** What came from outside, in order, those of its children included. */
  readonly decisions: readonly AccountedDecision[];
  /** Of the run and its children. */
  readonly spending: Spending;
  /** Runs whose facts were looked at, itself included. */
  readonly runs: readonly string[];
  /** Children that its facts name and whose own facts are not among those given. */
  readonly missingChildren: readonly string[];
  readonly firstTime: number;
  readonly lastTime: number;
}

/** Somebody answered something. */
export interface AccountedDecision {
  /** From the root run. */
  readonly path: string;
  readonly event: string;
  readonly payload: JsonValue;
  readonly actor: Actor;
  readonly time: number;
}

/** The account of a run. `entries` are its commits and its children's, in the order of the ledger. `undefined` when none of them starts it. @throws RunError `fact_too_new` */
export function accountOf(run: string, entries: readonly Entry[]): RunAccount | undefined {
  const account = new Account(run);
  for (const entry of entries) for (const fact of entry.facts) account.take(entry, readFact(fact, entry.run));
  return account.told(entries);
}

class Account {
  readonly #run: string;
  readonly #paths = new Map<string, string>();
  readonly #children = new Map<string, string>();
  readonly #settled: { readonly of: string; readonly spending: Spending }[] = [];
  readonly #values = new Map<string, JsonValue>();
  readonly #decisions: AccountedDecision[] = [];
  #started: Extract<Fact, { type: "run.started" }> | undefined;
  #inputs: JsonObject = {};
  #status: RunAccount["status"] = "open";
  #error: Failure | null = null;
  #spending = NO_SPENDING;

  constructor(run: string) {
    this.#run = run;
  }

  take({ run, time }: Entry, fact: Fact): void {
    if (fact.type === "run.started") this.#paths.set(run, fact.path);
    if (fact.type === "model.replied") this.#spending = addSpending(this.#spending, replySpending(fact));
    if (fact.type === "child.started") this.#children.set(childName(run, fact), fact.child);
    if (fact.type === "child.settled" && fact.spending !== undefined && fact.source === undefined)
      this.#settled.push({ of: childName(run, fact), spending: fact.spending });
    if (fact.type === "event.delivered" || fact.type === "event.counted") {
      const { event, payload, actor, node } = fact;
      this.#decisions.push({ path: joinPath(this.#paths.get(run) ?? "", node), event, payload, actor, time });
    }
    if (run === this.#run) this.#takeOwn(fact);
  }

  told(entries: readonly Entry[]): RunAccount | undefined {
    const started = this.#started;
    if (started === undefined) return undefined;
    const runs = [...new Set(entries.map((entry) => entry.run))];
    const present = new Set(runs);
    // What a child spent stands in its own facts, where these are there, and else in the one that tells its end.
    const unseen = this.#settled.filter(({ of }) => !present.has(this.#children.get(of) ?? ""));
    const times = entries.map(({ time }) => time);
    return {
      run: this.#run,
      contract: started.contract,
      version: started.version,
      status: this.#status,
      error: this.#error,
      starter: started.actor ?? null,
      inputs: this.#inputs,
      values: Object.fromEntries(this.#values),
      decisions: this.#decisions,
      spending: unseen.reduce((sum, { spending }) => addSpending(sum, spending), this.#spending),
      runs,
      missingChildren: [...new Set(this.#children.values())].filter((child) => !present.has(child)),
      firstTime: times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      lastTime: times.reduce((a, b) => Math.max(a, b), 0),
    };
  }

  #takeOwn(fact: Fact): void {
    switch (fact.type) {
      case "run.started":
        this.#started = fact;
        this.#inputs = fact.inputs;
        return;
      case "input.updated":
        this.#inputs = fact.inputs;
        this.#reopen();
        return;
      case "run.retried":
      case "run.upgraded":
        this.#reopen();
        return;
      case "node.succeeded":
      case "node.reused":
        if (fact.value !== undefined) this.#values.set(fact.node, fact.value);
        return;
      case "event.delivered":
        this.#values.set(fact.node, fact.payload);
        return;
      case "run.succeeded":
        this.#status = "succeeded";
        return;
      case "run.failed":
        this.#status = "failed";
        this.#error = fact.error;
        return;
      case "run.cancelled":
        this.#status = "cancelled";
        return;
      default:
        return;
    }
  }

  #reopen(): void {
    this.#status = "open";
    this.#error = null;
  }
}

function childName(run: string, { node, key }: { readonly node: string; readonly key: string }): string {
  return JSON.stringify([run, node, key]);
}
