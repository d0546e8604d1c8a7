// How a run in motion looks: what is at work, since when, and what it waits behind.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { openKindling } from "./open-host.ts";

describe("the view of a run in motion", () => {
  it("shows a pure node at work as running since its needs were there, and what needs it as blocked", async () => {
    let finish: (value: number) => void = () => {};
    const slow = contract("slow", {
      inputs: { n: z.number() },
      define(g, { n }) {
        const work = g.compute("work", { needs: { n }, run: () => new Promise<number>((resolve) => (finish = resolve)) });
        return { after: g.compute("after", { needs: { work }, run: ({ work }) => work + 1 }) };
      },
    });
    const kindling = await openKindling({ contracts: [slow] });
    const run = await kindling.start(slow, { n: 1 });
    const moving = await run.get();
    expect(moving.nodes).toMatchObject([
      { name: "work", status: "running", startedAt: moving.startedAt },
      { name: "after", status: "blocked", startedAt: undefined },
    ]);
    finish(1);
    expect(await run.result()).toEqual({ after: 2 });
    const [work, after] = (await run.get()).nodes;
    expect(work?.startedAt).toBe(moving.startedAt);
    expect(after?.startedAt, "it began when its need had a value").toBe(work?.endedAt);
  });
});
