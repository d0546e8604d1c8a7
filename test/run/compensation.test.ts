// Taking back: when it begins, in which order, what becomes of it when it fails, and what is there afterwards.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { resume } from "../../src/run/decide.ts";
import type { Fact } from "../../src/run/fact.ts";
import { fold } from "../../src/run/fold.ts";
import { nodeNamed, stateOf, type RunState } from "../../src/run/state.ts";
import { begun, callEndsWith, next } from "./begun-run.ts";

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

function folded(...facts: readonly Fact[]): RunState {
  const state = begun(trip, { n: 0 }, ...facts);
  // As a new process goes on.
  resume(state);
  return state;
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
  { type: "child.settled", v: 2, node: "guide", key: "", status: "succeeded", value: 1 },
];

/** Taking back the hotel fails, for good or to be tried again at this time. */
const notTakenBack = (more: { readonly retryAt?: number } = {}): readonly Fact[] => [
  { type: "compensation.started", node: "hotel", attempt: 1 },
  { type: "compensation.failed", node: "hotel", attempt: 1, error: { code: "x", message: "x" }, ...more },
];

/** Taking back ends. */
const takenBack = (state: RunState, node: string) => callEndsWith(state, { type: "compensation.succeeded", node });

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
    expect(callEndsWith(state, { type: "child.compensated", node: "guide", key: "" })).toEqual(["compensate flight"]);
  });

  it("begins nothing else meanwhile", () => {
    expect(next(folded(...did("flight"), failed))).toEqual(["compensate flight"]);
  });

  it("F16: tries a failed taking back again later, and sets its timer once", () => {
    // `decideLost` asked for the timer at every call, so the host, which decides until nothing is due, never rested until that time.
    const state = folded(...did("flight"), ...did("hotel"), failed, ...notTakenBack({ retryAt: 5 }));
    expect(next(state)).toEqual(["timer hotel"]);
  });

  it("goes on with the others when one cannot be taken back, and says so in the end", () => {
    const gone = folded(...did("flight"), ...did("hotel"), failed, ...notTakenBack());
    expect(next(gone)).toEqual(["compensate flight"]);
    takenBack(gone, "flight");
    expect(gone.error?.details).toMatchObject({ uncompensated: ["hotel"] });
  });

  it("F10: finds out first whether an action happened that a crash cut off", () => {
    // `decideNode` began nothing in a lost run; an action with `node.started` and no outcome must be begun again there (`patient` work in state `running`).
    expect(next(folded({ type: "node.started", node: "flight", attempt: 1 }, failed))).toEqual(["call flight"]);
  });

  it("F11: learns first how a child ended that another process began", () => {
    // `decideChildren` returned in a lost run; children that are started and not settled must be looked at there.
    expect(next(folded(...guided.slice(0, 2), failed))).toEqual(["child guide"]);
  });
});

describe("what was taken back", () => {
  it("is done again by a retry, under another key", () => {
    const facts: readonly Fact[] = [
      ...did("flight"),
      listed,
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
