// A run that is under way by facts made by hand, and what is to be done in it next.

import type { AnyContract } from "../../src/index.ts";
import { planOf } from "../../src/compile/plan.ts";
import type { JsonObject } from "../../src/json.ts";
import { callEnded, decide, type Action } from "../../src/run/decide.ts";
import type { Fact } from "../../src/run/fact.ts";
import { fold } from "../../src/run/fold.ts";
import { newRunState, type RunState } from "../../src/run/state.ts";
import { started } from "./loaded-run.ts";

/** More is never due in these examples. */
const LIMIT = 20;

/** The state of a run that began with these inputs and went on with these facts. */
export function begun({ graph }: AnyContract, inputs: JsonObject, ...facts: readonly Fact[]): RunState {
  const plan = planOf(graph);
  const state = newRunState("run", plan);
  for (const fact of [started(plan, "run", inputs), ...facts]) fold(state, fact, 0);
  return state;
}

/** What is to be done, in short; facts are taken into the state as the host does. */
export function next(state: RunState): string[] {
  const all: string[] = [];
  for (let actions = decide(state); actions.length > 0 && all.length < LIMIT; actions = decide(state)) {
    for (const action of actions) all.push(...taken(state, action));
    // Which children there are comes in as a fact.
    if (actions.at(-1)?.type === "list") break;
  }
  return all;
}

/** A call ends with this fact: what is to be done then. */
export function callEndsWith(state: RunState, fact: Fact): string[] {
  callEnded(state);
  fold(state, fact, 0);
  return next(state);
}

function taken(state: RunState, action: Action): string[] {
  if (action.type !== "record") return [said(action)];
  for (const fact of action.facts) fold(state, fact, 0);
  return action.facts.map((fact) => ("node" in fact ? `${fact.type} ${fact.node}` : fact.type));
}

function said(action: Exclude<Action, { type: "record" }>): string {
  if ("exit" in action) return `${action.type} ${action.exit}`;
  const key = "key" in action && action.key !== "" ? `[${action.key}]` : "";
  return `${action.type} ${action.node.name}${key}`;
}
