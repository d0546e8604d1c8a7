// R10: many deliverers in several processes answer one await at the same moment, and it is answered once, whatever else happens then.

import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { createRuntime, fileLedger, verifyFolder, type DeliverRequest, type RecordedFact } from "../../src/index.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { type Answer, HASTY_MS, hasty, patient } from "./deliverer-process.ts";
import { type Deliverer, startDeliverers, writerPid } from "./deliverers.ts";
import { figure } from "./figure.ts";
import { sample, SEED } from "./seed.ts";

const PROCESSES = 3;
const DELIVERERS = 64;
const ALL = PROCESSES * DELIVERERS;
const ROUNDS = sample(1, 40);

/** How the deliverers differ, and what happens while they deliver. */
interface Race {
  readonly name: string;
  readonly ids: "same" | "different";
  readonly payloads: "same" | "different";
  readonly against?: "timeout" | "cancel" | "kill";
}

const RACES: readonly Race[] = [
  { name: "the same id", ids: "same", payloads: "same" },
  { name: "different ids", ids: "different", payloads: "same" },
  { name: "the same id with other payloads", ids: "same", payloads: "different" },
  { name: "a timeout", ids: "different", payloads: "different", against: "timeout" },
  { name: "a cancel", ids: "different", payloads: "different", against: "cancel" },
  { name: "the death of the writer, same id", ids: "same", payloads: "same", against: "kill" },
  { name: "the death of the writer, different ids", ids: "different", payloads: "different", against: "kill" },
];

interface Outcome {
  readonly answers: readonly Answer[];
  readonly facts: readonly RecordedFact[];
}

it(`an event that ${ALL} deliverers in ${PROCESSES} processes bring at once counts once (KINDLING_SEED=${SEED})`, {
  timeout: 60_000 + ROUNDS * 15_000,
}, async () => {
  const random = seededRandom(SEED);
  const folder = join(await temporaryFolder(), "ledger");
  const counts = { deliveries: 0, satisfied: 0, byEvent: 0, duplicates: 0, conflicts: 0, late: 0, kills: 0, inTheMiddle: 0 };
  let deliverers = await startDeliverers(folder, PROCESSES);
  for (let round = 0; round < ROUNDS; round++) {
    for (const race of RACES) {
      const outcome = await play(folder, deliverers, race, `${race.name} ${round}`, random);
      const tally = tallyOf(outcome.answers);
      const place = `${race.name}, round ${round}, KINDLING_SEED=${SEED}`;
      expect(satisfactions(outcome.facts), place).toBe(1);
      expectAnswersOf(race, outcome, place);
      counts.deliveries += ALL;
      counts.satisfied += satisfactions(outcome.facts);
      counts.byEvent += outcome.facts.filter(({ type }) => type === "event.delivered").length;
      counts.duplicates += tally.get("duplicate") ?? 0;
      counts.conflicts += tally.get("delivery_conflict") ?? 0;
      counts.late += (tally.get("already_decided") ?? 0) + (tally.get("run_ended") ?? 0);
      if (race.against !== "kill") continue;
      counts.kills += 1;
      if (outcome.answers.length < ALL) counts.inTheMiddle += 1;
      await Promise.all(deliverers.map((each) => each.kill()));
      deliverers = await startDeliverers(folder, PROCESSES);
    }
  }
  await Promise.all(deliverers.map((each) => each.leave()));
  expect(counts).toMatchObject({ satisfied: ROUNDS * RACES.length, conflicts: ROUNDS * (ALL - 1) });
  expect((await verifyFolder(folder)).faults).toEqual([]);
  figure("R10", counts);
});

async function play(
  folder: string,
  deliverers: readonly Deliverer[],
  { ids, payloads, against }: Race,
  id: string,
  random: () => number,
): Promise<Outcome> {
  const { run, since } = (await deliverers[0]?.start(against === "timeout" ? "hasty" : "patient", id)) ?? { run: "", since: 0 };
  const at = against === "timeout" ? since + HASTY_MS + Math.floor(random() * 30) - 20 : Date.now() + 30;
  const orders = deliverers.map((deliverer, process) =>
    deliverer.deliver({
      at,
      requests: Array.from({ length: DELIVERERS }, (_, index): DeliverRequest => {
        const number = `${process}.${index}`;
        return {
          event: "answered",
          correlation: { id },
          payload: { text: payloads === "same" ? "yes" : number },
          deliveryId: `${id} ${ids === "same" ? "one" : number}`,
        };
      }),
      ...(against === "cancel" && process === 1 ? { cancel: run } : {}),
    }),
  );
  if (against === "kill") await killWriter(folder, deliverers, at + random() * 25);
  const answers = (await Promise.all(orders)).flatMap((each) => each ?? []);
  return { answers, facts: await factsOf(folder, run) };
}

async function killWriter(folder: string, deliverers: readonly Deliverer[], at: number): Promise<void> {
  const pid = await writerPid(folder);
  const writer = deliverers.find((each) => each.pid === pid);
  expect(writer, `process ${pid} writes`).toBeDefined();
  await setTimeout(Math.max(0, at - Date.now()));
  await writer?.kill();
}

async function factsOf(folder: string, run: string): Promise<readonly RecordedFact[]> {
  await using reader = await createRuntime({ contracts: [patient, hasty], ledger: fileLedger(folder), access: "read" });
  await (await reader.run(run)).settled({ signal: AbortSignal.timeout(20_000) });
  return await reader.facts(run);
}

/** How often the await was decided: by an event, by its deadline, or by the end of its run without either. */
function satisfactions(facts: readonly RecordedFact[]): number {
  const decided = facts.filter(({ type }) => type === "event.delivered" || type === "node.succeeded").length;
  return decided + facts.filter(({ type }) => type === "run.cancelled").length;
}

function tallyOf(answers: readonly Answer[]): ReadonlyMap<string, number> {
  const tally = new Map<string, number>();
  for (const answer of answers) {
    const name = "code" in answer ? answer.code : answer.status;
    tally.set(name, (tally.get(name) ?? 0) + 1);
  }
  return tally;
}

/** What the deliverers were told is what the ledger holds: one of them at most delivered, the others hear why they did not. */
function expectAnswersOf({ ids, payloads, against }: Race, { answers, facts }: Outcome, place: string): void {
  const recorded = facts.find((fact) => fact.type === "event.delivered");
  const delivered = answers.filter(({ status }) => status === "delivered");
  if (against === "kill") {
    // The one that delivered may have died before it could say so.
    expect([ALL, ALL - DELIVERERS], place).toContain(answers.length);
    expect(delivered.length, place).toBeLessThanOrEqual(1);
  } else {
    expect(answers.length, place).toBe(ALL);
    expect(delivered.length, place).toBe(recorded === undefined ? 0 : 1);
  }
  const wrong = answers.filter((answer) => {
    switch (answer.status) {
      case "delivered":
        return answer.deliveryId !== recorded?.deliveryId;
      case "duplicate":
        // Also for one that asks again, since the writer died before it could answer.
        return answer.deliveryId !== recorded?.deliveryId || (payloads === "different" && ids === "same");
      case "refused":
        return ids === "same" ? answer.code !== "delivery_conflict" : answer.code !== "already_decided" && answer.code !== "run_ended";
      default:
        return true;
    }
  });
  expect(wrong, place).toEqual([]);
}
