// A recording made whole: what the facts do not hold (what models were asked, what calls read) is made again by playing it, and checked by the hashes that
// they do hold.

import type { AnyContract } from "../graph/contract.ts";
import type { Kindling, RecordedFact, RecordedPrompt, RunView } from "../index.ts";
import type { RecordedOutcome, RunRecording } from "../../providers/recorded/run-recording.ts";
import { gather } from "./gather.ts";
import { outcomeDifferences, outcomeOf } from "./outcome.ts";
import { play } from "./play.ts";

/** A whole recording, and what it is not sure of. */
export interface Completed {
  readonly recording: RunRecording;
  /** Paths of the nodes whose request to a model could not be made again: a change in them is seen, and cannot be shown. */
  readonly unmade: readonly string[];
  /** Why the recording does not replay as the run went, in sentences; empty where it does. */
  readonly doubts: readonly string[];
}

/** What a run recorded, behind what the runs recorded that it was forked from. */
export interface History {
  readonly facts: readonly RecordedFact[];
  readonly prompts: readonly RecordedPrompt[];
}

/** Makes a recording of facts. Facts of the runs that it was forked from stand among them. */
export async function complete(view: RunView, history: History, contract: AnyContract): Promise<Completed> {
  const rough = roughRecording(view, history);
  const { tape, player, problems, view: again, plan } = await play(rough, contract, "complete");
  const nodes = tape.nodes();
  const recording: RunRecording = {
    ...rough,
    contract: { ...rough.contract, plan },
    ...(player.defaultModel === undefined ? {} : { model: player.defaultModel }),
    nodes,
  };
  const unmade = Object.entries(nodes).flatMap(([path, { calls = [] }]) =>
    calls.some(({ request }) => request === undefined) ? [path] : [],
  );
  const asked = tape.altered().flatMap(({ path, what }) => (what === "new" ? [`"${path}" asks for what was not recorded`] : []));
  return { recording, unmade, doubts: [...problems, ...asked, ...outcomeDifferences(rough.outcome, outcomeOf(again, rough.startedAt))] };
}

function roughRecording(view: RunView, { facts, prompts }: History): RunRecording {
  const started = facts.find((fact) => fact.type === "run.started" && fact.run === view.id);
  const first = facts.find((fact) => fact.type === "run.started")?.time ?? view.startedAt;
  const { inputs, plan, overrides, actor } = started?.type === "run.started" ? started : { inputs: view.inputs, plan: "" };
  const outcome: RecordedOutcome = outcomeOf(view, first);
  return {
    contract: { name: view.contract, version: view.version, plan },
    run: view.id,
    startedAt: first,
    ...(actor === undefined ? {} : { starter: actor }),
    ...(overrides === undefined ? {} : { overrides }),
    inputs,
    ...gather(facts, { root: view.id, startedAt: first, prompts: textsOf(prompts) }),
    outcome,
  };
}

function textsOf(prompts: readonly RecordedPrompt[]): ReadonlyMap<string, string> {
  return new Map(prompts.map(({ path, name, version, text = "" }) => [`${path} ${name}@${version}`, text]));
}

/** The history of a run; of those it was forked from as far as it took them over. */
export async function historyOf(kindling: Kindling, id: string): Promise<History> {
  const run = await kindling.run(id);
  const [facts, prompts] = await Promise.all([run.facts(), run.prompts()]);
  const started = facts.find((fact) => fact.type === "run.started" && fact.run === id);
  if (started?.type !== "run.started" || started.forked === undefined) return { facts, prompts };
  const { forked } = started;
  const origin = await historyOf(kindling, forked.run);
  return {
    facts: [...origin.facts.filter(({ position }) => position <= forked.position), ...facts],
    prompts: [...origin.prompts, ...prompts],
  };
}
