// What the last runs gave that left memory: most results are asked for a moment after the end, and need not be read back from the disk then.

import type { Plan } from "../compile/plan.ts";
import type { JsonValue } from "../json.ts";
import { outputsOf, type RunState } from "../run/state.ts";
import { roughLength } from "./fact-size.ts";

/** Runs that are remembered. */
const RUNS_LIMIT = 256;

/** Characters of outputs, roughly; a run that gave more is read back. */
const CHARACTERS_LIMIT = 4_096;

/** What a run gave, as it is recorded. */
export interface GivenOutputs {
  readonly plan: Plan;
  /** The run's facts by then: what was recorded later may have changed it. */
  readonly version: number;
  readonly outputs: JsonValue;
}

/** What a run in memory gives; undefined for one that has not succeeded. */
export function givenBy(state: RunState): GivenOutputs | undefined {
  const { plan, version, status } = state;
  return status === "succeeded" ? { plan, version, outputs: outputsOf(state) } : undefined;
}

/** The outputs of the last runs that succeeded, by run. */
export class RecentOutputs {
  readonly #given = new Map<string, GivenOutputs>();

  /** Remembers a root run that leaves memory. */
  note(state: RunState): void {
    const given = state.parent === undefined ? givenBy(state) : undefined;
    // A run with overrides has a plan of its own, which would be held with it.
    if (given === undefined || Object.keys(state.overrides).length > 0) return;
    if (roughLength(given.outputs, CHARACTERS_LIMIT) > CHARACTERS_LIMIT) return;
    this.#given.set(state.id, given);
    if (this.#given.size <= RUNS_LIMIT) return;
    const [oldest] = this.#given.keys();
    if (oldest !== undefined) this.#given.delete(oldest);
  }

  of(run: string): GivenOutputs | undefined {
    return this.#given.get(run);
  }

  forget(run: string): void {
    this.#given.delete(run);
  }
}
