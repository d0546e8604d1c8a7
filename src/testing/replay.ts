// A replay and what came of it, and a recording brought up to date. Throws nothing for what is different: that is its answer.

import type { AnyContract } from "../graph/contract.ts";
import type { RecordedFact, RunView, Spending } from "../index.ts";
import type { RunRecording } from "../../providers/recorded/run-recording.ts";
import { complete } from "./complete.ts";
import { outcomeDifferences, outcomeOf } from "./outcome.ts";
import { play, type RealWorld } from "./play.ts";
import { replayLines } from "./replay-text.ts";
import type { AlteredNode } from "./tape.ts";

/** How a replay went. */
export interface Replay {
  /** True when the run is as it was recorded. */
  readonly isSame: boolean;
  readonly altered: readonly AlteredNode[];
  readonly view: RunView;
  readonly outputs: unknown;
  readonly facts: readonly RecordedFact[];
  /** All of it for a person; the first line is the answer. */
  readonly lines: readonly string[];
}

/** Plays a recording and compares. Nothing outside is asked or done, and no token is spent. */
export async function replay(recording: RunRecording, contract: AnyContract): Promise<Replay> {
  const { tape, player, view, outputs, facts, problems, plan } = await play(recording, contract, "check");
  const altered = tape.altered();
  // Where a node had no answer, the run could not end as it did.
  const outcome = player.held.size > 0 ? [] : outcomeDifferences(recording.outcome, outcomeOf(view, recording.startedAt));
  const isSame = altered.length + problems.length + outcome.length === 0;
  const lines = replayLines({ altered, problems, outcome, isOtherPlan: plan !== recording.contract.plan });
  return { isSame, altered, view, outputs, facts, lines };
}

/** A recording brought up to date. */
export interface Update {
  readonly recording: RunRecording;
  /** Paths of the nodes that were asked for real. */
  readonly asked: readonly string[];
  /** Paths of the nodes that act on the world and read something else now: their recorded values stand, and nothing was done. */
  readonly kept: readonly string[];
  /** What asking has cost. */
  readonly spending: Spending;
  /** What is not as one would wish, in sentences. */
  readonly doubts: readonly string[];
  readonly view: RunView;
  readonly outputs: unknown;
  readonly facts: readonly RecordedFact[];
}

/** Plays a recording, asks for real what is not in it any more, and gives a new one. Nothing acts on the world. */
export async function updateRecording(recording: RunRecording, contract: AnyContract, world: RealWorld): Promise<Update> {
  const { player, view, outputs, facts, prompts, problems } = await play(recording, contract, "ask", world);
  const { recording: updated, doubts } = await complete(view, { facts, prompts }, contract);
  return {
    recording: { ...updated, ...(recording.overrides === undefined ? {} : { overrides: recording.overrides }) },
    asked: [...player.asked].sort(),
    kept: [...player.kept].sort(),
    spending: player.spending,
    doubts: [...[...player.refused].map(refusal), ...problems, ...doubts],
    view,
    outputs,
    facts,
  };
}

function refusal(path: string): string {
  return `"${path}" would act on the world, so it failed: run the contract for real, and record that run`;
}
