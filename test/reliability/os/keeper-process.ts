// A process that opens a ledger for writing as soon as it can, appends for a while, closes it and tries again: `node keeper-process.ts <folder> <name> <stay ms>`.
// It says when it was in and when it began to leave, by the clock that all processes of a machine share.

import { writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { fileLedger, KindlingError, type Ledger } from "../../../src/index.ts";
import { factOf, idOf } from "./appended-fact.ts";

const [folder = "", name = "", stayMs = "0"] = process.argv.slice(2);
const RETRY_MS = 3;
const say = (word: string) => void writeSync(1, `${word} ${process.hrtime.bigint()}\n`);

say("ready");
for (let turn = 0; ; turn++) {
  const ledger = await open();
  say("in");
  await append(ledger, `${name}-${turn}`, performance.now() + Number(stayMs));
  say("out");
  await ledger.close();
  await setTimeout(RETRY_MS);
}

async function open(): Promise<Ledger> {
  for (;;) {
    try {
      return await fileLedger(folder).open({ access: "write" });
    } catch (error) {
      if (!(error instanceof KindlingError) || error.code !== "ledger_locked") writeSync(1, `misled ${String(error)}\n`);
      await setTimeout(RETRY_MS);
    }
  }
}

async function append(ledger: Ledger, run: string, until: number): Promise<void> {
  for (let number = 0; performance.now() < until; number++) {
    await ledger.append([{ run, expected: number, facts: [factOf(run, number)] }]);
    writeSync(1, `ack ${idOf(run, number)}\n`);
  }
}
