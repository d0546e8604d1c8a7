// Events that came before their run, given to the run that starts: wherever its awaits open, and whatever dies in between.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type DeliverRequest } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { factsOf, ledgerWith, logOf } from "./ledgers.ts";
import { nextTurn, openKindling } from "./open-host.ts";

const begin: DeliverRequest = { event: "begin", correlation: { id: "1" }, payload: true };

describe("an event from the mailbox", () => {
  it("answers an await that opens after the run has become durable, in the run itself and in a child", async () => {
    const mailed = contract("mailed", {
      inputs: { id: z.string() },
      correlate: ["id"],
      early: { keepFor: "10m" },
      define(g, { id }) {
        const begin = g.await("begin", { event: "begin", schema: z.boolean(), show: { id } });
        const own = g.await("own", { event: "own", schema: z.number(), show: { begin } });
        const inner = g.compose("part", {
          needs: { begin },
          child: (inside, { begin }) => inside.await("deep", { event: "deep", schema: z.number(), show: { begin } }),
        });
        return { own, inner };
      },
    });
    const kindling = await openKindling({ contracts: [mailed] });
    for (const event of ["own", "deep"])
      expect(await kindling.deliver({ event, correlation: { id: "1" }, payload: 1 })).toMatchObject({ status: "kept" });
    const run = await kindling.start(mailed, { id: "1" });
    await nextTurn(3);
    await kindling.deliver(begin);
    expect(await run.result({ signal: AbortSignal.timeout(20_000) })).toEqual({ own: 1, inner: 1 });
  });

  it("is given to one of two runs that start at the same time", async () => {
    const one = contract("one", {
      inputs: { id: z.string() },
      correlate: ["id"],
      early: { keepFor: "10m" },
      define: (g, { id }) => g.await("go", { event: "go", schema: z.number(), show: { id } }),
    });
    const kindling = await openKindling({ contracts: [one] });
    await kindling.deliver({ event: "go", correlation: { id: "1" }, payload: 1 });
    const runs = await Promise.all([kindling.start(one, { id: "1" }), kindling.start(one, { id: "1" })]);
    const views = await Promise.all(runs.map((run) => run.settled()));
    expect(views.map(({ status }) => status).sort()).toEqual(["succeeded", "waiting"]);
  });

  it("is given to its run although the process died right after the run had started", async () => {
    const one = contract("one", {
      inputs: { id: z.string() },
      correlate: ["id"],
      early: { keepFor: "10m" },
      define: (g, { id }) => g.await("go", { event: "go", schema: z.number(), show: { id } }),
    });
    const place = memoryLedger();
    const first = await openKindling({ contracts: [one], ledger: place });
    await first.deliver({ event: "go", correlation: { id: "1" }, payload: 1 });
    const run = await first.start(one, { id: "1" });
    await run.result();
    await first.close();
    const log = await logOf(place);
    for (let commits = 2; commits <= log.entries.length; commits++) {
      const cut = await ledgerWith(log, commits);
      const kindling = await openKindling({ contracts: [one], ledger: cut });
      expect(await (await kindling.run(run.id)).result({ signal: AbortSignal.timeout(20_000) }), `cut after ${commits}`).toBe(1);
      expect(
        (await factsOf(cut)).filter(({ type }) => type === "event.delivered"),
        `cut after ${commits}`,
      ).toHaveLength(1);
      await kindling.close();
    }
  });
});
