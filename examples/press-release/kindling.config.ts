// What main.ts and the command line share: the contract, the ledger's place and the model.

import { defineConfig, fileLedger } from "kindling";
import { pressRelease } from "./contract.ts";
import { pressModel } from "./models.ts";

/** The ledger lies below the working directory: run everything from the same folder. */
export const settings = {
  contracts: [pressRelease],
  ledger: fileLedger(".kindling/press-release/ledger"),
  models: [pressModel()],
  model: "scripted:press",
};

export default defineConfig(settings);
