// Sorts a ticket with a model of this machine: with a server of yours, with Ollama, or with the toy. Nothing leaves the machine.

import { createRuntime, fileLedger, type Kindling } from "kindling";
import { sortTicket } from "./contract.ts";
import { type LocalModels, localModels } from "./models.ts";

try {
  const models = await localModels();
  try {
    await askAll(models);
  } finally {
    await models.close();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function askAll({ providers, names, line }: LocalModels): Promise<void> {
  console.log(line);
  for (const model of names) {
    const kindling = await createRuntime({
      contracts: [sortTicket],
      ledger: fileLedger(".kindling/local-model"),
      models: providers,
      model,
    });
    try {
      await ask(kindling, model);
    } finally {
      await kindling.close();
    }
  }
}

/** Starts a run, shows the answer while it is written, and then what was checked and recorded. */
async function ask(kindling: Kindling, model: string): Promise<void> {
  const run = await kindling.start(sortTicket, { ticket: "I was charged twice!" });
  process.stdout.write(`${model} writes `);
  for await (const event of run.watch()) if (event.type === "delta") process.stdout.write(event.text);
  const { team, urgent, days } = await run.result();
  console.log(`\n${model} says: for ${team}, ${urgent ? "urgent" : "not urgent"}, ${days} days to answer`);
}
