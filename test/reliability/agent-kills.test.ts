// An agent of three tools and twelve turns under kill -9 at random moments: no finished turn is paid for twice, nothing happens twice where the key is
// honoured, and what nobody can know is treated as its tool declares. KILLS sets how often (default 6), KINDLING_SEED when.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { createRuntime, fileLedger, verifyFolder, type RecordedFact, type RunStatus } from "../../src/index.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { AGENTS, TURNS } from "./agent-process.ts";
import { startAgentWorld, type AgentWorld } from "./agent-world.ts";
import { figure } from "./figure.ts";
import { sample, SEED } from "./seed.ts";

const KILLS = Number(process.env["KILLS"] ?? sample(6, 200));
const PROCESS = fileURLToPath(new URL("agent-process.ts", import.meta.url));
/** About how long one conversation takes after its first request. */
const CONVERSATION_MS = 500;

interface Played {
  readonly id: string;
  readonly number: number;
  readonly asks: boolean;
  readonly status: RunStatus;
  readonly facts: readonly RecordedFact[];
}

it(`an agent survives ${KILLS} kills (seed ${SEED})`, { timeout: 60_000 + KILLS * 15_000 }, async () => {
  const random = seededRandom(SEED);
  const world = await startAgentWorld(random);
  onTestFinished(() => world.close());
  const folder = join(await temporaryFolder(), "ledger");
  let kills = 0;
  while (kills < KILLS) kills += (await workAndDie(folder, world, random() * CONVERSATION_MS)) ? 1 : 0;
  // What was left is brought to its end.
  expect(await workAndDie(folder, world, undefined)).toBe(false);

  expect((await verifyFolder(folder)).faults).toEqual([]);
  const runs = await played(folder);
  expect(runs.every(({ status }) => status === "succeeded" || status === "failed")).toBe(true);
  let uncertain = 0;
  let lost = 0;
  for (const run of runs) {
    uncertain += expectEachCallTreatedAsDeclared(run, world);
    lost += expectNoTurnPaidTwice(run, world);
  }
  const calls = runs.flatMap(({ facts }) => facts.filter(({ type }) => type === "tool.returned")).length;
  expect(lost, "a kill costs at most the one request in flight").toBeLessThanOrEqual(kills);
  for (const [key, times] of world.written) expect(times, key).toBe(1);
  figure("agent", {
    kills,
    runs: runs.length,
    calls,
    "replies lost": lost,
    "calls uncertain": uncertain,
    "writes repeated": world.writes() - world.written.size,
  });
});

/** Every answered turn was asked for once, whatever came between. Gives how many requests found no one to take their answer. */
function expectNoTurnPaidTwice({ number, facts }: Played, world: AgentWorld): number {
  let lost = 0;
  for (let turn = 1; turn <= TURNS; turn++) {
    const requested = facts.filter((fact) => fact.type === "model.requested" && fact.turn === turn);
    const replied = facts.filter((fact) => fact.type === "model.replied" && fact.turn === turn);
    expect(replied.length, `replies of turn ${turn}`).toBeLessThanOrEqual(1);
    const last = requested.at(-1)?.position ?? 0;
    for (const { position } of replied) expect(position, `turn ${turn} was not asked again after its reply`).toBeGreaterThanOrEqual(last);
    const asked = world.asked.get(`${number} ${turn}`) ?? 0;
    expect(asked, "R3: nothing is asked that is not on record").toBeLessThanOrEqual(requested.length);
    lost += Math.max(0, asked - replied.length);
  }
  return lost;
}

/** Gives how many calls nobody could know the end of. */
function expectEachCallTreatedAsDeclared({ id, asks, status, facts }: Played, world: AgentWorld): number {
  const uncertain = facts.filter((fact) => fact.type === "tool.uncertain");
  const byPath = Map.groupBy(facts, ({ path }) => path);
  for (const fact of uncertain) {
    if (fact.type !== "tool.uncertain") continue;
    expect(["write", "notify"], "what may be repeated is never uncertain").toContain(fact.tool);
    expect(fact.decided).toBe(fact.tool === "write" ? "retry" : asks ? "ask" : "fail");
    const types = (byPath.get(fact.path) ?? []).map(({ type }) => type);
    expect(types[types.indexOf("tool.uncertain") - 2] ?? types[0], "it was cut off between call and record").toMatch(
      /tool\.called|node\.started/,
    );
  }
  const hasFailed = uncertain.some((fact) => fact.type === "tool.uncertain" && fact.decided === "fail");
  expect(status).toBe(hasFailed ? "failed" : "succeeded");
  for (let n = 1; n < TURNS; n++) {
    const told = world.told.get(`${id} ${n}`) ?? 0;
    if (status === "succeeded") {
      expect(told, `"notify" of ${n} happened once`).toBe(1);
      expect(world.written.get(`${id}:work[${n}.write]`), `"write" of ${n} happened once`).toBe(1);
    } else expect(told, `"notify" of ${n} did not happen twice`).toBeLessThanOrEqual(1);
  }
  return uncertain.length;
}

async function played(folder: string): Promise<readonly Played[]> {
  const reader = await createRuntime({ contracts: AGENTS, ledger: fileLedger(folder), access: "read" });
  try {
    const { items } = await reader.list({ limit: 1_000 });
    return await Promise.all(
      items.map(async ({ id, contract, status }) => {
        const facts = await reader.facts(id);
        const [first] = facts;
        const number = first?.type === "run.started" ? Number(first.inputs["number"]) : Number.NaN;
        return { id, number, asks: contract === "agent-ask", status, facts };
      }),
    );
  } finally {
    await reader.close();
  }
}

/** Starts the process and kills it some time after its first request. True when the kill came before its end. */
async function workAndDie(folder: string, world: AgentWorld, afterMs: number | undefined): Promise<boolean> {
  const asked = world.next();
  const child = spawn(process.execPath, ["--conditions=kindling-source", PROCESS, folder, world.url], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stdout.resume();
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const ended = once(child, "close");
  if (afterMs !== undefined) {
    await Promise.race([asked.then(() => pause(afterMs)), ended]);
    child.kill("SIGKILL");
  }
  const [code, signal]: unknown[] = await ended;
  if (signal !== "SIGKILL") expect({ code, errors }).toMatchObject({ code: 0 });
  return signal === "SIGKILL";
}
