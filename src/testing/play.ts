// Plays a recording from its start to where it ended: a runtime of its own over a ledger in memory, time that jumps, and a stand-in for the world.

import {
  createRuntime,
  InputError,
  memoryLedger,
  type ModelProvider,
  planOf,
  type Prices,
  type RecordedFact,
  type RecordedPrompt,
  type RunView,
} from "../index.ts";
import type { AnyContract } from "../graph/contract.ts";
import { systemClock } from "../host/clock.ts";
import { modelAccess } from "../host/models.ts";
import type { RunRecording } from "../../providers/recorded/run-recording.ts";
import { Drive } from "./drive.ts";
import { Player, type PlayMode, type RealModels } from "./player.ts";
import { recordedSigners, unsigned } from "./recorded-signers.ts";
import { ReplayTime } from "./replay-time.ts";
import { seededChance } from "./seeded-chance.ts";
import { inputsFor } from "./recorded-inputs.ts";
import { withStandIn } from "./stand-in.ts";
import { Tape } from "./tape.ts";

/** The world for what is asked for real. */
export interface RealWorld {
  readonly models?: readonly ModelProvider[];
  readonly model?: string;
  readonly prices?: Prices;
}

/** How a recording went. */
export interface Played {
  readonly view: RunView;
  /** What it gave, collections as their views; undefined for a run that did not succeed. */
  readonly outputs: unknown;
  readonly facts: readonly RecordedFact[];
  readonly prompts: readonly RecordedPrompt[];
  readonly tape: Tape;
  readonly player: Player;
  /** What could not be done as it was recorded, in sentences. */
  readonly problems: readonly string[];
  /** Hash of the plan of the contract that was played. */
  readonly plan: string;
}

/** Plays a recording. @throws InputError `wrong_contract`, RunError `replay_stuck` */
export async function play(recording: RunRecording, contract: AnyContract, mode: PlayMode, world: RealWorld = {}): Promise<Played> {
  if (contract.name !== recording.contract.name)
    throw new InputError(
      "wrong_contract",
      `the recording is of the contract "${recording.contract.name}", and "${contract.name}" was given`,
      {
        fix: "Give the contract that the recording is of.",
      },
    );
  const tape = new Tape(recording);
  const time = new ReplayTime(recording.startedAt);
  const player = new Player({ recording, tape, time, mode, real: realModels(world) });
  const graph = withStandIn(contract.graph, player, recording.overrides);
  const chance = seededChance(1);
  const kindling = await createRuntime({
    contracts: [{ name: contract.name, version: contract.version, graph }],
    ledger: memoryLedger(),
    approvers: recordedSigners(recording),
    clock: time.clock,
    chance: { fraction: () => chance.fraction(), id: () => recording.run.replace(/^run_/, "") },
  });
  try {
    const { inputs, problems: gone } = await inputsFor(contract.graph, recording.inputs);
    const problems = [...gone];
    const run = await kindling.start(contract.name, inputs, recording.starter === undefined ? {} : { actor: unsigned(recording.starter) });
    const view = await new Drive(kindling, run, { recording, time, player, problems }).toEnd();
    const outputs = view.status === "succeeded" ? await run.result() : undefined;
    return {
      view,
      outputs,
      facts: await run.facts(),
      prompts: await run.prompts(),
      tape,
      player,
      problems,
      plan: planOf(contract.graph).hash,
    };
  } finally {
    await kindling.close();
  }
}

/** Models in real time, whatever the time of the replay is. */
function realModels({ models = [], model, prices = [] }: RealWorld): RealModels {
  return modelAccess({ models, model, prices }, systemClock);
}
