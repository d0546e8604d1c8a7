// What nodes are at, or were: tried again, asleep, inside a child of which only the outcome is recorded.

import { contract } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { nextTurn, openKindling, until } from "./open-host.ts";

describe("a node", () => {
  it("that is tried again tells the error and when, and then how many attempts it took", async () => {
    let isBroken = true;
    const flaky = contract("flaky", {
      inputs: {},
      define: (g) =>
        g.lookup("ask", {
          needs: {},
          retry: { attempts: 3, backoff: "1s" },
          run: () => {
            if (isBroken) throw new Error("busy");
            return 1;
          },
        }),
    });
    const clock = manualClock();
    const kindling = await openKindling({ contracts: [flaky], clock });
    const run = await kindling.start(flaky, {});
    await until(() => clock.pending.length > 0, "the pause");
    await nextTurn(5);
    expect(await kindling.explain(run.id, "ask")).toMatchObject({
      status: "retrying",
      attempt: 1,
      of: 3,
      error: { message: "busy" },
      at: clock.pending[0],
    });
    isBroken = false;
    clock.advance(60_000);
    await run.result();
    expect(await kindling.explain(run.id, "ask")).toMatchObject({ status: "ran", attempts: 2 });
  });

  it("that sleeps tells until when", async () => {
    const naps = contract("naps", { inputs: {}, define: (g) => g.sleep("nap", { for: "2h" }) });
    const clock = manualClock();
    const kindling = await openKindling({ contracts: [naps], clock });
    const run = await kindling.start(naps, {});
    await run.settled();
    expect(await kindling.explain(run.id, "nap")).toMatchObject({ status: "sleeping", until: clock.now() + 7_200_000 });
    expect(await kindling.explain(run.id)).toMatchObject({ causes: [{ type: "sleep" }], next: { why: "sleep" }, hints: [] });
  });

  it("inside a child that ended in one go is told by the outcome that is recorded", async () => {
    const quick = contract("quick", {
      inputs: { names: z.array(z.string()) },
      define: (g, { names }) =>
        g.collection("each", {
          over: names,
          as: "name",
          key: (name) => name,
          each(g, { name }) {
            const upper = g.compute("upper", {
              needs: { name },
              run: ({ name }) => {
                if (name === "b") throw new Error("no b");
                return name.toUpperCase();
              },
            });
            return g.compute("twice", { needs: { upper }, run: ({ upper }) => upper + upper });
          },
        }),
    });
    const kindling = await openKindling({ contracts: [quick] });
    const run = await kindling.start(quick, { names: ["a", "b"] });
    await run.result();
    expect(await kindling.explain(run.id, "each[a]/upper")).toMatchObject({ status: "unrecorded", child: "each[a]", outcome: "succeeded" });
    expect(await kindling.explain(run.id, "each[b]/upper")).toMatchObject({
      status: "failed",
      error: { message: expect.stringContaining("no b") },
    });
    expect(await kindling.explain(run.id, "each[a]")).toMatchObject({ status: "ran", subject: "item", lineage: { brief: '"AA"' } });
  });
});
