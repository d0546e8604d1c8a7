// Taking back: when it begins, in which order, what becomes of it when it fails, and what is there afterwards.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { planOf } from "../../src/compile/plan.ts";
import { callEnded, decide, resume } from "../../src/run/decide.ts";
import type { Fact } from "../../src/run/fact.ts";
import { fold } from "../../src/run/fold.ts";
import { newRunState, nodeNamed, stateOf, type RunState } from "../../src/run/state.ts";

const taking = { run: (_needs: object, { idempotencyKey }: { readonly idempotencyKey: string }) => idempotencyKey, compensate: () => {} };

const trip = contract("trip", {
  inputs: { n: z.number() },
  define(g, { n }) {
    const flight = g.effect("flight", { needs: { n }, ...taking });
    const hotel = g.effect("hotel", { needs: { n }, ...taking });
    const mail = g.effect("mail", { needs: { n }, run: taking.run });
    const guide = g.compose("guide", { needs: { n }, child: (g, { n }) => g.effect("book", { needs: { n }, ...taking }) });
    const check = g.guard("check", { needs: { n }, check: ({ n }) => n > 0 });
    return { flight, hotel, mail, guide, check };
  },
});

const plan = planOf(trip.graph);

function folded(...facts: readonly Fact[]): RunState {
  const state = newRunState("run", plan);
  const started: Fact = {
    type: "run.started",
    contract: "trip",
    version: "1",
    plan: plan.hash,
    inputs: { n: 0 },
    correlation: {},
    root: "run",
    path: "",
  };
  for (const fact of [started, ...facts]) fold(state, fact, 0);
  // As a new process goes on.
  resume(state);
  return state;
}

/** More is never due in these examples. */
const LIMIT = 20;

/** What is to be done, in short; facts are taken into the state as the host does. */
function next(state: RunState): string[] {
  const said: string[] = [];
  for (let actions = decide(state); actions.length > 0 && said.length < LIMIT; actions = decide(state)) {
    for (const action of actions) {
      if (action.type === "record") {
        for (const fact of action.facts) {
          fold(state, fact, 0);
          said.push(fact.type);
        }
      } else said.push(`${action.type} ${"node" in action ? action.node.name : ""}`);
    }
  }
  return said;
}

const did = (node: string): readonly Fact[] => [
  { type: "node.started", node, attempt: 1 },
  { type: "node.succeeded", node, value: 1 },
];
const failed: Fact = { type: "node.failed", node: "check", attempt: 1, error: { code: "guard_failed", message: "no" } };
const listed: Fact = { type: "children.listed", node: "guide", part: "child", keys: [""] };
const guided: readonly Fact[] = [
  listed,
  { type: "child.started", node: "guide", key: "", child: "run_guide" },
  { type: "child.settled", node: "guide", key: "", status: "succeeded", value: 1 },
];

/** Taking back ends. */
function takenBack(state: RunState, node: string): string[] {
  callEnded(state);
  fold(state, { type: "compensation.succeeded", node }, 0);
  return next(state);
}

describe("a run that fails", () => {
  it("takes back what can be, the last thing first, one at a time, and then ends", () => {
    const state = folded(...did("flight"), ...did("mail"), ...did("hotel"), failed);
    expect(next(state)).toEqual(["compensate hotel"]);
    fold(state, { type: "compensation.started", node: "hotel", attempt: 1 }, 0);
    expect(next(state)).toEqual([]);
    expect(takenBack(state, "hotel")).toEqual(["compensate flight"]);
    expect(takenBack(state, "flight")).toEqual(["run.failed"]);
    expect(stateOf(state, nodeNamed(state, "mail")).status).toBe("succeeded");
  });

  it("has a child take back what it did, in its turn", () => {
    const state = folded(...did("flight"), ...guided, failed);
    expect(next(state)).toContain("compensate-child guide");
    callEnded(state);
    fold(state, { type: "child.compensated", node: "guide", key: "" }, 0);
    expect(next(state)).toEqual(["compensate flight"]);
  });

  it("begins nothing else meanwhile", () => {
    expect(next(folded(...did("flight"), failed))).toEqual(["compensate flight"]);
  });

  it("F16: tries a failed taking back again later, and sets its timer once", () => {
    // `decideLost` asks for the timer at every call, so the host, which decides until nothing is due, never rests until that time.
    const error = { code: "x", message: "x" };
    const begun: Fact = { type: "compensation.started", node: "hotel", attempt: 1 };
    const state = folded(...did("flight"), ...did("hotel"), failed, begun, {
      type: "compensation.failed",
      node: "hotel",
      attempt: 1,
      error,
      retryAt: 5,
    });
    expect(next(state)).toEqual(["timer hotel"]);
  });

  it("goes on with the others when one cannot be taken back, and says so in the end", () => {
    const error = { code: "x", message: "x" };
    const begun: Fact = { type: "compensation.started", node: "hotel", attempt: 1 };
    const gone = folded(...did("flight"), ...did("hotel"), failed, begun, {
      type: "compensation.failed",
      node: "hotel",
      attempt: 1,
      error,
    });
    expect(next(gone)).toEqual(["compensate flight"]);
    takenBack(gone, "flight");
    expect(gone.error?.details).toMatchObject({ uncompensated: ["hotel"] });
  });

  it("F10: finds out first whether an action happened that a crash cut off", () => {
    // `decideNode` begins nothing in a lost run; an action with `node.started` and no outcome must be begun again there (`patient` work in state `running`).
    expect(next(folded({ type: "node.started", node: "flight", attempt: 1 }, failed))).toEqual(["call flight"]);
  });

  it("F11: learns first how a child ended that another process began", () => {
    // `decideChildren` returns in a lost run; children that are started and not settled must be looked at there.
    expect(next(folded(...guided.slice(0, 2), failed))).toEqual(["child guide"]);
  });
});

describe("what was taken back", () => {
  it("is done again by a retry, under another key", () => {
    const facts: readonly Fact[] = [
      ...did("flight"),
      failed,
      { type: "compensation.started", node: "flight", attempt: 1 },
      { type: "compensation.succeeded", node: "flight" },
    ];
    const state = folded(...facts, { type: "run.failed", error: { code: "x", message: "x" } }, { type: "run.retried", round: 1 });
    resume(state);
    expect(state.renewals.get(nodeNamed(state, "flight").index)).toBe(1);
    expect(next(state)).toEqual(expect.arrayContaining(["call flight", "call check"]));
  });
});

describe("a run that is cancelled", () => {
  it("takes back what it did and ends as cancelled", () => {
    const actor = { id: "x", assurance: "agent" } as const;
    const state = folded(...did("flight"), { type: "run.cancelling", reason: "no more", actor });
    expect(next(state)).toEqual(["compensate flight"]);
    expect(takenBack(state, "flight")).toEqual(["run.cancelled"]);
    expect(state.error).toMatchObject({ code: "cancelled", message: "no more" });
  });
});

describe("a child that had ended", () => {
  it("takes back what it did when its run asks for it, and ends as cancelled", () => {
    const state = folded(...did("flight"), { type: "run.succeeded" }, { type: "run.compensating" });
    expect(next(state)).toEqual(["compensate flight"]);
    expect(takenBack(state, "flight")).toEqual(["run.cancelled"]);
  });
});
