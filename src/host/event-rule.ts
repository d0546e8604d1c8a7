// One rule by which events of a history start runs, or answer awaits. Taking an event twice changes nothing: the run has an id that follows from it, and so has the delivery.

import type { Plan } from "../compile/plan.ts";
import { InputError, RunError } from "../errors.ts";
import { atOnce } from "../graph/at-once.ts";
import type { HistoryRule, StartRule } from "../graph/history-rule.ts";
import type { Wait } from "../graph/work.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { answerOf } from "../nodes/callback.ts";
import { sha256 } from "../sha256.ts";
import { type RawFact, refOf } from "../store/fact.ts";
import { readWritten } from "../store/value.ts";
import { givenValue, thrownFailure } from "./author-code.ts";
import { deliver } from "./deliver.ts";
import type { EmbeddedHost } from "./embedded.ts";

/** What became of an event. Whatever else is thrown is no fault of it, and it is offered again. */
export type Taken = { readonly status: "done" } | { readonly status: "refused"; readonly code: string; readonly message: string };

/** A rule as a host keeps it. */
export interface EventRule {
  /** Durable. */
  readonly name: string;
  readonly contract: string;
  readonly what: "start" | "await";
  readonly history: string;
  /** Events of before the rule was known count, too. */
  readonly fromBeginning: boolean;
  readonly take: (fact: RawFact) => Promise<Taken>;
}

const DONE: Taken = { status: "done" };

/** All rules of contracts. */
export function eventRules(host: EmbeddedHost, plans: Iterable<Plan>): readonly EventRule[] {
  const rules = new Map<string, EventRule>();
  for (const plan of plans) {
    const { start } = plan.graph;
    if (start !== undefined) rules.set(`start:${plan.name}`, startRule(host, plan, start));
    // Awaits that mean the same events have the same name, wherever they stand.
    for (const wait of waitsIn(plan))
      if (!rules.has(wait.event) && wait.on !== undefined) rules.set(wait.event, awaitRule(host, plan, wait, wait.on));
  }
  return [...rules.values()];
}

function waitsIn(plan: Plan): readonly Wait[] {
  return plan.nodes.flatMap(({ definition, parts }) => {
    const { work } = definition.behaviour;
    return [...(work.type === "wait" ? [work] : []), ...Object.values(parts).flatMap(waitsIn)];
  });
}

function startRule(host: EmbeddedHost, plan: Plan, rule: StartRule): EventRule {
  return {
    name: `start:${plan.name}`,
    contract: plan.name,
    what: "start",
    history: rule.history.name,
    fromBeginning: rule.from === "beginning",
    take: async (fact) => {
      const made = await madeOf(rule, fact, "start");
      if ("status" in made) return made;
      try {
        await host.start({
          contract: plan.name,
          inputs: made.value,
          idempotencyKey: startKey(fact.id),
          actor: { id: `history:${fact.store}`, assurance: "agent" },
          from: fact.id,
        });
        return DONE;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        // It was started before: with other inputs, where the code has changed since, or so long ago that the run is gone.
        if (STARTED.has(error.code)) return DONE;
        return { status: "refused", code: error.code, message: error.message };
      }
    },
  };
}

const STARTED: ReadonlySet<string> = new Set(["idempotency_conflict", "run_erased", "run_compacted"]);

/** Ids may be longer than a key. */
function startKey(id: string): string {
  return `event ${sha256(id)}`;
}

function awaitRule(host: EmbeddedHost, plan: Plan, { event }: Wait, rule: HistoryRule): EventRule {
  return {
    name: event,
    contract: plan.name,
    what: "await",
    history: rule.history.name,
    fromBeginning: isForRunsOfThePast(host.plans.awaiting(event)),
    take: async (fact) => {
      const made = await madeOf(rule, fact, "await");
      if ("status" in made) return made;
      const correlation = givenValue(made.value);
      if (!correlation.ok || !isJsonObject(correlation.value) || Object.keys(correlation.value).length === 0)
        return { status: "refused", code: "no_correlation", message: "correlate gave no correlation keys" };
      return delivered(host, event, fact, made.event, correlation.value);
    },
  };
}

/** Runs that are started for events of before the rule was known wait for those that followed then. What is kept early is kept from today on. */
function isForRunsOfThePast(plans: readonly Plan[]): boolean {
  return plans.some(({ graph }) => graph.start?.from === "beginning") && plans.every(({ graph }) => graph.early === undefined);
}

/** Refusals that say that nobody waits for the event, or that it was taken before. */
const CONCERNS_NOBODY: ReadonlySet<string> = new Set(["run_not_found", "run_ended", "run_erased", "already_decided", "delivery_conflict"]);

async function delivered(host: EmbeddedHost, event: string, fact: RawFact, payload: unknown, correlation: JsonObject): Promise<Taken> {
  const actor = { id: `history:${fact.store}`, assurance: "agent" } as const;
  const delivery = await deliver(host, { event, correlation, payload, deliveryId: fact.id, actor, to: "all" }, fact);
  if (delivery.status !== "refused" || CONCERNS_NOBODY.has(delivery.code)) return DONE;
  return { status: "refused", code: delivery.code, message: delivery.message };
}

/** The event as its definition reads it, and what the author's code makes of it. */
async function madeOf(
  { history, when, make }: HistoryRule,
  fact: RawFact,
  what: EventRule["what"],
): Promise<Taken | { readonly event: unknown; readonly value: unknown }> {
  try {
    const event = (await readWritten(history, fact))?.value;
    const ref = refOf(fact);
    const isMeant = when === undefined || answered(`${what}.when`, () => when(event, ref));
    if (isMeant === false) return DONE;
    if (isMeant !== true) throw new RunError("not_a_boolean", `${what}.when gave ${typeof isMeant}, and must give true or false`);
    return { event, value: answered(what === "start" ? "start.inputs" : "await.correlate", () => make(event, ref)) };
  } catch (error) {
    const { code, message } = thrownFailure(error);
    return { status: "refused", code, message };
  }
}

/** What a callback of an author answers; an event that it throws at is told with its name. */
function answered<T>(callback: string, call: () => T): T {
  return atOnce(callback, answerOf(callback, call));
}
