// Finding the contract a caller names, or telling which it probably meant.

import { didYouMean, type ContractSummary } from "../src/index.ts";
import { workflowNotFound, type Refusal } from "./failure.ts";
import { shortenText } from "./shorten.ts";
import type { VisibleRuns } from "./visible-runs.ts";

const HINT_LIMIT = 1_000;

/** The contract of this name, or the refusal with the nearest name there is. */
export function findWorkflow({ contracts }: VisibleRuns, name: string): ContractSummary | Refusal {
  const found = contracts.find((contract) => contract.name === name);
  if (found !== undefined) return found;
  const hint = didYouMean(
    name,
    contracts.map((contract) => contract.name),
  );
  return workflowNotFound(`${shortenText(hint, HINT_LIMIT)} list_workflows tells what each does.`);
}
