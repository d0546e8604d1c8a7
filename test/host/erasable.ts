// Runs that know something about a person, in a ledger in which they can be erased.

import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { contract, fileLedger, type Kindling, type LedgerPlace } from "../../src/index.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

/** What is to be found nowhere afterwards. */
export const NAME = "Zwetschke-of-Vienna";

export const child = contract("letter-to", {
  inputs: { person: z.string() },
  correlate: ["person"],
  define: (g, { person }) => g.await("sent", { event: "sent", schema: z.object({ to: z.string() }), show: { person } }),
});

/** Something about a person in an input, a correlation key, a child, a shared value and an event that comes early. */
export const file = contract("file", {
  inputs: { person: z.string() },
  correlate: ["person"],
  early: { keepFor: "1h" },
  define(g, { person }) {
    const found = g.lookup("found", { needs: { person }, run: ({ person }) => `about ${person}`, reuse: { across: true } });
    const letter = g.compose("letter", { needs: { person }, child });
    return { found, letter };
  },
});

/** An encrypted ledger in a folder of its own. */
export async function encryptedPlace(): Promise<{ readonly folder: string; readonly place: LedgerPlace }> {
  const base = await temporaryFolder();
  const key = { file: join(base, "master.key") };
  await writeFile(key.file, randomBytes(32).toString("hex"), { mode: 0o600 });
  const folder = join(base, "ledger");
  return { folder, place: fileLedger(folder, { key }) };
}

/** A run that has taken an event from the mailbox and has ended. */
export async function endedRun(kindling: Kindling, person = NAME): Promise<string> {
  await kindling.deliver({ event: "sent", correlation: { person }, payload: { to: person }, deliveryId: `mail-${person}` });
  const run = await kindling.start("file", { person }, { idempotencyKey: person });
  await run.result({ signal: AbortSignal.timeout(20_000) });
  return run.id;
}
