// Whether an evaluation can be made, asked before anything is begun: everything wrong is told at once.

import { ConfigError, InputError } from "../index.ts";
import type { EvaluationOptions } from "./evaluate.ts";
import { evaluation } from "./evaluation.ts";
import type { Scorer } from "./score.ts";

/** Of evaluations and of cases: both stand in idempotency keys. */
export const NAME_LIMIT = 60;
const SCORER_LIMIT = 30;

/** @throws InputError `bad_evaluation`, ConfigError `contracts_missing` */
export function assertSound<In, Out>(
  { kindling, contract, scorers, concurrency = 1 }: EvaluationOptions<In, Out>,
  name: string,
  cases: readonly { readonly id: string }[],
): void {
  const problems = [
    ...(name === "" || name.length > NAME_LIMIT ? [`its name has ${name.length} characters, and may have 1 to ${NAME_LIMIT}`] : []),
    ...(Number.isInteger(concurrency) && concurrency > 0 ? [] : [`concurrency is ${concurrency}`]),
    ...(Object.keys(scorers).length === 0 ? ["it has no scorer"] : []),
    ...Object.keys(scorers).flatMap((scorer) =>
      scorer.length > SCORER_LIMIT ? [`the name of a scorer has ${scorer.length} characters, and may have ${SCORER_LIMIT}`] : [],
    ),
    ...(cases.length === 0 ? ["it has no case"] : []),
    ...cases.flatMap(({ id }, index) => {
      if (id === "" || id.length > NAME_LIMIT)
        return [`the id of case ${index + 1} has ${id.length} characters, and may have 1 to ${NAME_LIMIT}`];
      const before = cases.findIndex((each) => each.id === id);
      return before < index ? [`cases ${before + 1} and ${index + 1} have the same id "${id}"`] : [];
    }),
  ];
  if (problems.length > 0)
    throw new InputError("bad_evaluation", `the evaluation cannot be made:\n${problems.map((problem) => `- ${problem}`).join("\n")}`, {
      fix: "Give at least one case and one scorer, and every case an id of its own.",
    });
  const needed = [contract, evaluation, ...Object.values<Scorer<In, Out>>(scorers)].flatMap((each) =>
    typeof each === "function" ? [] : [each],
  );
  const missing = needed.filter((each) => !kindling.contracts.some((known) => known.contract === each)).map((each) => each.name);
  if (missing.length === 0) return;
  throw new ConfigError("contracts_missing", `the runtime does not have ${missing.map((each) => `"${each}"`).join(", ")}`, {
    fix: "Give createRuntime the contract, the contracts that judge, and `evaluation` of kindling/eval.",
  });
}
