// A run whose failures go away one after the other ends as if nothing had failed, and repeats nothing that has its value.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { logOf } from "../host/ledgers.ts";
import { driveInDisorder, Held } from "./disorder.ts";
import { endOf } from "./drive.ts";
import { graphSpec, NESTED, type GraphOptions, type NodeSpec } from "./node-spec.ts";
import { factsAfter, lastReads, openStage, placedFacts, play, quiet, repetitions, SEED, type Played, type Stage } from "./player.ts";
import { INPUTS } from "./random-inputs.ts";
import type { Act } from "./world.ts";

const REPETITIONS = repetitions(80);
const ROUNDS = 100;

const breaks = fc.record({ broken: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), order: fc.nat(), isCrashed: fc.boolean() });

/** Collections that collect failures do not fail, and are retried item by item. */
const FAILING = { failuresPercent: 0, isFailFast: true } as const;

const GRAPHS = [
  {
    kinds: "without children",
    options: { ...FAILING, isSteady: true, without: [...NESTED, "await", "sleep"] } satisfies GraphOptions,
    check: it,
  },
  { kinds: "of all kinds", options: FAILING, check: it },
];

describe.each(GRAPHS)(`random graphs $kinds that fail, retried (KINDLING_SEED=${SEED})`, ({ options, check }) => {
  check(`${REPETITIONS.numRuns} of them end as if nothing had failed, and repeat nothing`, { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(graphSpec({ ...options, isForGood: true }), breaks, async (spec, plan) => {
        const { whole, stage, view, repeated } = await retried(spec, plan);
        expect(endOf(view)).toEqual(endOf(whole.view));
        expect(repeated).toEqual([]);
        expect(pathsOf(stage.world.acts.values())).toEqual(pathsOf(whole.world.acts.values()));
      }),
      REPETITIONS,
    );
  });

  check(`${REPETITIONS.numRuns} of them that take back what they did do it again, once`, { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(graphSpec(options), breaks, async (spec, plan) => {
        const { whole, stage, view } = await retried(spec, plan);
        expect(endOf(view)).toEqual(endOf(whole.view));
        const standing = [...stage.world.acts.values()].filter(({ key }) => !stage.world.takenBack.includes(key));
        expect(pathsOf(standing)).toEqual(pathsOf(whole.world.acts.values()));
      }),
      REPETITIONS,
    );
  });
});

function pathsOf(acts: Iterable<Act>): readonly string[] {
  return [...acts].map(({ path }) => path).toSorted();
}

interface Retried {
  readonly whole: Played;
  readonly stage: Stage;
  readonly view: Played["view"];
  /** Paths of nodes that had their value and ran again, reading the same. */
  readonly repeated: readonly string[];
}

/** Plays a run with some broken nodes, and mends one of them before each retry. */
async function retried(
  spec: readonly NodeSpec[],
  { broken, order, isCrashed }: { broken: readonly number[]; order: number; isCrashed: boolean },
): Promise<Retried> {
  const whole = await play(spec);
  const paths = [...new Set(whole.world.ran.map(({ path }) => path))].toSorted();
  let stage = await openStage(spec);
  for (const number of broken) {
    const path = paths[number % Math.max(1, paths.length)];
    if (path !== undefined) stage.world.broken.add(path);
  }
  const held = new Held(stage.world, order);
  const { id } = await stage.kindling.start("random", INPUTS);
  const repeated: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await driveInDisorder(stage, id, held);
    while (held.size > 0) held.release();
    const view = await quiet(stage, id);
    if (view.status !== "failed") {
      await stage.kindling.close();
      return { whole, stage, view, repeated };
    }
    if (isCrashed) {
      await stage.kindling.close();
      stage = await openStage(spec, { ledger: stage.ledger, world: stage.world });
    }
    const log = await logOf(stage.ledger);
    const made = lastReads(placedFacts(log), stage.world);
    const calls = stage.world.ran.length;
    const [first = ""] = stage.world.broken;
    stage.world.broken.delete(first);
    await stage.kindling.retry(id);
    const listed = await quiet(stage, id);
    repeated.push(...stage.world.ran.slice(calls).flatMap(({ path, reads }) => (made.get(path) === reads ? [path] : [])));
    expect(factsAfter(await logOf(stage.ledger), log.entries.length).length, listed.status).toBeGreaterThan(0);
  }
  throw new Error("it never succeeds");
}
