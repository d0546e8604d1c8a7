// Why a value was taken over and not made again: what its node read when the value was made, against what it reads now, and what made anybody look.

import type { PlanNode } from "../compile/plan.ts";
import { isSameJson, type JsonObject } from "../json.ts";
import { glance } from "./explain-difference.ts";
import type { ComparedReading, Standing, Trigger } from "./explain-shape.ts";
import { factId, factsAbout, pathOf, placeOf, type LoadedRun, type PlacedFact, type ReadRun } from "./explain-tree.ts";
import type { SucceededState } from "./node-state.ts";
import { lastReadBy, stateOf, type RunState } from "./state.ts";

/** How it stands with a node whose value was taken over. */
export function reusedStanding(
  run: LoadedRun,
  node: PlanNode,
  now: SucceededState,
  source: string,
  read: ReadRun,
  values: boolean,
): Extract<Standing, { readonly status: "reused" }> {
  const place = placeOf(source);
  const maker = place.run === run.state.id ? run : read(place.run);
  const reads = maker === undefined ? [] : compare(run, node, maker.asOf(place.number), place, values);
  const isDifferent = reads.some(({ change }) => change === "different");
  return {
    status: "reused",
    fact: factId(run, now.fact),
    at: now.at,
    source,
    sourceRun: place.run,
    madeAt: maker?.facts[place.number - 1]?.time,
    why: isDifferent && node.definition.behaviour.onChange === "keep" ? "never_repeated" : "same_reading",
    trigger: triggerBefore(run, now.fact, read),
    reads,
  };
}

/** What made it necessary to look at a node again, as of a fact of its run. */
export function triggerBefore(run: LoadedRun, number: number, read: ReadRun): Trigger | undefined {
  const found = run.facts.findLast((each) => each.number < number && isRevision(each));
  const fact = found === undefined ? undefined : factId(run, found.number);
  if (found === undefined || fact === undefined) return forkTrigger(run, read);
  switch (found.fact.type) {
    case "input.updated":
      return { type: "update", fact, inputs: found.fact.changed, by: found.fact.actor };
    case "run.retried":
      return { type: "retry", fact, by: found.fact.actor };
    case "run.upgraded":
      return { type: "upgrade", fact, version: found.fact.version };
    default:
      return undefined;
  }
}

/** The run that a run was forked from, as it stood then; undefined when it is not there. */
export function donorOf({ state }: LoadedRun, read: ReadRun): RunState | undefined {
  const donor = state.forked === undefined ? undefined : read(state.forked.run);
  const last = donor?.facts.findLast(({ position }) => position <= (state.forked?.position ?? 0));
  return last === undefined ? undefined : donor?.asOf(last.number);
}

function forkTrigger(run: LoadedRun, read: ReadRun): Trigger | undefined {
  const { forked, inputs } = run.state;
  if (forked === undefined) return undefined;
  const before = donorOf(run, read)?.inputs;
  const names = before === undefined ? [] : Object.keys(inputs).filter((name) => !isSameJson(inputs[name], before[name]));
  return { type: "fork", run: forked.run, inputs: names };
}

function isRevision({ fact }: PlacedFact): boolean {
  return fact.type === "input.updated" || fact.type === "run.retried" || fact.type === "run.upgraded";
}

function compare(
  run: LoadedRun,
  node: PlanNode,
  then: RunState,
  made: { readonly run: string; readonly number: number },
  values: boolean,
): readonly ComparedReading[] {
  const maker = then.plan.byName.get(node.name);
  const before: JsonObject = maker === undefined ? {} : lastReadBy(then, maker);
  const after = lastReadBy(run.state, node);
  return node.needs.flatMap(({ local, node: index }): readonly ComparedReading[] => {
    const need = run.state.plan.nodes[index];
    if (need === undefined) return [];
    const now = stateOf(run.state, need);
    const fact = now.status === "succeeded" ? factId(run, now.fact) : undefined;
    const reading = { as: local, from: pathOf(run, need), fact, ...(values && after[local] !== undefined ? { value: after[local] } : {}) };
    if (before[local] === undefined || after[local] === undefined) return [{ ...reading, change: "unknown" }];
    if (!isSameJson(before[local], after[local]))
      return [{ ...reading, change: "different", before: glance(before[local]), after: glance(after[local]) }];
    return [{ ...reading, change: wasMadeAgain(run, need, made) ? "again" : "untouched" }];
  });
}

/** True when a need made its value anew since then, and it came out the same. */
function wasMadeAgain(run: LoadedRun, need: PlanNode, made: { readonly run: string; readonly number: number }): boolean {
  const now = stateOf(run.state, need);
  if (now.status !== "succeeded" || now.source !== undefined || need.definition.behaviour.work.type === "given") return false;
  return made.run !== run.state.id || factsAbout(run, need.name).some(({ number }) => number === now.fact && number > made.number);
}
