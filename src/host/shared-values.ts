// Values that another run has found already (R10). Who wants one that is being made at this moment waits for it.

import type { PlanNode } from "../compile/plan.ts";
import type { JsonValue } from "../json.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { keys } from "../run/head.ts";
import type { Clock } from "./clock.ts";

/** A value, and the fact that made it. */
export interface SharedValue {
  readonly value: JsonValue;
  readonly source: string;
}

/** Runs that are looked at for one value; the newest ones. */
const LOOK_LIMIT = 5;

/** Facts read of a run at first. */
const PART_FACTS = 512;

/** The values of a ledger that its runs share. */
export class SharedValues {
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #inTheMaking = new Map<string, Promise<void>>();

  constructor(ledger: Ledger, clock: Clock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /** A value that was found for this node and reading; undefined when the caller is to make it, who then says when that is over. */
  async find(node: PlanNode, hash: string): Promise<SharedValue | { readonly make: () => void }> {
    for (let making = this.#inTheMaking.get(hash); making !== undefined; making = this.#inTheMaking.get(hash)) await making;
    // Set before anything is waited for, so that of two who come at once one makes it.
    let make: () => void = () => {};
    const made = new Promise<void>((resolve) => (make = resolve)).then(() => void this.#inTheMaking.delete(hash));
    this.#inTheMaking.set(hash, made);
    const found = await this.#recorded(node, hash);
    if (found === undefined) return { make };
    make();
    return found;
  }

  async #recorded({ name, definition }: PlanNode, hash: string): Promise<SharedValue | undefined> {
    const ttlMs = definition.behaviour.reuse?.ttlMs;
    const since = ttlMs === undefined ? Number.NEGATIVE_INFINITY : this.#clock.now() - ttlMs;
    for (const { run, version } of this.#ledger.find({ keys: [keys.made(hash)], newestFirst: true, limit: LOOK_LIMIT })) {
      const found = await this.#madeIn(run, version, name, since);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The last value of a node in a run; the run is read from its end on, in ever larger parts. */
  async #madeIn(run: string, version: number, name: string, since: number): Promise<SharedValue | undefined> {
    for (let count = PART_FACTS; ; count *= 2) {
      const from = Math.max(1, version - count + 1);
      for (const { facts, first, time } of (await this.#ledger.read(run, { from })).toReversed()) {
        if (time < since) return undefined;
        const index = facts.findLastIndex((fact) => fact["type"] === "node.succeeded" && fact["node"] === name && "value" in fact);
        const value = facts[index]?.["value"];
        if (value !== undefined) return { value, source: `${run}:${first + index}` };
      }
      if (from === 1) return undefined;
    }
  }
}
