// A fact as a row: its place in the ledger, when, where in the run, what, and the one detail that says most.

import { describeMilliseconds, type RecordedFact, replySpending } from "../../index.ts";
import { clockOfDay } from "./moment.ts";
import type { Paint } from "./paint.ts";
import { describeSpending } from "./spending.ts";
import { oneLine } from "./text.ts";
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
      return `${fact.contract} version ${fact.version}, plan ${fact.plan.slice(0, 12)}${fact.actor === undefined ? "" : `, by ${fact.actor.id}`}`;
    case "node.started":
      return `attempt ${fact.attempt}`;
    case "node.succeeded":
      return fact.value === undefined ? "" : brief(fact.value, DETAIL_LIMIT);
    case "node.failed":
      return `${fact.error.code}: ${fact.error.message}${fact.retryAt === undefined ? "" : `; again at ${clockOfDay(fact.retryAt)}`}`;
    case "model.requested":
      return `${fact.model}${fact.prompt === undefined ? "" : `, prompt ${fact.prompt}`}, request ${fact.request.slice(0, 12)}`;
    case "model.replied":
      return `${describeMilliseconds(fact.durationMs)}, ${describeSpending(replySpending(fact))}`;
    case "children.listed":
      return fact.keys.length === 1 && fact.keys[0] === fact.part ? `case ${fact.part}` : `${fact.keys.length}: ${fact.keys.join(", ")}`;
    case "child.started":
      return `${fact.key === "" ? "" : `${fact.key} `}is ${fact.child}`;
    case "child.settled":
      return `${fact.key === "" ? "" : `${fact.key} `}${fact.status}${fact.error === undefined ? "" : ` ${fact.error.code}`}`;
    case "await.opened":
      return `${fact.event}${fact.deadline === undefined ? "" : `, until ${clockOfDay(fact.deadline)}`}, shown ${fact.shown.slice(0, 12)}`;
    case "event.delivered":
      return `${fact.event} by ${fact.actor.id}: ${brief(fact.payload)}`;
    case "event.refused":
      return `${fact.event} by ${fact.actor.id}: ${fact.code}`;
    case "event.buffered":
      return `${fact.event} by ${fact.actor.id}, before its await`;
    case "event.taken":
      return `by ${fact.at} of ${fact.taker}`;
    case "run.upgraded":
      return `plan ${fact.plan.slice(0, 12)}`;
    case "run.failed":
      return `${fact.error.code}: ${fact.error.message}`;
    case "run.cancelled":
      return `${fact.reason}, by ${fact.actor.id}`;
    case "timer.fired":
    case "run.waiting":
    case "run.succeeded":
      return "";
  }
}
