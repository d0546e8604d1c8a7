// What a run of a contract would do, for whoever has a runtime: the contract as it knows it, or one that is handed in.

import { outlook, type Outlook } from "../compile/outlook.ts";
import { InputError } from "../errors.ts";
import type { AnyContract, Contract } from "../graph/contract.ts";
import { didYouMean } from "../graph/nearest.ts";
import { systemClock } from "./clock.ts";
import type { ContractSummary } from "./client.ts";
import type { RuntimeOptions } from "./create-runtime.ts";

/** The outlook on a run. @throws InputError `contract_not_found` */
export function outlookOf(
  { prices, model, clock = systemClock }: Pick<RuntimeOptions, "prices" | "model" | "clock">,
  contracts: readonly ContractSummary[],
  contract: string | AnyContract,
  inputs: Readonly<Record<string, unknown>>,
): Outlook {
  const name = typeof contract === "string" ? contract : contract.name;
  const known = contracts.find((each) => each.name === name)?.contract ?? (typeof contract === "string" ? undefined : contract);
  if (known === undefined)
    throw new InputError("contract_not_found", `there is no contract "${name}"`, {
      fix: didYouMean(
        name,
        contracts.map((each) => each.name),
      ),
    });
  // Whatever is given is looked at as it is: the outlook says which inputs are missing or wrong.
  return outlook(known as Contract<Readonly<Record<string, unknown>>, unknown>, inputs, {
    now: clock.now(),
    ...(prices === undefined ? {} : { prices }),
    ...(model === undefined ? {} : { model }),
  });
}
