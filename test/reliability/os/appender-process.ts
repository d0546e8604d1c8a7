// A process that appends until it is killed, refused or done, and tells its parent what was acknowledged:
// `node appender-process.ts <folder> <name> <clients> [facts of each client] [unsynced]`. After a failure every client tries once more, to be refused.

import { writeSync } from "node:fs";
import { fileLedger, KindlingError, type Ledger } from "../../../src/index.ts";
import { factOf, idOf } from "./appended-fact.ts";
import { unsyncedDisk } from "./unsynced-disk.ts";

const [folder = "", name = "", clients = "1", facts = "Infinity", mode = ""] = process.argv.slice(2);
const say = (line: string) => void writeSync(1, `${line}\n`);

try {
  const ledger = await fileLedger(folder, mode === "unsynced" ? { disk: unsyncedDisk } : {}).open({ access: "write" });
  say(`open ${ledger.position}`);
  await Promise.all(Array.from({ length: Number(clients) }, (_, client) => append(ledger, `${name}-${client}`)));
  await ledger.close();
  say("closed");
} catch (error) {
  refused("refused", error);
}

async function append(ledger: Ledger, run: string): Promise<void> {
  let number = 0;
  try {
    for (; number < Number(facts); number++) await appendOne(ledger, run, number);
    return;
  } catch (error) {
    refused("stopped", error);
  }
  try {
    await appendOne(ledger, run, number);
  } catch (error) {
    refused("again", error);
  }
}

async function appendOne(ledger: Ledger, run: string, number: number): Promise<void> {
  await ledger.append([{ run, expected: number, facts: [factOf(run, number)] }]);
  say(`ack ${idOf(run, number)}`);
}

function refused(word: string, error: unknown): void {
  const code = error instanceof KindlingError ? error.code : "not_ours";
  say(`${word} ${code}`);
  console.error(`${word}: ${code}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 3;
}
