// Calling authors' callbacks that must answer at once: which of them threw, and what they gave instead of an answer. Knows no kind.

import { KindlingError } from "../errors.ts";
import { isPromise } from "../graph/at-once.ts";

/** Calls back; what is thrown says which callback it was, and where it was. An error that says more by its own code goes on as it is. */
export function answerOf<T>(callback: string, call: () => T, where = ""): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof KindlingError) throw error;
    throw new Error(`${callback} threw${where}: ${error instanceof Error ? error.message : shownAnswer(error)}`, { cause: error });
  }
}

const SHOWN_LIMIT = 80;

/** What a callback gave instead of an answer, in a few words. */
export function shownAnswer(given: unknown): string {
  if (isPromise(given)) return "a promise";
  if (Array.isArray(given)) return "a list";
  switch (typeof given) {
    case "object":
      return given === null ? "null" : "an object";
    case "function":
    case "symbol":
      return `a ${typeof given}`;
    case "string":
      return JSON.stringify(given.length <= SHOWN_LIMIT ? given : `${given.slice(0, SHOWN_LIMIT)}…`);
    default:
      return String(given);
  }
}
