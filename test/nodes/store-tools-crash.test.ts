// Conversations that record, cut off by a crash anywhere: what they have recorded they record no second time.

import { contract, defineHistory, defineStore, historyTools, memoryLedger, storeTools } from "kindling";
import { callsTools, scripted } from "kindling/providers/scripted";
import { expect, it } from "vitest";
import { z } from "zod";
import { ledgerWith, logOf } from "../host/ledgers.ts";
import { openKindling } from "../host/open-host.ts";

const notes = defineStore("notes", { schema: z.string() });
const visits = defineHistory("visits", { schema: z.string() });
const tools = [...storeTools(notes, { write: true, remove: true }), ...historyTools(visits, { append: true })];
const agent = contract("agent", {
  inputs: { question: z.string() },
  define: (g, { question }) => g.llm("answer", { needs: { question }, prompt: ({ question }) => question, model: "scripted:any", tools }),
});

const STEPS = [
  callsTools(
    ["notes_write", { key: "a", value: "one" }],
    ["visits_append", { event: "came" }],
    ["notes_write", { key: "b", value: "one" }],
  ),
  callsTools(["notes_get", { key: "a" }], ["notes_write", { key: "a", value: "two" }]),
  callsTools(["notes_remove", { key: "b" }], ["visits_append", { event: "came" }]),
  "Done.",
];
/** Goes on behind what was said before. */
const model = (said: number) => scripted(STEPS.slice(said));

it("a conversation that writes goes on after a crash and doubles nothing, wherever the process dies", async () => {
  const place = memoryLedger();
  const kindling = await openKindling({ contracts: [agent], models: [model(0)], ledger: place });
  const run = await kindling.start("agent", { question: "?" });
  expect(await run.result()).toBe("Done.");
  await kindling.close();
  const log = await logOf(place);
  const begun = log.entries.findIndex(({ run: stream }) => stream === run.id);
  for (let commits = begun + 1; commits <= log.entries.length; commits++) {
    // What stands with a fact is one change with it.
    if (log.entries[commits]?.run.startsWith("store-") === true) continue;
    const said = log.entries.slice(0, commits).flatMap(({ facts }) => facts.filter(({ type }) => type === "model.replied")).length;
    await using again = await openKindling({ contracts: [agent], models: [model(said)], ledger: await ledgerWith(log, commits) });
    expect(await (await again.run(run.id)).result(), `after ${commits} commits`).toBe("Done.");
    const valuesOf = async (key: string) =>
      (await again.store(notes).history(key)).items.map((fact) => (fact.act === "written" ? fact.value : fact.act));
    expect([(await valuesOf("a")).toSorted(), (await valuesOf("b")).toSorted()], `after ${commits} commits`).toEqual([
      ["one", "two"],
      ["one", "removed"],
    ]);
    expect((await again.history(visits).read()).items.map(({ value }) => value)).toEqual(["came", "came"]);
  }
});
