// A fact as agents see it: when, where, what, and the one detail that helps. Values, prompts and what failing code had to say stay in the ledger.

import * as z from "zod";
import type { RecordedFact } from "../src/index.ts";
import { shortenText } from "./shorten.ts";
import type { EnabledStores } from "./stores/enabled-stores.ts";

const TEXT_LIMIT = 300;
const CODE = /^[a-z][a-z0-9_]{0,63}$/;

/** The schema of one event. */
export const RunEvent = z.object({
  seq: z.int().describe("Its place in the record; several things recorded together share one"),
  at: z.string().describe("ISO 8601"),
  type: z.string().describe("What happened, such as node.succeeded"),
  step: z.string().describe("Where in the run; empty for the run as a whole"),
  detail: z.string().optional().describe("The one detail that helps: a model, an event and who sent it, an error's code"),
});

/** One event. */
export type RunEvent = z.input<typeof RunEvent>;

/** The form of a fact. */
export function eventOf(fact: RecordedFact, stores: EnabledStores): RunEvent {
  const detail = detailOf(fact, stores);
  return {
    seq: fact.position,
    at: new Date(fact.time).toISOString(),
    type: fact.type,
    step: shortenText(fact.path, TEXT_LIMIT),
    ...(detail === undefined ? {} : { detail: shortenText(detail, TEXT_LIMIT) }),
  };
}

function detailOf(fact: RecordedFact, stores: EnabledStores): string | undefined {
  switch (fact.type) {
    case "run.started":
      return `${fact.contract} version ${fact.version}${fact.actor === undefined ? "" : `, by ${stores.withoutNames(fact.actor.id)}`}`;
    case "node.started":
      return fact.attempt === 1 ? undefined : `attempt ${fact.attempt}`;
    case "node.failed":
      return fact.retryAt === undefined
        ? codeOf(fact.error.code)
        : `${codeOf(fact.error.code)}; tried again at ${new Date(fact.retryAt).toISOString()}`;
    case "run.failed":
      return codeOf(fact.error.code);
    case "prompt.resolved":
      return fact.fallback === undefined ? fact.from.store : `local file: ${codeOf(fact.fallback.code)}`;
    case "model.requested":
      return fact.model;
    case "model.replied":
      return `${fact.reply.usage.input ?? "?"} tokens in, ${fact.reply.usage.output ?? "?"} out`;
    case "model.failed":
      return `${fact.model}: ${codeOf(fact.error.code)}`;
    case "tool.called":
    case "tool.returned":
    case "tool.uncertain":
      return fact.tool;
    case "facts.read":
    case "facts.recorded":
      return `${fact.facts.length} of ${stores.nameTold(fact.store)}`;
    case "await.opened":
      return stores.withoutNames(fact.event);
    case "event.delivered":
    case "event.refused":
    case "event.buffered":
      return stores.withoutNames(`${fact.event} by ${fact.actor.id}`);
    case "child.settled":
      return `${fact.key === "" ? "" : `${fact.key} `}${fact.status}`;
    case "run.cancelled":
      return `${fact.reason}, by ${fact.actor.id}`;
    default:
      return undefined;
  }
}

/** Codes are stable words; what is none may be anything. */
function codeOf(code: string): string {
  return CODE.test(code) ? code : "failed";
}
