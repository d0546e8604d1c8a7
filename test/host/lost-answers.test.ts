// A call whose answer is lost on the way from the process that writes is made again, and what it asked for is there once.

import { rename } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { contract, createRuntime, defineHistory, defineStore, type Kindling } from "kindling";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { doorPath } from "../../src/host/door-path.ts";
import { openKindling, temporaryLedger } from "./open-host.ts";

const calls = defineHistory("calls", { schema: z.object({ who: z.string() }) });
const notes = defineStore("notes", { schema: z.string() });
const greeting = contract("greeting", {
  inputs: { name: z.string() },
  define: (g, { name }) => g.map("text", name, (name) => `Hello ${name}`),
});

it("an event whose answer is lost with the process that recorded it is recorded once", async () => {
  const { writer, caller } = await losingFirstAnswer();
  const { facts, repeated } = await caller.record([calls.append({ who: "ada" })]);
  expect((await writer.history(calls).read()).items.map(({ id }) => id)).toEqual(facts.map(({ id }) => id));
  expect(repeated, "by whoever asked once").toBe(false);
});

it("a value that was expected to follow on another one does not stand in its own way when its answer is lost", async () => {
  const { writer, caller } = await losingFirstAnswer();
  const before = await writer.store(notes).write("n1", "one");
  const after = await caller.store(notes).write("n1", "two", { expect: before.id });
  expect((await writer.store(notes).history("n1")).items.map(({ id }) => id)).toEqual([before.id, after.id]);
});

it("a run whose start is not answered is started once", async () => {
  const { writer, caller } = await losingFirstAnswer();
  const run = await caller.start(greeting, { name: "Ada" });
  expect((await writer.list()).items.map(({ id }) => id)).toEqual([run.id]);
});

it("a fork that is not answered is made once", async () => {
  const { writer, caller } = await losingFirstAnswer();
  const run = await writer.start(greeting, { name: "Ada" });
  await run.result();
  const fork = await caller.fork(run.id);
  expect((await writer.list()).items.map(({ id }) => id).toSorted()).toEqual([run.id, fork.id].toSorted());
});

/** A process that writes, and one that calls it and is not told the answer to its first call. */
async function losingFirstAnswer(): Promise<{ readonly writer: Kindling; readonly caller: Kindling }> {
  const ledger = await temporaryLedger();
  const writer = await createRuntime({ contracts: [greeting], ledger });
  const path = doorPath(ledger.folder ?? "");
  const behind = `${path}.moved`;
  await rename(path, behind);
  let answers = 0;
  const door = createServer((socket) => {
    const call = connect(behind);
    socket.pipe(call);
    call.on("data", (answer) => (answers++ === 0 ? socket.destroy() : socket.write(answer)));
    for (const each of [socket, call]) each.on("error", () => each.destroy()).on("close", () => void [socket.destroy(), call.destroy()]);
  });
  await new Promise<void>((resolve) => door.listen(path, resolve));
  onTestFinished(async () => {
    await new Promise((resolve) => door.close(resolve));
    await writer.close();
  });
  const caller = await openKindling({ contracts: [greeting], ledger, access: "shared" });
  return { writer, caller };
}
