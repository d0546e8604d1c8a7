// R5 with runs: one, two and ten processes share a ledger, one is killed again and again, and every start and delivery that was acknowledged is there once.

import { join } from "node:path";
import { expect, test } from "vitest";
import { createRuntime, fileLedger, type Kindling, verifyFolder } from "../../src/index.ts";
import { factsOf, type LoggedFact } from "../host/ledgers.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { figure } from "./figure.ts";
import { type CountingServer, countingServer } from "./os/counting-server.ts";
import { type CrewLog, workUnderKills } from "./os/crew.ts";
import { ACTIONS, orders } from "./os/order-contract.ts";
import { sample, SEED } from "./seed.ts";

const KILLS = sample(20, 1_000);
const EVERY_MS = 100;
const ANSWER_MS = 3;

test.for([1, 2, 10])(
  `%i at once, one killed again and again (${KILLS} kills, seed ${SEED}): nothing acknowledged is lost or doubled, only what was in doubt is repeated`,
  { timeout: 240_000 + KILLS * 2_000 },
  async (size) => {
    const folder = join(await temporaryFolder(), "ledger");
    const server = await countingServer(ANSWER_MS);
    const log = await workUnderKills({
      folder,
      address: server.address,
      size,
      kills: KILLS,
      everyMs: EVERY_MS,
      random: seededRandom(SEED + size),
    });
    expect(log.errors, "what the processes wrote to stderr").toEqual([]);
    expect(log.gone, "processes that ended by themselves").toBe(0);
    expect(log.refused).toEqual([]);
    expect((await verifyFolder(folder)).faults).toEqual([]);
    await using kindling = await createRuntime({ contracts: [orders(server.address)], ledger: fileLedger(folder) });
    await expectStartedOnce(kindling, log);
    const facts = await factsOf(fileLedger(folder));
    expectPaidOnce(facts, log);
    const { repeated, inDoubt } = expectActedOnce(facts, server);
    expect(log.paid.size, "the processes did something between the kills").toBeGreaterThan(0);
    figure("R5", {
      processes: size,
      kills: KILLS,
      starts: log.started.size,
      deliveries: log.paid.size,
      lost: 0,
      doubled: 0,
      effects: server.calls,
      repeated,
      "in doubt": inDoubt,
    });
  },
);

/** Every acknowledged start is one run; those that were paid come to their end, and nothing is left running. */
async function expectStartedOnce(kindling: Kindling, { started, paid }: CrewLog): Promise<void> {
  for (const [id, runs] of started) {
    const again = await kindling.start("order", { id }, { idempotencyKey: id });
    expect([again.created, [...runs]], id).toEqual([false, [again.id]]);
    if (!paid.has(id)) continue;
    expect(await again.result({ signal: AbortSignal.timeout(20_000) }), id).toEqual({ text: `${id} done` });
  }
  await expect.poll(async () => (await kindling.list({ status: "running" })).items.length).toBe(0);
}

/** Every delivery is applied once, and kept once if it came early; all that were acknowledged stand there. */
function expectPaidOnce(facts: readonly LoggedFact[], { paid }: CrewLog): void {
  const idsIn = (type: "event.delivered" | "event.buffered") => facts.flatMap((fact) => (fact.type === type ? [fact.deliveryId] : []));
  const applied = idsIn("event.delivered");
  const early = idsIn("event.buffered");
  expect(applied.length, "no delivery is applied twice").toBe(new Set(applied).size);
  expect(early.length, "no delivery is kept twice").toBe(new Set(early).size);
  const recorded = new Set([...applied, ...early]);
  expect(
    [...paid].filter((id) => !recorded.has(`pay-${id}`)),
    "every acknowledged delivery is recorded",
  ).toEqual([]);
}

/** Every action was done, under one key; those that were done more than once were in doubt when their process died. */
function expectActedOnce(facts: readonly LoggedFact[], { calls, keys }: CountingServer): { repeated: number; inDoubt: number } {
  const ofActions = (type: string) => facts.filter((fact) => fact.type === type && ACTIONS.some((action) => action === fact.node)).length;
  const done = ofActions("node.succeeded");
  const inDoubt = ofActions("node.started") - done;
  expect(keys, "one key for each action").toBe(done);
  expect(ofActions("node.failed")).toBe(0);
  expect(calls - keys, "actions repeated, of those in doubt").toBeLessThanOrEqual(inDoubt);
  return { repeated: calls - keys, inDoubt };
}
