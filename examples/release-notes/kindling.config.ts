// What main.ts and the command line share: the contract, the ledger's place and the models.

import { defineConfig, fileLedger } from "kindling";
import { releaseNotes } from "./contract.ts";
import { chooseModel } from "./models.ts";
import { standInPrice } from "./stand-in-price.ts";

/** The model that was found, with a line that says which and why. */
export const choice = await chooseModel();

/** The ledger lies below the working directory: run everything from the same folder. */
export const settings = {
  contracts: [releaseNotes],
  ledger: fileLedger(".kindling/release-notes"),
  models: choice.providers,
  model: choice.model,
  prices: [standInPrice],
};

export default defineConfig(settings);
