// What reading facts may be refused for, as agents are told it: which argument is wrong, or that something is not there any more.

import { InputError, RunError } from "../../src/index.ts";
import { Refusal } from "../failure.ts";

/** Which argument does not fit, by the code of what was thrown. */
const ARGUMENTS: Readonly<Record<string, readonly [at: string, message: string]>> = {
  bad_key: ["key", "is no key: a text of 1 to 256 characters"],
  partition_needed: ["key", "names the part of a history that is kept in parts, and is left out where it is not: list_stores tells"],
  unknown_index: ["index", "is none of the store: list_stores tells which there are"],
  bad_index_value: ["value", "cannot stand in an index: give well-formed text, a number, true, false or null"],
  bad_range: ["from", "and the other ends make no part of an index: give ends of one kind"],
  bad_cursor: ["cursor", "is no cursor of this question: leave it out for the first page"],
  bad_as_of: ["as_of", "is no time: ISO 8601 with a time zone, or a day"],
  as_of_ahead: ["as_of", "lies in the future"],
  bad_valid_time: ["valid_at", "is no time: ISO 8601 with a time zone, or a day"],
  bad_fact_id: ["id", "is no id of a fact: use one that a tool gave"],
  fact_differs: ["id", "names another fact than is in that place: use one that a tool gave, exactly"],
};

/** Answers, or says what is wrong with the question. What is none of the caller's making is thrown on. */
export async function answered<T>(tool: string, work: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await work();
  } catch (error) {
    const refusal = error instanceof InputError || error instanceof RunError ? refusalOfCode(tool, error.code) : undefined;
    if (refusal === undefined) throw error;
    return refusal;
  }
}

function refusalOfCode(tool: string, code: string): Refusal | undefined {
  const wrong = ARGUMENTS[code];
  if (wrong !== undefined)
    return new Refusal("invalid_arguments", `The arguments do not fit ${tool}.`, "Correct every issue and call again.", [
      { at: wrong[0], message: wrong[1] },
    ]);
  switch (code) {
    case "fact_not_found":
      return factNotFound();
    case "detail_unavailable":
      return new Refusal("fact_not_found", "What was there then was given up, as its store's retention says.", "Ask for a later moment.");
    case "index_incomplete":
      return new Refusal(
        "unavailable",
        "This index does not hold all values yet, so it cannot answer.",
        "Tell the user to run kindling store reindex, or read by key.",
      );
    case "value_too_new":
      return new Refusal(
        "unavailable",
        "A later edition of the program has written what stands there, and this server cannot read it.",
        "Tell the user to start this server with that edition; what else is in the store can be read by key.",
      );
    default:
      return undefined;
  }
}

/** For a key without a value, and a fact that is not there. */
export function factNotFound(): Refusal {
  return new Refusal(
    "fact_not_found",
    "There is nothing there, or not any more.",
    "Use keys and ids that a tool gave: get_fact_history lists keys.",
  );
}
