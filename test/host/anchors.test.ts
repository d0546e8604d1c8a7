// Anchors of a runtime: made every so often while there is something new, once more when it closes, and never in the way of the ledger.

import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { contract, createRuntime, fileLedger, verifyFolder, type AnchorOptions } from "../../src/index.ts";
import { manualClock } from "../../src/testing.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const greeting = contract("greeting", { inputs: {}, define: (g) => g.const("text", "hello") });

async function open(anchor: AnchorOptions, folder: string) {
  const clock = manualClock();
  const kindling = await createRuntime({ contracts: [greeting], ledger: fileLedger(join(folder, "ledger")), anchor, clock });
  return { clock, kindling, run: async () => void (await (await kindling.start("greeting", {})).result()) };
}

const linesIn = async (file: string) => (await readFile(file, "utf8").catch(() => "")).split("\n").slice(0, -1);

it("makes one each interval while something is new, one at the end, and all of them are met", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "anchors.jsonl");
  const { clock, kindling, run } = await open({ every: "10m", to: { file } }, folder);
  await run();
  clock.advance(599_000);
  expect(await linesIn(file)).toHaveLength(0);
  clock.advance(1_000);
  await expect.poll(() => linesIn(file)).toHaveLength(1);
  await expect.poll(async () => (clock.advance(600_000), (await linesIn(file)).length)).toBe(1);
  await run();
  await kindling.close();
  expect(await linesIn(file)).toHaveLength(2);
  const anchors = await readFile(file, "utf8");
  expect(await verifyFolder(join(folder, "ledger"), { anchors })).toMatchObject({ ok: true, anchors: { met: 2 } });
});

it("tells a failure, goes on with the runs, and makes good for it", async () => {
  const folder = await temporaryFolder();
  const place = join(folder, "place");
  const faults: unknown[] = [];
  const to = { file: join(place, "anchors.jsonl") };
  const { clock, kindling, run } = await open({ every: "1m", to, onFault: (error) => void faults.push(error) }, folder);
  await run();
  clock.advance(60_000);
  await expect.poll(() => faults.length).toBe(1);
  expect(faults[0]).toMatchObject({ code: "anchor_failed", message: expect.stringContaining("anchors.jsonl") });
  await run();
  await mkdir(place);
  await expect.poll(async () => (clock.advance(10_000), (await linesIn(to.file)).length)).toBe(1);
  await rm(place, { recursive: true });
  await run();
  await kindling.close();
  expect(faults).toHaveLength(2);
});

it("refuses an interval that is none, a place inside the ledger, and a ledger that is no folder", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "anchors.jsonl");
  await expect(open({ every: "1ms", to: { file } }, folder)).rejects.toMatchObject({ name: "ConfigError", code: "anchor_interval" });
  await expect(open({ every: "1m", to: { file: join(folder, "ledger", "a") } }, folder)).rejects.toMatchObject({ code: "anchor_target" });
});
