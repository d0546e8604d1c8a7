// R9: the writing process is stopped and not dead. Others wait or are refused, and nobody else gets in; when it wakes up it goes on, and when it is killed the next one is in.

import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { createRuntime, fileLedger } from "../../src/index.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { figure } from "./figure.ts";
import { Acknowledgements, FLAWLESS, writesAgain } from "./os/acknowledgements.ts";
import { orders } from "./os/order-contract.ts";
import { type SpokenProcess, speak } from "./os/spoken-process.ts";
import { sample } from "./seed.ts";

const KEEPER = new URL("os/keeper-process.ts", import.meta.url);
const CALLER = new URL("os/caller-process.ts", import.meta.url);
const ADDRESS = "data:text/plain,done";
const FOR_EVER = String(10 ** 9);
const STOPS = sample(3, 30);
const STOPPED_MS = 300;
/** However slow the machine is, others try so often. */
const TRIES_LEAST = 5;

test("a stopped writer keeps the ledger: others are refused and can read, it goes on when it wakes up, and dies without loss", {
  timeout: 60_000 + STOPS * 2_000,
}, async () => {
  const folder = join(await temporaryFolder(), "ledger");
  const acknowledged = new Acknowledgements();
  const writer = speak(KEEPER, [folder, "writer", FOR_EVER], { onLine: (line) => acknowledged.hear(line) });
  await writer.says("ack");
  let refused = 0;
  for (let stop = 0; stop < STOPS; stop++) {
    await setTimeout(30);
    await stopped(writer);
    const before = acknowledged.count;
    const until = performance.now() + STOPPED_MS;
    for (let tries = 0; tries < TRIES_LEAST || performance.now() < until; tries++) {
      await expect(fileLedger(folder).open({ access: "write" })).rejects.toMatchObject({
        code: "ledger_locked",
        details: { pid: writer.pid },
      });
      refused += 1;
      await setTimeout(5);
    }
    expect(await acknowledged.judge(folder), "what a reader sees meanwhile").toEqual(FLAWLESS);
    expect(acknowledged.count).toBe(before);
    writer.signal("SIGCONT");
    await expect.poll(() => acknowledged.count).toBeGreaterThan(before);
  }
  await stopped(writer);
  await writer.kill();
  await writesAgain(folder, "after");
  expect(await acknowledged.judge(folder)).toEqual(FLAWLESS);
  figure("R9", { "stops of the writer": STOPS, "others refused": refused, "others in": 0, acks: acknowledged.count, lost: 0, doubled: 0 });
});

test("a call to a writer that is stopped waits: it is answered when the writer wakes up, or by the caller itself when the writer is killed", async () => {
  const ledger = fileLedger(join(await temporaryFolder(), "ledger"));
  const writer = speak(CALLER, [ledger.location, ADDRESS, "writer", "0"]);
  await writer.says("paid");
  await using kindling = await createRuntime({ contracts: [orders(ADDRESS)], ledger, access: "shared" });
  for (const id of ["wakes", "dies"]) {
    await stopped(writer);
    let isAnswered = false;
    const call = kindling.start("order", { id }, { idempotencyKey: id }).finally(() => (isAnswered = true));
    await setTimeout(STOPPED_MS);
    expect(isAnswered, `an answer while the writer is stopped (${id})`).toBe(false);
    if (id === "wakes") writer.signal("SIGCONT");
    else await writer.kill();
    expect((await call).created).toBe(true);
  }
  const ids = (await kindling.list({ limit: 1_000 })).items.map(({ correlation }) => correlation["id"]);
  expect(ids.filter((id) => id === "wakes" || id === "dies").sort()).toEqual(["dies", "wakes"]);
  expect((await kindling.verify()).faults).toEqual([]);
  figure("R9", { "calls to a stopped writer": 2, "answered while it was stopped": 0, lost: 0, doubled: 0 });
});

/** Stops a process, and waits until nothing more of what it said is on its way. */
async function stopped(process: SpokenProcess): Promise<void> {
  process.signal("SIGSTOP");
  for (let heard = -1; heard !== process.lines.length; ) {
    heard = process.lines.length;
    await setTimeout(50);
  }
}
