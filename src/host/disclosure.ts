// What a host lets out of a run: facts fit to be recorded, log lines without secrets, and observations for those who listen. With nobody
// listening it costs a run nothing but a look.

import type { PlanNode } from "../compile/plan.ts";
import type { Call } from "../graph/work.ts";
import { DEFAULT_REDACTION, type Redaction } from "../redact.ts";
import type { Fact } from "../run/fact.ts";
import type { RunState } from "../run/state.ts";
import type { TraceContext } from "../trace-context.ts";
import type { LogLine } from "./carrier.ts";
import { beganPurely, tellFact } from "./observed-facts.ts";
import { Observers } from "./observers.ts";
import { redactedFact, redactedInput } from "./redacted-fact.ts";

/** What leaves a host, and how. */
export class Disclosure {
  readonly redaction: Redaction;
  readonly observers: Observers;
  /** Runs whose observers were told that they are carried here. */
  readonly #carried = new WeakSet<RunState>();

  constructor(redaction: Redaction = DEFAULT_REDACTION, observers = new Observers([], redaction)) {
    this.redaction = redaction;
    this.observers = observers;
  }

  /** A fact as it is recorded; observers are told of it. Called before it is folded. */
  fact(state: RunState, fact: Fact, at: number): Fact {
    const told = redactedFact(this.redaction, fact);
    if (this.observers.isEmpty) return told;
    try {
      return tellFact(this.observers, this.#carried, { state, fact: told, at });
    } catch (error) {
      // A fault of ours in the telling ends the telling, and not the run.
      this.observers.giveUp(error);
      return told;
    }
  }

  /** Something given from outside, before it is looked at. */
  given<T>(given: T): T {
    return redactedInput(this.redaction, given);
  }

  log(line: LogLine): LogLine {
    return { ...line, message: this.redaction.text(line.message), details: this.redaction.value(line.details) };
  }

  /** A node's code, run inside the contexts of the observers. */
  around(state: RunState, node: PlanNode, attempt: number, work: Call): Call {
    if (this.observers.isEmpty) return work;
    const place = { run: state.id, node: node.name };
    const { compensate } = work;
    return {
      ...work,
      run: (needs, context) => {
        if (!work.outside) beganPurely(this.observers, state, node, { attempt, at: context.models.now() });
        return this.observers.within(place, () => work.run(needs, context));
      },
      ...(compensate === undefined
        ? {}
        : { compensate: (needs, value, context) => this.observers.within(place, () => compensate(needs, value, context)) }),
    };
  }

  /** The trace context of what a node sends out. */
  carry(state: RunState, node: PlanNode): TraceContext | undefined {
    return this.observers.isEmpty ? undefined : this.observers.carry({ run: state.id, node: node.name });
  }
}
