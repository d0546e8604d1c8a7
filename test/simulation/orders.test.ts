// R6: what a run gives depends on what its nodes read and never on the order in which calls end, answers come and time passes.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { logOf } from "../host/ledgers.ts";
import { driveInDisorder, Held } from "./disorder.ts";
import { endOf } from "./drive.ts";
import { graphSpec } from "./node-spec.ts";
import { expectSameEnd, failuresIn, openStage, play, quiet, repetitions, SEED } from "./player.ts";
import { INPUTS } from "./random-inputs.ts";

const REPETITIONS = repetitions(150);

describe(`random graphs of all kinds (KINDLING_SEED=${SEED})`, () => {
  it(`${REPETITIONS.numRuns} of them give the same in every order of completions`, { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(graphSpec(), fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), async (spec, orders) => {
        const whole = await play(spec);
        for (const order of orders) {
          const stage = await openStage(spec);
          const held = new Held(stage.world, order);
          const { id } = await stage.kindling.start("random", INPUTS);
          await driveInDisorder(stage, id, held);
          while (held.size > 0) held.release();
          const view = await quiet(stage, id);
          await stage.kindling.close();
          const log = await logOf(stage.ledger);
          expect(endOf(view), `order ${order}`).toEqual(endOf(whole.view));
          expectSameEnd(whole, { view, log }, `order ${order}`);
          // Beside a failure, how far the others come depends on time.
          if (failuresIn(whole.log).size === 0) expect(callsOf(stage.world.ran), `order ${order}`).toEqual(callsOf(whole.world.ran));
        }
      }),
      REPETITIONS,
    );
  });
});

function callsOf(ran: readonly { readonly path: string; readonly reads: string }[]): readonly string[] {
  return ran.map(({ path, reads }) => `${path} ${reads}`).toSorted();
}
