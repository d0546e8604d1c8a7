// A run on another Kindling, over real HTTP: started once, followed without memory, and cancelled when nobody wants it any more.

import { contract, createRuntime, memoryLedger, type Contract } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { EmbeddedHost } from "../../src/host/embedded.ts";
import { systemChance } from "../../src/host/clock.ts";
import { LiveBoard } from "../../src/host/live/live-board.ts";
import { Limits } from "../../src/host/limits.ts";
import { modelAccess } from "../../src/host/models.ts";
import { Plans } from "../../src/host/plans.ts";
import { NO_PRICES } from "../../src/model/price.ts";
import { crashed, ledgerWith, logOf } from "../host/ledgers.ts";
import { openKindling, temporaryLedger, until } from "../host/open-host.ts";
import { BEARER } from "../web/servers.ts";
import { calling, ofType, runsOf, said, there } from "../web/there.ts";

describe("a remote run", () => {
  it("gives its outputs, checked by the schema, in one call when it is quick", async () => {
    const { url } = await there();
    const kindling = await openKindling({ contracts: [calling(url, "double", z.number())] });
    const run = await kindling.start("calling", { n: 21 });
    expect(await run.result()).toBe(42);
    const facts = await run.facts();
    expect(facts.map(({ type }) => type)).toEqual(["run.started", "node.started", "remote.started", "node.succeeded", "run.succeeded"]);
    expect(ofType(facts, "remote.started")).toMatchObject([{ url }]);
    expect(JSON.stringify(facts)).not.toContain(BEARER.authorization.slice(7));
  });

  // A fact as callers see it has a `run` of its own, the one it belongs to, which hides the journal entry's `run`: the entry needs another name for it.
  it("is named in the facts of the run here", async () => {
    const { url, other } = await there();
    const kindling = await openKindling({ contracts: [calling(url, "double")] });
    const run = await kindling.start("calling", { n: 21 });
    await run.result();
    const [{ id } = { id: "" }] = await runsOf(other);
    expect(JSON.stringify(ofType(await run.facts(), "remote.started"))).toContain(id);
  });

  it("is given the values of its needs as they were recorded, a collection's result too", async () => {
    const { url } = await there();
    const gathering = contract("gathering", {
      inputs: { words: z.array(z.string()) },
      define(g, { words }) {
        const loud = g.collection("loud", {
          over: words,
          as: "w",
          key: (w) => w,
          each: (g, { w }) => g.compute("up", { needs: { w }, run: ({ w }) => w.toUpperCase() }),
        });
        return g.remote("far", { url, contract: "join", needs: { words: loud }, output: z.string(), headers: () => BEARER });
      },
    });
    const kindling = await openKindling({ contracts: [gathering] });
    const run = await kindling.start(gathering, { words: ["a", "b"] });
    expect(JSON.parse(await run.result())).toMatchObject({
      type: "collection",
      items: [
        { key: "a", value: "A" },
        { key: "b", value: "B" },
      ],
    });
  });

  it("that fails there fails here, with its reason, and is not tried again", async () => {
    const { url, other } = await there();
    const kindling = await openKindling({ contracts: [calling(url, "broken")] });
    const run = await kindling.start("calling", { n: 1 });
    const { error } = await run.settled();
    const [{ id } = { id: "" }] = await runsOf(other);
    expect(error).toMatchObject({ code: "remote_failed", details: { run: id, url, code: "threw", node: "far" } });
    expect(error?.message).toContain("the shelf is empty");
    expect(ofType(await run.facts(), "node.failed")).toHaveLength(1);
  });

  it("whose outputs do not fit says where", async () => {
    const { url } = await there();
    const kindling = await openKindling({ contracts: [calling(url, "double", z.object({ total: z.number() }))] });
    const { error } = await (await kindling.start("calling", { n: 1 })).settled();
    expect(error).toMatchObject({ code: "remote_output_invalid", message: expect.stringMatching(/far.*expected object/i) });
  });

  it("is one run in one collection's item, another in the next", async () => {
    const { url, other } = await there();
    const many = contract("many", {
      inputs: { ns: z.array(z.number()) },
      define: (g, { ns }) =>
        g.collection("all", {
          over: ns,
          as: "n",
          key: (n) => `${n}`,
          each: (g, { n }) => g.remote("far", { url, contract: "double", needs: { n }, output: z.number(), headers: () => BEARER }),
        }),
    });
    const kindling = await openKindling({ contracts: [many] });
    const run = await kindling.start(many, { ns: [1, 2, 3] });
    expect((await run.result()).successes).toEqual({ 1: 2, 2: 4, 3: 6 });
    expect(await runsOf(other)).toHaveLength(3);
  });
});

describe("a remote run that waits for a person", () => {
  // The run is brought back by its timer with the node on its list, and waking puts it there again: it is called twice, and one of the two is never over.
  it("leaves nothing here in memory or on the wire for hours, and goes on when it was decided", async () => {
    const { url, other } = await there();
    const clock = manualClock();
    let inFlight = 0;
    const host = await bareHost([calling(url, "review", z.string())], clock, async (...request) => {
      inFlight += 1;
      return fetch(...request).finally(() => (inFlight -= 1));
    });
    const { id } = await host.start({ contract: "calling", inputs: { n: 1 } });
    const isAsleep = () => host.residents.size === 0 && host.ledger.head(id)?.note["status"] === "waiting";
    await until(isAsleep, "a run at rest");
    for (let hour = 0; hour < 5; hour++) {
      clock.advance(3_600_000);
      await until(() => host.residents.size > 0, "another question");
      await until(isAsleep, "rest again");
      expect(inFlight).toBe(0);
    }
    await said(other);
    clock.advance(60_000);
    await until(() => host.ledger.head(id)?.open === false, "its end");
    expect(host.ledger.head(id)?.note["status"]).toBe("succeeded");
    expect(await runsOf(other)).toHaveLength(1);
  });

  it("shows here as waiting, and says what for", async () => {
    const { url } = await there();
    const kindling = await openKindling({ contracts: [calling(url, "review")], clock: manualClock() });
    const run = await kindling.start("calling", { n: 1 });
    const view = await run.settled();
    expect([view.status, view.nodes[0]?.status]).toEqual(["waiting", "waiting"]);
    expect(ofType(await run.facts(), "node.postponed")).toMatchObject([
      { note: expect.stringMatching(/^run_\w+ on 127\.0\.0\.1:\d+ is waiting$/) },
    ]);
  });

  it("is the same one after a restart of this process", async () => {
    const { url, other } = await there();
    const place = await temporaryLedger();
    const clock = manualClock();
    const contracts = [calling(url, "review", z.string())];
    const first = await createRuntime({ contracts, ledger: place, clock });
    const { id } = await first.start("calling", { n: 1 });
    await (await first.run(id)).settled();
    await first.close();
    await said(other);
    const second = await openKindling({ contracts, ledger: place, clock });
    clock.advance(60_000);
    expect(await (await second.run(id)).result()).toBe("fine");
    expect(await runsOf(other)).toHaveLength(1);
  });

  it("is the same one when this process died before it could note that it had started it", async () => {
    const { url, other } = await there();
    const place = await temporaryLedger();
    const contracts = [calling(url, "review", z.string())];
    const first = await openKindling({ contracts, ledger: place, clock: manualClock() });
    const { id } = await first.start("calling", { n: 1 });
    await (await first.run(id)).settled();
    const log = await logOf(place);
    const noted = log.entries.findIndex(({ facts }) => facts.some(({ type }) => type === "remote.started"));
    const second = await openKindling({ contracts, ledger: await ledgerWith(log, noted), clock: manualClock() });
    const run = await second.run(id);
    expect((await run.settled()).status).toBe("waiting");
    expect(ofType(await run.facts(), "node.started")).toHaveLength(2);
    expect(await runsOf(other)).toHaveLength(1);
    await (await openKindling({ contracts, ledger: await crashed(place), clock: manualClock() })).cancel(id);
    await until(async () => (await runsOf(other))[0]?.status === "cancelled", "the end of the run there");
  });
});

/** The host without the client around it: for looking at what it keeps in memory. */
async function bareHost(
  contracts: readonly Contract<never, unknown>[],
  clock: ReturnType<typeof manualClock>,
  http: typeof fetch,
): Promise<EmbeddedHost> {
  const host = new EmbeddedHost({
    ledger: await memoryLedger().open({ access: "write" }),
    plans: new Plans(contracts),
    clock,
    chance: systemChance,
    limits: new Limits(clock),
    models: modelAccess({ models: [], model: undefined, prices: NO_PRICES }, clock),
    fetch: http,
    live: new LiveBoard(),
    onLog: () => {},
  });
  onTestFinished(() => host.close());
  return host;
}
