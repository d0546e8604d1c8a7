// R10: whatever inputs a run is given on its way, it ends as one that had the last of them from the start, and repeats nothing that reads the same.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { logOf } from "../host/ledgers.ts";
import { expectFolded, openBareStage, playOut } from "./bare-stage.ts";
import { driveInDisorder, Held } from "./disorder.ts";
import { drive, endOf, rested } from "./drive.ts";
import { graphSpec, NESTED, type NodeSpec } from "./node-spec.ts";
import { expectSameEnd, lastReads, openStage, placedFacts, play, quiet, repetitions, SEED, type Stage } from "./player.ts";
import { INPUTS, someInputs, type Inputs } from "./random-inputs.ts";

const REPETITIONS = repetitions(80);

/** Without effects: those stand as they were done. */
const GRAPHS = [
  {
    kinds: "without children and failures",
    spec: graphSpec({ without: ["effect", ...NESTED], failuresPercent: 0, isSteady: true }),
    check: it,
  },
  { kinds: "of all kinds", spec: graphSpec({ without: ["effect"] }), check: it },
];
const updates = fc.array(fc.record({ inputs: someInputs, after: fc.nat(5) }), { minLength: 1, maxLength: 4 });

describe.each(GRAPHS)(`random graphs $kinds, updated (KINDLING_SEED=${SEED})`, ({ spec, check }) => {
  const many = REPETITIONS.numRuns;

  check(`at rest, ${many} of them end as fresh runs do, and what reads the same is not run again`, { timeout: 600_000 }, async () => {
    await fc.assert(fc.asyncProperty(spec, updates, fc.boolean(), updatedAtRest), REPETITIONS);
  });

  check(`at any time, ${many} of them end as fresh runs do`, { timeout: 600_000 }, async () => {
    await fc.assert(fc.asyncProperty(spec, updates, fc.nat(), updatedAtAnyTime), REPETITIONS);
  });

  check("leave a log whose fold is the state they had in memory", { timeout: 600_000 }, async () => {
    await fc.assert(fc.asyncProperty(spec, updates, updatedAndFolded), REPETITIONS);
  });
});

interface Update {
  readonly inputs: Partial<Inputs>;
  /** For so many steps the run goes on as it is. */
  readonly after: number;
}

async function updatedAtRest(nodes: readonly NodeSpec[], steps: readonly Update[], isCrashed: boolean): Promise<void> {
  let stage = await openStage(nodes);
  const { id } = await stage.kindling.start("random", INPUTS);
  let inputs: Inputs = INPUTS;
  for (const [index, step] of steps.entries()) {
    // Every other time while it waits, where it does.
    if (index % 2 === 0) await drive(stage.kindling, id, stage.clock);
    else await rested(stage.kindling, id, stage.clock);
    const made = lastReads(placedFacts(await logOf(stage.ledger)), stage.world);
    const calls = stage.world.ran.length;
    inputs = { ...inputs, ...step.inputs };
    await stage.kindling.update(id, step.inputs);
    if (isCrashed) {
      await stage.kindling.close();
      stage = await openStage(nodes, { ledger: stage.ledger, world: stage.world });
    }
    await rested(stage.kindling, id, stage.clock);
    // What was under way when the process ended is made again.
    if (!isCrashed) expect(stage.world.ran.slice(calls).filter(({ path, reads }) => made.get(path) === reads)).toEqual([]);
  }
  await drive(stage.kindling, id, stage.clock);
  await expectFresh(nodes, inputs, stage, id);
}

async function updatedAtAnyTime(nodes: readonly NodeSpec[], steps: readonly Update[], order: number): Promise<void> {
  const stage = await openStage(nodes);
  const held = new Held(stage.world, order);
  const { id } = await stage.kindling.start("random", INPUTS);
  const left = [...steps];
  let inputs: Inputs = INPUTS;
  let patience = left[0]?.after ?? 0;
  const update = async () => {
    const step = left.shift();
    patience = left[0]?.after ?? 0;
    inputs = { ...inputs, ...step?.inputs };
    await stage.kindling.update(id, step?.inputs ?? {});
  };
  for (;;) {
    await driveInDisorder(stage, id, held, async () => {
      if (left.length > 0 && patience-- === 0) await update();
    });
    if (left.length === 0) break;
    await update();
  }
  while (held.size > 0) held.release();
  await expectFresh(nodes, inputs, stage, id);
}

async function updatedAndFolded(nodes: readonly NodeSpec[], steps: readonly Update[]): Promise<void> {
  const stage = await openBareStage(nodes);
  await stage.host.use(stage.id, async (run) => {
    for (const { inputs, after } of steps) {
      await playOut(stage, after);
      await expectFolded(stage, run.state);
      await stage.host.update({ run: stage.id, inputs }).catch(expectEnding);
      await expectFolded(stage, run.state);
    }
    await playOut(stage);
    await expectFolded(stage, run.state);
  });
  await stage.host.close();
}

/** A run that takes back what it did is not updated before it has ended. */
function expectEnding(error: unknown): void {
  expect(error).toMatchObject({ code: "run_ending" });
}

/** Compares how an updated run ended with a run that was started with its inputs. */
async function expectFresh(nodes: readonly NodeSpec[], inputs: Inputs, stage: Stage, id: string): Promise<void> {
  const view = await quiet(stage, id);
  await stage.kindling.close();
  const fresh = await play(nodes, { inputs });
  expect(endOf(view)).toEqual(endOf(fresh.view));
  expectSameEnd(fresh, { view, log: await logOf(stage.ledger) }, "updated");
}
