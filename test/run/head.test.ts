// What a head tells of a run: when it is to be looked at, and by which keys its process finds what has work.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import type { Fact } from "../../src/run/fact.ts";
import { headOf } from "../../src/run/head.ts";
import { runOf } from "./loaded-run.ts";

const waiting = contract("waiting", {
  inputs: {},
  define: (g) => ({
    gate: g.await("gate", { event: "decided", schema: z.boolean(), by: "human", timeout: "2d" }),
    rest: g.sleep("rest", { for: "1d" }),
    part: g.compose("part", { needs: {}, child: (inner) => inner.await("deep", { event: "deep", schema: z.number() }) }),
  }),
  onExit: () => {},
});

const opened: Fact = { type: "await.opened", node: "gate", event: "decided", shown: "x", deadline: 5_000 };
const asleep: Fact = { type: "timer.set", node: "rest", at: 3_000 };

const headAfter = (...facts: readonly Fact[]) => headOf(runOf(waiting, "run_1", {}, facts).state);

describe("the head of a run", () => {
  it("tells the earliest of its times, and none when it has none", () => {
    expect(headAfter().due).toBeUndefined();
    expect(headAfter(opened).due).toBe(5_000);
    expect(headAfter(opened, asleep).due).toBe(3_000);
  });

  it("of one that waits says so, and whether a person is asked", () => {
    expect(headAfter(asleep).keys).not.toContain("waits");
    expect(headAfter(opened).keys).toEqual(expect.arrayContaining(["waits", "gate"]));
  });

  it("of one with open children says so until they have settled", () => {
    const listed: Fact = { type: "children.listed", node: "part", part: "child", keys: [""] };
    const begun: Fact = { type: "child.started", node: "part", key: "", child: "run_2" };
    const settled: Fact = { type: "child.settled", v: 2, node: "part", key: "", status: "succeeded", value: 1 };
    expect(headAfter(listed, begun).keys).toContain("parent");
    expect(headAfter(listed, begun, settled).keys).not.toContain("parent");
  });

  it("of one that has ended stays open while something follows, now or at a time", () => {
    const ended: Fact = { type: "run.cancelled", reason: "enough", actor: { id: "a", assurance: "client" } };
    const failed: Fact = { type: "exit.failed", exit: "onExit", attempt: 1, error: { code: "x", message: "x" }, retryAt: 9_000 };
    const done: Fact = { type: "exit.succeeded", exit: "onExit" };
    expect(headAfter(opened, ended)).toMatchObject({ open: true, keys: expect.arrayContaining(["follows"]) as unknown });
    expect(headAfter(opened, ended).due).toBeUndefined();
    const later = headAfter(opened, ended, failed);
    expect([later.open, later.due, later.keys.includes("follows")]).toEqual([true, 9_000, false]);
    expect(headAfter(opened, ended, done)).toMatchObject({ open: false });
  });
});
