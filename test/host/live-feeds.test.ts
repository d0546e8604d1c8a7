// Feeds and runs that are waited for, and the life of the process that does.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { defineHistory, type LedgerPlace, memoryLedger } from "kindling";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { openKindling, temporaryLedger } from "./open-host.ts";

const calls = defineHistory("calls", { schema: z.string() });

it("a process that writes and does nothing but follow is there for what others hand to it, until it has enough", async () => {
  const ledger = await temporaryLedger();
  const follower = play(
    ledger,
    `const kindling = await createRuntime({ contracts: [], ledger, access: "shared" });
     console.log("ready");
     for await (const { value } of kindling.factChanges({ live: true })) { console.log(value); if (value === "enough") break; }
     await kindling.close();`,
  );
  expect((await follower.lines.next()).value).toBe("ready");
  await using kindling = await openKindling({ contracts: [], ledger, access: "shared" });
  for (const call of ["one", "enough"]) {
    await kindling.history(calls).append(call);
    expect((await follower.lines.next()).value).toBe(call);
  }
  expect(await follower.exit).toEqual([0, null]);
});

const WAITING = `
  import { contract } from "kindling"; import { z } from "zod";
  const asking = contract("asking", { inputs: {}, define: (g) => g.await("answer", { event: "answered", schema: z.string() }) });`;

it.each([
  ["its result", "console.log(await run.result());"],
  ["its facts", "for await (const _ of run.watch()); console.log(await run.result());"],
])("a process that only waits for a run, for %s, is there when somebody answers it", async (_what, wait) => {
  const ledger = await temporaryLedger();
  const asker = play(
    ledger,
    `${WAITING}
     const kindling = await createRuntime({ contracts: [asking], ledger });
     const run = await kindling.start(asking, {});
     console.log(run.id);
     ${wait}
     await kindling.close();`,
  );
  const run = String((await asker.lines.next()).value);
  await using kindling = await openKindling({ contracts: [], ledger, access: "shared" });
  await kindling.deliver({ run, event: "answered", payload: "yes" });
  expect((await asker.lines.next()).value).toBe("yes");
  expect(await asker.exit).toEqual([0, null]);
});

it("a process that waits for a run in its memory, which nobody else can answer, ends and does not wait for ever", async () => {
  const asker = play(
    memoryLedger(),
    `${WAITING}
     import { memoryLedger } from "kindling";
     const kindling = await createRuntime({ contracts: [asking], ledger: memoryLedger() });
     await (await kindling.start(asking, {})).result();`,
  );
  expect(await asker.exit, "an await that is never settled").toEqual([13, null]);
});

it.each(["write", "read"])("a feed that nobody takes from any more keeps no process alive whose runtime (%s) is closed", async (access) => {
  const ledger = await temporaryLedger();
  const writer = await openKindling({ contracts: [], ledger });
  await writer.history(calls).append("one");
  await writer.close();
  const taker = play(
    ledger,
    `const kindling = await createRuntime({ contracts: [], ledger, access: "${access}" });
     const { value } = await kindling.factChanges({ live: true })[Symbol.asyncIterator]().next();
     await kindling.close();
     console.log(value.value);`,
  );
  expect((await taker.lines.next()).value).toBe("one");
  expect(await taker.exit).toEqual([0, null]);
});

/** A process of its own. */
function play({ folder = "" }: LedgerPlace, program: string): { readonly lines: AsyncIterator<string>; readonly exit: Promise<unknown[]> } {
  const opening = `import { createRuntime, fileLedger } from "kindling"; const ledger = fileLedger(${JSON.stringify(folder)});`;
  const child = spawn(process.execPath, ["--conditions=kindling-source", "--input-type=module", "-e", opening + program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return { lines: createInterface(child.stdout)[Symbol.asyncIterator](), exit: once(child, "exit") };
}
