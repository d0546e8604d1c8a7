// A fact as a row: its place in the ledger, when, where in the run, what, and the one detail that says most.

import { describeDollars, describeMilliseconds, describePromptOrigin, type RecordedFact, replySpending } from "../../index.ts";
import { clockOfDay } from "./moment.ts";
import type { Paint } from "./paint.ts";
import { describeSpending } from "./spending.ts";
import { groupDigits, oneLine } from "./text.ts";
import { brief } from "./value.ts";

const DETAIL_LIMIT = 90;

/** The row of a fact. Expects visible text. */
export function factRow(fact: RecordedFact, paint: Paint): string[] {
  return [
    paint("faint", String(fact.position)),
    paint("faint", clockOfDay(fact.time)),
    fact.type,
    paint("strong", oneLine(fact.path, 120)),
    paint("faint", oneLine(detailOf(fact), DETAIL_LIMIT)),
  ];
}

function detailOf(fact: RecordedFact): string {
  switch (fact.type) {
    case "run.started":
      return `${fact.contract} version ${fact.version}, plan ${fact.plan.slice(0, 12)}${byActor(fact)}`;
    case "node.started":
    case "compensation.started":
      return `attempt ${fact.attempt}`;
    case "node.succeeded":
      return fact.value === undefined ? "" : brief(fact.value, DETAIL_LIMIT);
    case "node.failed":
    case "compensation.failed":
      return `${fact.error.code}: ${fact.error.message}${fact.retryAt === undefined ? "" : `; again at ${clockOfDay(fact.retryAt)}`}`;
    case "node.reused":
      return `of ${fact.source}`;
    case "node.postponed":
      return `${fact.note}; again at ${clockOfDay(fact.until)}`;
    case "children.listed":
      return fact.keys.length === 1 && fact.keys[0] === fact.part ? `case ${fact.part}` : `${fact.keys.length}: ${fact.keys.join(", ")}`;
    case "child.started":
    case "child.settled":
    case "child.compensated":
      return childDetail(fact);
    case "timer.set":
      return `until ${clockOfDay(fact.at)}`;
    case "input.updated":
      return `${fact.changed.join(", ")}${byActor(fact)}`;
    case "run.retried":
      return `round ${fact.round}${byActor(fact)}`;
    case "prompt.resolved":
    case "model.requested":
    case "model.replied":
    case "model.failed":
    case "tool.called":
    case "tool.uncertain":
    case "tool.returned":
    case "remote.started":
      return workDetail(fact);
    case "facts.read":
    case "facts.recorded":
      return storeDetail(fact);
    case "await.opened":
    case "await.reminded":
    case "event.delivered":
    case "event.counted":
    case "event.refused":
    case "event.buffered":
    case "event.taken":
      return eventDetail(fact);
    case "budget.reserved":
    case "budget.settled":
      return budgetDetail(fact);
    case "run.upgraded":
    case "run.failed":
    case "run.cancelling":
    case "run.cancelled":
    case "run.compacted":
      return turnDetail(fact);
    case "exit.started":
    case "exit.succeeded":
    case "exit.failed":
      return exitDetail(fact);
    case "compensation.succeeded":
    case "run.compensating":
    case "timer.fired":
    case "run.waiting":
    case "run.succeeded":
      return "";
  }
}

function byActor({ actor }: { readonly actor?: { readonly id: string } }): string {
  return actor === undefined ? "" : `, by ${actor.id}`;
}

function budgetDetail(fact: Extract<RecordedFact, { readonly type: `budget.${string}` }>): string {
  const { usd, tokens } = fact.type === "budget.reserved" ? fact.reserved : fact.spent;
  const amounts = `${groupDigits(tokens)} tokens${usd === 0 ? "" : `, ${describeDollars(usd)}`}`;
  if (fact.type === "budget.reserved") return `${amounts} at most for ${fact.model} at ${fact.from}`;
  return fact.uncertain === true ? `${amounts}, since nobody knows what it came to` : amounts;
}

type Turn = Extract<RecordedFact, { readonly type: "run.upgraded" | "run.failed" | "run.cancelling" | "run.cancelled" | "run.compacted" }>;

/** What became of a run. */
function turnDetail(fact: Turn): string {
  switch (fact.type) {
    case "run.upgraded":
      return `plan ${fact.plan.slice(0, 12)}`;
    case "run.failed":
      return `${fact.error.code}: ${fact.error.message}`;
    case "run.cancelling":
    case "run.cancelled":
      return `${fact.reason}, by ${fact.actor.id}`;
    case "run.compacted":
      return `${fact.receipt.facts} facts, by ${fact.receipt.compactedBy.id}`;
  }
}

function exitDetail(fact: Extract<RecordedFact, { readonly type: `exit.${string}` }>): string {
  switch (fact.type) {
    case "exit.started":
      return `${fact.exit}, attempt ${fact.attempt}`;
    case "exit.succeeded":
      return fact.exit;
    case "exit.failed":
      return `${fact.exit}: ${fact.error.code}: ${fact.error.message}`;
  }
}

function workDetail(
  fact: Extract<RecordedFact, { readonly type: `model.${string}` | `tool.${string}` | "prompt.resolved" | "remote.started" }>,
): string {
  switch (fact.type) {
    case "model.requested":
      return `${fact.model}${fact.prompt === undefined ? "" : `, prompt ${fact.prompt}`}, request ${fact.request.slice(0, 12)}`;
    case "prompt.resolved":
      return `${fact.prompt} of ${describePromptOrigin(fact)}`;
    case "model.replied":
      return `${describeMilliseconds(fact.durationMs)}, ${describeSpending(replySpending(fact))}`;
    case "model.failed":
      return `${fact.model}: ${fact.error.code}: ${fact.error.message}`;
    case "tool.called":
      return `${fact.tool}, call ${fact.call}, attempt ${fact.attempt}${fact.version === undefined ? "" : `, ${fact.version.slice(0, 19)}`}`;
    case "tool.uncertain":
      return `${fact.tool}, call ${fact.call}: ${fact.decided}`;
    case "tool.returned":
      return `${fact.tool}, ${describeMilliseconds(fact.durationMs)}, ${fact.error ?? `${fact.characters} characters`}`;
    case "remote.started":
      return `${fact.there} on ${fact.url}`;
  }
}

function storeDetail({ store, facts }: Extract<RecordedFact, { readonly type: `facts.${string}` }>): string {
  return facts.length === 0 ? `nothing of ${store}` : facts.join(", ");
}

function childDetail(fact: Extract<RecordedFact, { readonly type: `child.${string}` }>): string {
  const key = fact.key === "" ? "" : `${fact.key} `;
  switch (fact.type) {
    case "child.started":
      return `${key}is ${fact.child}`;
    case "child.settled":
      return `${key}${fact.status}${fact.error === undefined ? "" : ` ${fact.error.code}`}`;
    case "child.compensated":
      return fact.key;
  }
}

function eventDetail(fact: Extract<RecordedFact, { readonly type: `await.${string}` | `event.${string}` }>): string {
  switch (fact.type) {
    case "await.reminded":
      return `the ${fact.count}. time`;
    case "await.opened":
      return `${fact.event}${fact.deadline === undefined ? "" : `, until ${clockOfDay(fact.deadline)}`}, shown ${fact.shown.slice(0, 12)}`;
    case "event.delivered":
      return `${fact.event} by ${fact.actor.id}: ${brief(fact.payload)}`;
    case "event.counted":
      return `${fact.event} by ${fact.actor.id}, and more people are needed: ${brief(fact.payload)}`;
    case "event.refused":
      return `${fact.event} by ${fact.actor.id}: ${fact.code}`;
    case "event.buffered":
      return `${fact.event} by ${fact.actor.id}, before its await`;
    case "event.taken":
      return `by ${fact.at} of ${fact.taker}`;
  }
}
