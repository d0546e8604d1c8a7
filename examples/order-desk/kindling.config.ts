// What main.ts and the command line share: the contract, the ledger's place and the model.

import { defineConfig, fileLedger } from "kindling";
import { orderDesk } from "./contract.ts";
import { deskModel } from "./models.ts";

/** The ledger lies below the working directory: run everything from the same folder. */
export const settings = {
  contracts: [orderDesk],
  ledger: fileLedger(".kindling/order-desk/ledger"),
  models: [deskModel()],
  model: "scripted:desk",
};

export default defineConfig(settings);
