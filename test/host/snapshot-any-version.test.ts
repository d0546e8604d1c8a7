// R7: a run read from a snapshot of any version and the facts after it is the run that all its facts make, and goes on just like that one.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { findRun, snapshotOf } from "../../src/host/found-run.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { resume } from "../../src/run/decide.ts";
import { endOf } from "../simulation/drive.ts";
import { graphSpec } from "../simulation/node-spec.ts";
import { placedFacts, planIn, play, repetitions, SEED, worldAt } from "../simulation/player.ts";
import { randomContract } from "../simulation/random-graph.ts";
import { World } from "../simulation/world.ts";
import { ledgerWith, type Log } from "./ledgers.ts";
import type { Plan } from "../../src/compile/plan.ts";

const REPETITIONS = repetitions(25);

const AS_RECORDED = { isSame: true, changed: [], migrated: { keep: [], rerun: [] } };

/** Keeps a snapshot of a run as it was after so many of its facts. */
async function keepAt(ledger: Ledger, log: Log, run: string, plan: Plan, version: number): Promise<void> {
  const entries = log.entries.filter((entry) => entry.run === run && entry.first <= version);
  const place = await ledgerWith({
    ...log,
    entries: entries.map((entry) => ({ ...entry, facts: entry.facts.slice(0, version + 1 - entry.first) })),
  });
  await using cut = await place.open({ access: "write" });
  const snapshot = snapshotOf(AS_RECORDED, (await findRun(cut, run, plan)).fold());
  if (snapshot === undefined) throw new Error(`no snapshot of ${run} at ${version}`);
  await ledger.snapshots.put(run, snapshot);
}

describe(`random graphs (KINDLING_SEED=${SEED})`, () => {
  it(`${REPETITIONS.numRuns} of them, read from snapshots of every version, are what all their facts make`, {
    timeout: 600_000,
  }, async () => {
    let snapshots = 0;
    await fc.assert(
      fc.asyncProperty(graphSpec(), async (spec) => {
        const { log } = await play(spec);
        const { graph } = randomContract(spec, new World()).contract;
        await using ledger = await (await ledgerWith(log)).open({ access: "write" });
        for (const run of new Set(log.entries.map((entry) => entry.run))) {
          const plan = planIn(log.entries, graph, run);
          const whole = (await findRun(ledger, run, plan)).fold();
          resume(whole.state);
          for (let version = 1; version <= whole.state.version; version++) {
            snapshots += 1;
            await keepAt(ledger, log, run, plan, version);
            const found = await findRun(ledger, run, plan);
            expect(found.kept).toBe(version);
            const folded = found.fold();
            resume(folded.state);
            expect(folded, `${run} from ${version}`).toStrictEqual(whole);
          }
        }
      }),
      REPETITIONS,
    );
    console.log(`snapshots: seed ${SEED}, ${REPETITIONS.numRuns} graphs, ${snapshots} versions, differing 0`);
  });

  it("that a new process takes up from snapshots end like those it takes up from facts", { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(graphSpec(), async (spec) => {
        const whole = await play(spec);
        const { graph } = randomContract(spec, new World()).contract;
        for (let commits = 1; commits <= whole.log.entries.length; commits += 3) {
          const place = await ledgerWith(whole.log, commits);
          const ledger = await place.open({ access: "write" });
          const cut = whole.log.entries.slice(0, commits);
          for (const run of new Set(cut.map((entry) => entry.run)))
            await keepAt(
              ledger,
              { ...whole.log, entries: cut },
              run,
              planIn(cut, graph, run),
              1 + (commits % (ledger.head(run)?.version ?? 1)),
            );
          await ledger.close();
          const world = worldAt(placedFacts(whole.log, commits), whole, false);
          const again = await play(spec, { ledger: place, world, known: whole.id });
          expect(endOf(again.view), `cut after ${commits}`).toEqual(endOf(whole.view));
        }
      }),
      REPETITIONS,
    );
  });
});
