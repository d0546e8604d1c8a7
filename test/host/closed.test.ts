// What is asked of a runtime that is closed is refused, whatever it still knows; a program that goes on with it learns of its mistake at once.

import { contract, defineHistory, defineStore, fileLedger, type Kindling, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { openKindling } from "./open-host.ts";

const notes = defineStore("notes", { schema: z.string(), indexes: { text: (text) => text } });
const payments = defineHistory("payments", { schema: z.number() });
const echo = contract("echo", { inputs: { id: z.string() }, define: (_g, { id }) => id });

/** What there is of: a run and a fact. */
interface Known {
  readonly run: string;
  readonly fact: string;
}

const CALLS: readonly (readonly [string, (kindling: Kindling, known: Known) => unknown])[] = [
  ["start", (kindling) => kindling.start(echo, { id: "2" })],
  ["run", (kindling, { run }) => kindling.run(run)],
  ["get", (kindling, { run }) => kindling.get(run)],
  ["facts", (kindling, { run }) => kindling.facts(run)],
  ["explain", (kindling, { run }) => kindling.explain(run)],
  ["diff", (kindling, { run }) => kindling.diff(run, run)],
  ["cancel", (kindling, { run }) => kindling.cancel(run)],
  ["receiptOf", (kindling, { run }) => kindling.receiptOf(run)],
  ["list", (kindling) => kindling.list()],
  ["inbox", (kindling) => kindling.inbox()],
  ["cost", (kindling) => kindling.cost()],
  ["erased", (kindling) => kindling.erased()],
  ["compacted", (kindling) => kindling.compacted()],
  ["deadLetters", (kindling) => kindling.deadLetters()],
  ["checkUpgrades", (kindling) => kindling.checkUpgrades()],
  ["load", (kindling) => kindling.load()],
  ["stats", (kindling) => kindling.stats()],
  ["verify", (kindling) => kindling.verify()],
  ["on", (kindling) => kindling.on("run.started", {}, () => undefined)],
  ["store.get", (kindling) => kindling.store(notes).get("a")],
  ["store.query", (kindling) => kindling.store(notes).query("text", {})],
  ["store.write", (kindling) => kindling.store(notes).write("b", "text")],
  ["history.append", (kindling) => kindling.history(payments).append(2)],
  ["recordedStore.get", (kindling) => kindling.recordedStore({ kind: "store", name: "notes" }).get("a")],
  ["fact", (kindling, { fact }) => kindling.fact(fact)],
  ["factRef", (kindling, { fact }) => kindling.factRef(fact)],
  ["lineage", (kindling, { fact }) => kindling.lineage(fact)],
  ["resolve", (kindling, { fact }) => kindling.resolve(fact)],
  ["activity", (kindling) => kindling.activity()],
  ["storeNames", (kindling) => kindling.storeNames()],
  ["factReceipts", (kindling) => kindling.factReceipts()],
  ["compactFacts", (kindling) => kindling.compactFacts({ dryRun: true })],
  ["factImports", (kindling) => kindling.factImports()],
  ["exportFacts", async (kindling) => Array.fromAsync(kindling.exportFacts())],
  ["derivations.status", (kindling) => kindling.derivations.status()],
];

describe.each([
  ["in memory", async () => memoryLedger()],
  ["in files", async () => fileLedger(await temporaryFolder())],
])("a runtime %s that is closed", (_where, place) => {
  it("refuses every question", async () => {
    const kindling = await openKindling({ contracts: [echo], stores: [notes, payments], ledger: await place() });
    const { id: fact } = await kindling.store(notes).write("a", "text");
    const run = await kindling.start(echo, { id: "1" });
    await run.result();
    await kindling.close();
    for (const [name, call] of CALLS)
      await expect(
        Promise.resolve().then(() => call(kindling, { run: run.id, fact })),
        name,
      ).rejects.toMatchObject({ code: "host_closed" });
    const watched = kindling.store(notes).watch("text", {});
    for (const feed of [kindling.changes(), kindling.factChanges(), kindling.watch(run.id), watched])
      await expect(Array.fromAsync<unknown>(feed)).rejects.toMatchObject({ code: "host_closed" });
    expect(await run.result(), "what it gave before").toBe("1");
  });
});
