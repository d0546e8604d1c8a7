// A project whose stores have a past, for tests of the commands about them.

import { join } from "node:path";
import { createRuntime, defineStore, fileLedger } from "../../src/index.ts";
import { z } from "zod";
import { calls, notes, reminders } from "./fixtures/stores.config.ts";
import { type ProcessProject, projectHere } from "./in-process.ts";

/** A project with a past: two keys of a store, one of an older version; calls; a store that its config does not know. */
export async function filledStores(): Promise<ProcessProject & { readonly ids: Record<string, string> }> {
  const project = await projectHere("stores.config.ts");
  await using kindling = await createRuntime({ contracts: [], ledger: fileLedger(join(project.folder, ".kindling", "ledger")) });
  const older = defineStore("reminders", {
    schema: z.object({ owner: z.string(), text: z.string() }),
    indexes: { open: ({ owner }) => owner, done: () => false },
  });
  const call = await kindling.history(calls).append({ owner: "ada", minutes: 7 }, { producer: { kind: "program", name: "phone" } });
  await kindling.history(calls).append({ owner: "bob", minutes: 3 });
  const first = await kindling
    .store(older)
    .write("r1", { owner: "ada", text: "send the offer" }, { causedBy: [call.id], validFrom: "2026-11-01" });
  const second = await kindling.store(reminders).write("r2", { owner: "bob", text: "call back", done: false }, { causedBy: [call.id] });
  await kindling.store(reminders).write("r2", { owner: "bob", text: "call back", done: true }, { causedBy: [second.id, call.id] });
  await kindling.store(reminders).write("r3", { owner: "ada", text: "gone", done: false });
  await kindling.store(reminders).write("r4", { owner: "ada", text: "buy paper", done: false });
  await kindling.store(reminders).remove("r3");
  await kindling.history(notes).append("a note");
  await kindling.store(defineStore("drafts", { schema: z.string() })).write("d1", "of another program");
  const last = await kindling.store(reminders).get("r2");
  return { ...project, ids: { call: call.id, first: first.id, second: second.id, last: last?.id ?? "" } };
}
