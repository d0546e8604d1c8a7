// The public `kindling/testing`: time by hand, chance from a seed, a run played to its end.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, createRuntime } from "kindling";
import { containing } from "./host/open-host.ts";
import { manualClock, memoryLedger, runToEnd, seededChance } from "kindling/testing";

const release = contract("release", {
  inputs: { topic: z.string() },
  define(g, { topic }) {
    const review = g.await("review", {
      event: "reviewed",
      schema: z.object({ ok: z.boolean() }),
      show: { topic },
      by: "human",
      roles: ["editor"],
      timeout: "3d",
    });
    const signed = g.await("signed", { event: "signed", schema: z.string(), show: { review } });
    return { review, signed };
  },
});

describe("manualClock", () => {
  it("calls back what is due when it is moved, earliest first, and nothing before", () => {
    const clock = manualClock(1_000);
    const called: string[] = [];
    clock.at(1_020, () => called.push("second"));
    clock.at(1_010, () => called.push("first"));
    clock.at(1_015, () => called.push("never")).cancel();
    expect(clock.pending).toEqual([1_010, 1_020]);
    clock.advance(9);
    expect(called).toEqual([]);
    clock.set(1_050);
    expect([called, clock.now(), clock.pending]).toEqual([["first", "second"], 1_050, []]);
  });

  it("calls back soon, and not within the call, what was due already", async () => {
    const clock = manualClock(1_000);
    let isCalled = false;
    clock.at(500, () => (isCalled = true));
    expect(isCalled).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(isCalled).toBe(true);
  });

  it("calls back what a callback sets for a time that has come", () => {
    const clock = manualClock(0);
    const called: number[] = [];
    clock.at(10, () => clock.at(20, () => called.push(clock.now())));
    clock.advance(100);
    expect(called).toEqual([100]);
  });
});

describe("seededChance", () => {
  it("gives the same ids and numbers for the same seed, others for another", () => {
    const draw = (seed: number) => {
      const chance = seededChance(seed);
      return [chance.id(), chance.fraction(), chance.id()];
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(7)[0]).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
  });
});

describe("runToEnd", () => {
  it("answers awaits and gates, by value or by a function of the await, and gives the outputs", async () => {
    await using kindling = await createRuntime({ contracts: [release], ledger: memoryLedger() });
    const outputs = await runToEnd(
      kindling,
      release,
      { topic: "x" },
      { reviewed: { ok: true }, signed: ({ path }: { path: string }) => `at ${path}` },
    );
    expect(outputs).toEqual({ review: { ok: true }, signed: "at signed" });
  });

  it("says which event has no answer", async () => {
    await using kindling = await createRuntime({ contracts: [release], ledger: memoryLedger() });
    await expect(runToEnd(kindling, release, { topic: "x" })).rejects.toMatchObject({
      code: "no_answer",
      message: containing('"reviewed"'),
    });
  });

  it("says why an answer was refused", async () => {
    await using kindling = await createRuntime({ contracts: [release], ledger: memoryLedger() });
    await expect(runToEnd(kindling, release, { topic: "x" }, { reviewed: { ok: "perhaps" } })).rejects.toMatchObject({
      code: "answer_refused",
      message: containing("invalid_payload"),
    });
    await expect(
      runToEnd(kindling, release, { topic: "x" }, { reviewed: { ok: true } }, { id: "an agent", assurance: "agent" }),
    ).rejects.toMatchObject({ message: containing("human_decision_required") });
  });
});
