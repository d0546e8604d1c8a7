// A fact as it is recorded: what failed without secrets, and what was given without the members the author named. Everything else stays as it is, since a run
// goes on from it.

import type { Failure } from "../errors.ts";
import { toJson, type JsonObject, type JsonValue } from "../json.ts";
import type { Redaction } from "../redact.ts";
import type { Fact } from "../run/fact.ts";

/** The same fact, fit to be recorded. */
export function redactedFact(redaction: Redaction, fact: Fact): Fact {
  const told = withoutSecrets(redaction, fact);
  return redaction.recorded === undefined ? told : withoutMembers(redaction.recorded, told);
}

/** A failure as it may be told. */
export function redactedFailure(redaction: Redaction, failure: Failure): Failure {
  const { message, fix, details } = failure;
  return {
    ...failure,
    message: redaction.text(message),
    ...(fix === undefined ? {} : { fix: redaction.text(fix) }),
    ...(details === undefined ? {} : { details: redaction.value(details) }),
  };
}

/** What comes from outside, before it is checked and hashed. What is no JSON is refused later, or recorded as what its schema makes of it. */
export function redactedInput<T>({ recorded }: Redaction, given: T): T {
  const json = recorded === undefined ? undefined : toJson(given);
  // Members are replaced by texts: what the schema wants is checked after this.
  return json?.ok === true && recorded !== undefined ? (recorded(json.value) as T) : given;
}

function withoutSecrets(redaction: Redaction, fact: Fact): Fact {
  switch (fact.type) {
    case "node.failed":
    case "run.failed":
    case "compensation.failed":
    case "exit.failed":
    case "model.failed":
      return { ...fact, error: redactedFailure(redaction, fact.error) };
    case "prompt.resolved": {
      const { fallback } = fact;
      return fallback === undefined ? fact : { ...fact, fallback: { ...fallback, message: redaction.text(fallback.message) } };
    }
    case "child.settled":
      return fact.error === undefined ? fact : { ...fact, error: redactedFailure(redaction, fact.error) };
    case "run.cancelling":
    case "run.cancelled":
      return { ...fact, reason: redaction.text(fact.reason) };
    case "node.postponed":
      return { ...fact, note: redaction.text(fact.note) };
    default:
      return fact;
  }
}

function withoutMembers(recorded: (value: JsonValue) => JsonValue, fact: Fact): Fact {
  switch (fact.type) {
    case "run.started":
    case "input.updated":
      // An object stays one: only members inside it are replaced.
      return { ...fact, inputs: recorded(fact.inputs) as JsonObject };
    case "node.succeeded":
    case "node.reused":
    case "child.settled":
      return fact.value === undefined ? fact : { ...fact, value: recorded(fact.value) };
    case "event.delivered":
    case "event.counted":
    case "event.buffered":
      return { ...fact, payload: recorded(fact.payload) };
    default:
      return fact;
  }
}
