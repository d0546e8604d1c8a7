// R12: random graphs, cut off after every commit, go on in a new process and end as if nothing had happened; what was recorded is not done again.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { factsIn, ledgerWith, type Log } from "../host/ledgers.ts";
import { expectFolded, openBareStage, playOut } from "./bare-stage.ts";
import { endOf } from "./drive.ts";
import { graphSpec } from "./node-spec.ts";
import { placedFacts, play, repetitions, SEED, worldAt } from "./player.ts";
import type { World } from "./world.ts";

const REPETITIONS = repetitions(40);

describe(`random graphs (KINDLING_SEED=${SEED})`, () => {
  it(`${REPETITIONS.numRuns} of them, cut off after every commit, end the same, and nothing recorded runs again`, {
    timeout: 600_000,
  }, async () => {
    let cuts = 0;
    await fc.assert(
      fc.asyncProperty(graphSpec(), async (spec) => {
        const whole = await play(spec);
        for (let commits = 1; commits <= whole.log.entries.length; commits++) {
          cuts += 1;
          const world = worldAt(placedFacts(whole.log, commits), whole, false);
          const again = await play(spec, { ledger: await ledgerWith(whole.log, commits), world, known: whole.id });
          expect(endOf(again.view), `cut after ${commits}`).toEqual(endOf(whole.view));
          expect(doneTwice(whole.log, commits, world), `cut after ${commits}`).toEqual([]);
          expect(outcomesTwice(again.log), `cut after ${commits}`).toEqual([]);
          // Beside a failure, how far the others came depends on time.
          if (!hasFailure(whole.log)) expect(kindsIn(again.log), `cut after ${commits}`).toEqual(kindsIn(whole.log));
        }
      }),
      REPETITIONS,
    );
    console.log(`recovery: seed ${SEED}, ${REPETITIONS.numRuns} graphs, ${cuts} cuts, differing 0`);
  });

  it("leave a log whose fold is the state they had in memory", async () => {
    await fc.assert(
      fc.asyncProperty(graphSpec(), async (spec) => {
        const stage = await openBareStage(spec);
        await stage.host.use(stage.id, async (run) => {
          await playOut(stage);
          await expectFolded(stage, run.state);
        });
        await stage.host.close();
      }),
      REPETITIONS,
    );
  });
});

/** What ran in the second life although the first commits say how it ended. */
function doneTwice(log: Log, commits: number, { ran }: World): string[] {
  const facts = placedFacts(log, commits);
  const done = new Set(facts.flatMap(({ type, at }) => (type === "node.succeeded" || type === "model.replied" ? [at] : [])));
  // In one that failed, an action that a crash cut off may be found out about.
  const inside = facts.flatMap(({ type, at, key = "", status }) =>
    type === "child.settled" && status === "succeeded" ? [`${at}${key === "" ? "" : `[${key}]`}/`] : [],
  );
  return ran.map(({ path }) => path).filter((path) => done.has(path) || inside.some((prefix) => path.startsWith(prefix)));
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
