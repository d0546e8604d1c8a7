// The example under kill -9: killed again and again while models answer, it goes on each time and asks no model twice for what it was told durably.
// KILLS sets how often (default 3), KILL_SEED when.

import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRuntime, fileLedger, type RecordedFact } from "../../src/index.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { type ModelServer, startModelServer } from "./model-server.ts";
import { type Ended, startExample } from "./example-process.ts";

const KILLS = Number(process.env["KILLS"] ?? 3);
const SEED = Number(process.env["KILL_SEED"] ?? 20261121);
const LATENCY_MS = 150;
/** One call sorts; then one for each audience, all at once. */
const CALLS = 5;
const PARALLEL_CALLS = 4;

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer({ latencyMs: LATENCY_MS });
});
afterAll(() => server.close());

it(`survives ${KILLS} kills at random moments of the model calls (seed ${SEED})`, { timeout: 20_000 + KILLS * 5_000 }, async () => {
  const folder = await temporaryFolder();
  const random = seededRandom(SEED);
  let runs = 1;
  let lost = 0;
  let isRunDone = false;
  for (let kills = 0; kills < KILLS; ) {
    if (isRunDone) runs += 1;
    const ended = await startAndKill(folder, isRunDone ? ["--new"] : [], random() * LATENCY_MS * 2.2);
    isRunDone = ended.signal !== "SIGKILL";
    if (isRunDone) {
      expectAtGate(ended);
      continue;
    }
    kills += 1;
    const { replied } = await recorded(folder);
    // A kill costs at most the calls that were in flight; everything else that was asked is answered, durably.
    expect(server.requests.length - replied - lost).toBeLessThanOrEqual(PARALLEL_CALLS);
    lost = server.requests.length - replied;
  }
  const last = await startExample(folder, "release-notes/main.ts", settings()).ended;
  expectAtGate(last);

  const { statuses, requested, replied, calls, faults } = await recorded(folder);
  expect(faults).toEqual([]);
  expect(statuses).toEqual(Array.from({ length: runs }, () => "waiting"));
  for (const each of calls) expectEachAnsweredOnce(each);
  // What was not lost in a kill was asked once and answered once.
  expect(server.requests.length - replied).toBe(lost);
  // R3: a call is recorded before it is made, so none is made without its fact.
  expect(server.requests.length).toBeLessThanOrEqual(requested);
});

function expectAtGate({ code, output, errors }: Ended): void {
  expect({ code, errors }, "what ended by itself reached the gate").toMatchObject({ code: 0 });
  expect(output).toContain("to approve:");
}

/** What the ledger holds, read without changing it. */
async function recorded(folder: string) {
  const reader = await createRuntime({ contracts: [], ledger: fileLedger(join(folder, ".kindling/release-notes")), access: "read" });
  try {
    const { items } = await reader.list({ limit: 1_000 });
    const calls = await Promise.all(items.map(async ({ id }) => callsOf(await reader.facts(id))));
    const count = (type: string) => calls.flat().filter((fact) => fact.type === type).length;
    return {
      statuses: items.map(({ status }) => status),
      calls,
      requested: count("model.requested"),
      replied: count("model.replied"),
      faults: (await reader.verify()).faults,
    };
  } finally {
    await reader.close();
  }
}

/** Starts the example and kills it some time after its first model call, unless it ends before. */
async function startAndKill(folder: string, args: readonly string[], afterMs: number): Promise<Ended> {
  const asked = server.next();
  const { child, ended } = startExample(folder, "release-notes/main.ts", settings(), args);
  await Promise.race([asked.then(() => pause(afterMs)), ended]);
  child.kill("SIGKILL");
  return ended;
}

function settings(): Readonly<Record<string, string>> {
  return { ANTHROPIC_API_KEY: "test-key", ANTHROPIC_BASE_URL: server.url };
}

function callsOf(facts: readonly RecordedFact[]): readonly RecordedFact[] {
  return facts.filter(({ type }) => type === "model.requested" || type === "model.replied" || type === "node.succeeded");
}

/** Every call has one reply and every node one outcome, and nothing was asked again after its reply was durable. */
function expectEachAnsweredOnce(facts: readonly RecordedFact[]): void {
  const byPath = Map.groupBy(facts, ({ path }) => path);
  const asking = [...byPath].filter(([, each]) => each.some(({ type }) => type === "model.requested"));
  expect(asking).toHaveLength(CALLS);
  for (const [path, each] of byPath) {
    const types = each.map(({ type }) => type).join(" ");
    expect(types, path).toMatch(/^((model\.requested )+model\.replied )?node\.succeeded$/);
  }
}
