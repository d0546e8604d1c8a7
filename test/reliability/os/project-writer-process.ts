// A process that writes a project's ledger while the command line is used on it: starts articles until it is killed. `node project-writer-process.ts <project folder>`.

import { writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { type Config, createRuntime, fileLedger } from "../../../src/index.ts";

const [project = ""] = process.argv.slice(2);
const PAUSE_MS = 5;

// A config file exports what `defineConfig` gave.
const { default: config } = (await import(pathToFileURL(join(project, "kindling.config.ts")).href)) as { default: Config };
const kindling = await createRuntime({
  contracts: config.contracts,
  ledger: fileLedger(join(project, ".kindling", "ledger")),
  access: "shared",
});
writeSync(1, "open\n");
for (let number = 0; ; number++) {
  const run = await kindling.start("article", { topic: `Topic ${number}` }, { idempotencyKey: `topic-${number}` });
  writeSync(1, `started ${run.id}\n`);
  await setTimeout(PAUSE_MS);
}
