// R12: a run goes on from every single fact as if nothing had happened, also from between two facts that one commit made durable together.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { endOf } from "./drive.ts";
import { graphSpec } from "./node-spec.ts";
import { cutLog, cutsOf, expectSameEnd, failuresIn, placedFacts, play, repetitions, SEED, worldAt, type Played } from "./player.ts";
import { ledgerWith } from "../host/ledgers.ts";
import { figure } from "../reliability/figure.ts";

const REPETITIONS = repetitions(40);

describe(`random graphs of all kinds (KINDLING_SEED=${SEED})`, () => {
  it(`${REPETITIONS.numRuns} of them, cut off after every fact, end the same, and act once under each key`, {
    timeout: 600_000,
  }, async () => {
    let cuts = 0;
    await fc.assert(
      fc.asyncProperty(graphSpec(), async (spec) => {
        const whole = await play(spec);
        for (const [index, cut] of cutsOf(whole.log).entries()) {
          cuts += 1;
          const log = cutLog(spec, whole.log, cut);
          const where = `cut after ${cut.commits} commits and ${cut.facts} facts`;
          const world = worldAt(placedFacts(log), whole, index % 2 === 1);
          const again = await play(spec, { ledger: await ledgerWith(log), world, known: whole.id });
          expect(endOf(again.view), where).toEqual(endOf(whole.view));
          expectSameEnd(whole, again, where);
          expectSameActs(whole, again, where);
        }
      }),
      REPETITIONS,
    );
    figure("R12", { seed: SEED, graphs: REPETITIONS.numRuns ?? 0, cuts, differing: 0 });
  });
});

/** Every key was acted on, and every action has one key. */
function expectSameActs(whole: Played, again: Played, where: string): void {
  const paths = [...again.world.acts.values()].map(({ path }) => path);
  expect(new Set(paths).size, where).toBe(paths.length);
  // In a run that fails, how far the others come depends on time.
  if (failuresIn(whole.log).size === 0)
    expect([...again.world.acts.keys()].toSorted(), where).toEqual([...whole.world.acts.keys()].toSorted());
}
