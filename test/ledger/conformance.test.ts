// Both ledgers of this folder keep the same promises.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileLedger } from "../../src/ledger/file.ts";
import { memoryLedger } from "../../src/ledger/memory.ts";
import { ledgerConformance } from "../conformance/ledger.ts";
import { temporaryFolder } from "./temporary-folder.ts";

ledgerConformance("memory", memoryLedger);
ledgerConformance("file", async () => fileLedger(join(await temporaryFolder(), "ledger")));
ledgerConformance("encrypted file", async () => {
  const folder = await temporaryFolder();
  const key = join(folder, "master.key");
  await writeFile(key, "0f".repeat(32), { mode: 0o600 });
  return fileLedger(join(folder, "ledger"), { key: { file: key }, segmentBytes: 2_000, indexBytes: 1_000 });
});
// A new segment and a new table every few commits: whatever crosses from one to the next is crossed all the time.
ledgerConformance("much divided file", async () =>
  fileLedger(join(await temporaryFolder(), "ledger"), { segmentBytes: 2_000, indexBytes: 1_000 }),
);
