// Both ledgers of this folder keep the same promises.

import { join } from "node:path";
import { fileLedger } from "../../src/ledger/file.ts";
import { memoryLedger } from "../../src/ledger/memory.ts";
import { ledgerConformance } from "../conformance/ledger.ts";
import { temporaryFolder } from "./temporary-folder.ts";

ledgerConformance("memory", memoryLedger);
ledgerConformance("file", async () => fileLedger(join(await temporaryFolder(), "ledger")));
// A new segment and a new table every few commits: whatever crosses from one to the next is crossed all the time.
ledgerConformance("much divided file", async () =>
  fileLedger(join(await temporaryFolder(), "ledger"), { segmentBytes: 2_000, indexBytes: 1_000 }),
);
