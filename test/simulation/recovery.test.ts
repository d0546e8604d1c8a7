// R12: random graphs, cut off after every commit, go on in a new process and end as if nothing had happened; what was recorded is not done again.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryLedger, type Kindling } from "../../src/index.ts";
import { planOf } from "../../src/compile/plan.ts";
import type { EmbeddedHost } from "../../src/host/embedded.ts";
import { foldEntries } from "../../src/host/plans.ts";
import { joinPath } from "../../src/run/path.ts";
import { readNote } from "../../src/run/head.ts";
import type { RunState } from "../../src/run/state.ts";
import { factsIn, ledgerWith, logOf, type Log } from "../host/ledgers.ts";
import { openBareHost, openKindling, until } from "../host/open-host.ts";
import { drive, endOf } from "./drive.ts";
import { graphSpec, randomContract, type NodeSpec } from "./random-graph.ts";

/** One case again: `KINDLING_SEED=17 KINDLING_PATH=3:1`. A long night: `KINDLING_RUNS=5000`. */
const SEED = Number(process.env["KINDLING_SEED"] ?? 20_261_121);
const RUNS = Number(process.env["KINDLING_RUNS"] ?? 60);
const replay = process.env["KINDLING_PATH"] === undefined ? {} : { path: process.env["KINDLING_PATH"] };

describe(`random graphs (KINDLING_SEED=${SEED})`, () => {
  it(`${RUNS} of them, cut off after every commit, end the same, and nothing recorded runs again`, { timeout: 600_000 }, async () => {
    let cuts = 0;
    await fc.assert(
      fc.asyncProperty(graphSpec, async (spec) => {
        const whole = await play(spec, memoryLedger());
        for (let commits = 1; commits <= whole.log.entries.length; commits++) {
          cuts += 1;
          const again = await play(spec, await ledgerWith(whole.log, commits), whole.id);
          expect(again.end, `cut after ${commits}`).toEqual(whole.end);
          expect(doneTwice(whole.log, commits, again.ran), `cut after ${commits}`).toEqual([]);
          expect(outcomesTwice(again.log), `cut after ${commits}`).toEqual([]);
          // Beside a failure, how far the others came depends on time.
          if (!hasFailure(whole.log)) expect(kindsIn(again.log), `cut after ${commits}`).toEqual(kindsIn(whole.log));
        }
      }),
      { seed: SEED, numRuns: RUNS, ...replay },
    );
    console.log(`recovery: seed ${SEED}, ${RUNS} graphs, ${cuts} cuts, differing 0`);
  });

  it("leave a log whose fold is the state they had in memory", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(graphSpec, async (spec) => {
        const { contract, provider } = randomContract(spec);
        const host = await openBareHost([contract], memoryLedger(), [provider]);
        const { id } = await host.start({ contract: "random", inputs: { seed: "s" } });
        await host.use(id, async (run) => {
          await playOut(host, id);
          expect(timeless(run.state)).toEqual(timeless(foldEntries(id, planOf(contract.graph), await host.ledger.read(id))));
        });
        await host.close();
      }),
      { seed: SEED, numRuns: RUNS, ...replay },
    );
  });
});

interface Played {
  readonly id: string;
  readonly end: ReturnType<typeof endOf>;
  readonly log: Log;
  readonly ran: readonly string[];
}

async function play(spec: readonly NodeSpec[], ledger: ReturnType<typeof memoryLedger>, known?: string): Promise<Played> {
  const { contract, provider, ran } = randomContract(spec);
  const kindling: Kindling = await openKindling({ contracts: [contract], models: [provider], ledger });
  const id = known ?? (await kindling.start("random", { seed: "s" })).id;
  const view = await drive(kindling, id);
  await kindling.close();
  return { id, end: endOf(view), log: await logOf(ledger), ran };
}

/** Answers awaits through the bare host until the run has ended. */
async function playOut(host: EmbeddedHost, id: string): Promise<void> {
  await until(async () => {
    const state = host.inMemory(id)?.state;
    if (state === undefined) return true;
    const open = host.ledger.find({ keys: ["awaits:answered"], open: true });
    for (const { note } of open) {
      const { path = "", awaits = [] } = readNote(note) ?? {};
      for (const { node } of awaits) await host.deliver({ event: "answered", run: id, path: joinPath(path, node), payload: "x" });
    }
    return state.status !== "running" && state.status !== "waiting";
  }, `the end of ${id}`);
}

/** What ran in the second life although the first commits say how it ended. */
function doneTwice(log: Log, commits: number, ran: readonly string[]): string[] {
  const done = new Set<string>();
  const insideDone: string[] = [];
  const prefixes = new Map<string, string>();
  for (const { run, type, path: prefix = "", node = "", key = "" } of factsIn(log, commits)) {
    if (type === "run.started") prefixes.set(run, prefix);
    const path = [prefixes.get(run) ?? "", node].filter((part) => part !== "").join("/");
    if (type === "node.succeeded" || type === "model.replied") done.add(path);
    if (type === "child.settled") insideDone.push(`${path}${key === "" ? "" : `[${key}]`}/`);
  }
  return ran.filter((path) => done.has(path) || insideDone.some((prefix) => path.startsWith(prefix)));
}

/** Nodes with more than one outcome. */
function outcomesTwice(log: Log): string[] {
  const seen = new Map<string, number>();
  for (const { run, type, node = "", key, retryAt } of factsIn(log)) {
    const isOutcome =
      type === "node.succeeded" ||
      type === "event.delivered" ||
      type === "child.settled" ||
      (type === "node.failed" && retryAt === undefined);
    // A node and its only child, whose key is empty, are two things.
    const name = key === undefined ? `${run} ${node}` : `${run} ${node}[${key}]`;
    if (isOutcome) seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  return [...seen].filter(([, count]) => count > 1).map(([name]) => name);
}

function hasFailure(log: Log): boolean {
  return factsIn(log).some(({ type, status, retryAt }) => (type === "node.failed" && retryAt === undefined) || status === "failed");
}

/** Which facts there are at all, without how often tries were begun and pauses made. */
function kindsIn(log: Log): string[] {
  const kinds = factsIn(log).map(({ run, type, node = "", key = "" }) => `${run} ${type} ${node} ${key}`);
  return [...new Set(kinds)].filter((kind) => !/node\.(started|failed)|model\.requested|run\.waiting|child\.started/.test(kind)).sort();
}

function timeless(state: RunState): unknown {
  const { plan: _plan, due: _due, active: _active, pausing: _pausing, startedAt: _startedAt, endedAt: _endedAt, nodes, ...rest } = state;
  return {
    ...rest,
    nodes: nodes.map((node) => {
      const { at: _at, since: _since, active: _here, next: _next, ...known } = { at: 0, since: 0, active: 0, next: 0, ...node };
      return known;
    }),
  };
}
