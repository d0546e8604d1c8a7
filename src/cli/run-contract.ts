// The contract of a run, as the project has it.

import { type AnyContract, didYouMean, InputError, type Kindling, type RunView } from "../index.ts";

/** The contract that a run is of. @throws InputError `contract_not_found` */
export function contractOf({ contracts }: Kindling, { id, contract }: Pick<RunView, "id" | "contract">): AnyContract {
  const found = contracts.find(({ name }) => name === contract);
  if (found !== undefined) return found.contract;
  throw new InputError("contract_not_found", `run ${id} is of "${contract}", which the config does not have`, {
    fix: didYouMean(
      contract,
      contracts.map(({ name }) => name),
    ),
  });
}
