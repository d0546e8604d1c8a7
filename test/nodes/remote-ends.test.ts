// What becomes of a run on another Kindling when the run here ends first, changes its mind, or is tried again.

import { contract, createRuntime, type Kindling } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { nextTurn, openKindling, temporaryLedger, until } from "../host/open-host.ts";
import { BEARER, served } from "../web/servers.ts";
import { calling, ofType, refused, runsOf, there } from "../web/there.ts";

const statusesOf = async (kindling: Kindling) => (await runsOf(kindling)).map(({ status }) => status);

describe("the run there is cancelled", () => {
  it("when the run here is cancelled while it waits", async () => {
    const { url, other } = await there();
    const kindling = await openKindling({ contracts: [calling(url, "review")], clock: manualClock() });
    const run = await kindling.start("calling", { n: 1 });
    await run.settled();
    await run.cancel({ reason: "enough" });
    await until(async () => (await run.get()).status === "cancelled", "the end here");
    expect(await statusesOf(other)).toEqual(["cancelled"]);
    expect((await run.facts()).map(({ type }) => type).slice(-4)).toEqual([
      "run.cancelling",
      "compensation.started",
      "compensation.succeeded",
      "run.cancelled",
    ]);
  });

  it("when the run here is cancelled while the call that starts it is under way", async () => {
    const { url, other } = await there();
    let arrived = false;
    let answered: () => void = () => {};
    const held = new Promise<void>((resolve) => (answered = resolve));
    const kindling = await openKindling({
      contracts: [calling(url, "review")],
      clock: manualClock(),
      fetch: async (...request) => {
        const response = await fetch(...request);
        arrived = true;
        await held;
        return response;
      },
    });
    const run = await kindling.start("calling", { n: 1 });
    await until(() => arrived, "the call");
    await run.cancel();
    await nextTurn(3);
    expect((await run.get()).status).toBe("running");
    answered();
    await until(async () => (await run.get()).status === "cancelled", "the end here");
    expect(await statusesOf(other)).toEqual(["cancelled"]);
  });

  it("when another node of the run here fails", async () => {
    const { url, other } = await there();
    const losing = contract("losing", {
      inputs: { n: z.number() },
      define(g, { n }) {
        const far = g.remote("far", { url, contract: "review", needs: { n }, headers: () => BEARER });
        const go = g.await("go", { event: "go", schema: z.string(), show: { n } });
        const near = g.compute("near", {
          needs: { go },
          run: (): string => {
            throw new Error("broken");
          },
        });
        return { far, near };
      },
    });
    const kindling = await openKindling({ contracts: [losing], clock: manualClock() });
    const run = await kindling.start(losing, { n: 1 });
    await run.settled();
    await until(async () => (await runsOf(other)).length === 1, "the run there");
    await run.settled();
    await kindling.deliver({ event: "go", run: run.id, payload: "x" });
    await until(async () => (await run.get()).status === "failed", "the end here");
    expect((await run.get()).error).toMatchObject({ code: "threw" });
    expect(await statusesOf(other)).toEqual(["cancelled"]);
  });

  it("inside a child, when the run around it is cancelled", async () => {
    const { url, other } = await there();
    const many = contract("many", {
      inputs: { ns: z.array(z.number()) },
      define: (g, { ns }) =>
        g.collection("all", {
          over: ns,
          as: "n",
          key: (n) => `${n}`,
          each: (g, { n }) => g.remote("far", { url, contract: "review", needs: { n }, headers: () => BEARER }),
        }),
    });
    const kindling = await openKindling({ contracts: [many], clock: manualClock() });
    const run = await kindling.start(many, { ns: [1, 2] });
    await run.settled();
    await run.cancel();
    await until(async () => (await statusesOf(other)).every((status) => status === "cancelled"), "the end there");
    expect(await runsOf(other)).toHaveLength(2);
  });

  it("also when its server is away at that moment, and after a restart here", async () => {
    const { other, url } = await there();
    const place = await temporaryLedger();
    const clock = manualClock();
    let isAway = false;
    const fetched: typeof fetch = (...request) => (isAway ? Promise.reject(new Error("away")) : fetch(...request));
    const first = await createRuntime({ contracts: [calling(url, "review")], ledger: place, clock, fetch: fetched });
    const { id } = await first.start("calling", { n: 1 });
    await (await first.run(id)).settled();
    isAway = true;
    await first.cancel(id);
    await until(async () => ofType(await first.facts(id), "compensation.failed").length > 0, "a try");
    await first.close();
    isAway = false;
    const second = await openKindling({ contracts: [calling(url, "review")], ledger: place, clock, fetch: fetched });
    clock.advance(600_000);
    await until(async () => (await second.get(id))?.status === "cancelled", "the end here");
    expect(await statusesOf(other)).toEqual(["cancelled"]);
  });
});

describe("the run there is left as it is", () => {
  it("when it has succeeded, whatever becomes of the run here", async () => {
    const { url, other } = await there();
    const later = contract("later", {
      inputs: { n: z.number() },
      define(g, { n }) {
        const far = g.remote("far", { url, contract: "double", needs: { n }, headers: () => BEARER });
        return g.await("go", { event: "go", schema: z.string(), show: { far } });
      },
    });
    const kindling = await openKindling({ contracts: [later] });
    const run = await kindling.start(later, { n: 1 });
    await run.settled();
    expect((await run.cancel()).status).toBe("cancelled");
    expect((await run.facts()).filter(({ type }) => type.startsWith("compensation."))).toEqual([]);
    expect(await statusesOf(other)).toEqual(["succeeded"]);
  });

  it("when it is gone: there is nothing to cancel", async () => {
    const { url, server } = await there();
    const clock = manualClock();
    const kindling = await openKindling({ contracts: [calling(url, "review")], clock });
    const run = await kindling.start("calling", { n: 1 });
    await run.settled();
    await server.close();
    await served(await openKindling({ contracts: [] }), { port: Number(new URL(url).port) });
    await run.cancel();
    await until(async () => {
      // The connection to the server that was closed may be found dead first.
      if ((await run.facts()).at(-1)?.type === "compensation.failed") clock.advance(10_000);
      return (await run.get()).status === "cancelled";
    }, "the end here");
    expect(ofType(await run.facts(), "compensation.succeeded")).toHaveLength(1);
  });
});

describe("an update with other inputs", () => {
  it("after the run there has succeeded starts another one", async () => {
    const { url, other } = await there();
    const kindling = await openKindling({ contracts: [calling(url, "double", z.number())] });
    const run = await kindling.start("calling", { n: 1 });
    expect(await run.result()).toBe(2);
    await run.update({ n: 5 });
    expect(await run.result()).toBe(10);
    expect(await statusesOf(other)).toEqual(["succeeded", "succeeded"]);
  });

  // The node begins anew under the key it had, since it had no value: the server refuses other inputs under that key. And what was started is forgotten.
  it("while the run there waits starts another one under another key, and cancels that one", async () => {
    const { url, other } = await there();
    const kindling = await openKindling({ contracts: [calling(url, "review", z.string())], clock: manualClock() });
    const run = await kindling.start("calling", { n: 1 });
    await run.settled();
    await run.update({ n: 2 });
    await until(async () => (await runsOf(other)).length === 2, "another run there");
    expect((await run.settled()).status).toBe("waiting");
    expect(await statusesOf(other)).toEqual(["waiting", "cancelled"]);
    await run.cancel();
    await until(async () => (await run.get()).status === "cancelled", "the end here");
    expect(await statusesOf(other)).toEqual(["cancelled", "cancelled"]);
  });
});

describe("a retry", () => {
  // The node begins anew under the key it had, which is that of the run that failed.
  it("after the run there failed starts another one", async () => {
    const { url, other } = await there();
    const kindling = await openKindling({ contracts: [calling(url, "picky", z.number())] });
    refused.add(1);
    const run = await kindling.start("calling", { n: 1 });
    expect((await run.settled()).error).toMatchObject({ code: "remote_failed" });
    await run.retry();
    expect((await run.settled()).error).toMatchObject({ code: "remote_failed" });
    refused.clear();
    await run.retry();
    expect(await run.result()).toBe(1);
    expect(await statusesOf(other)).toEqual(["succeeded", "failed", "failed"]);
  });

  // Called twice when its timer brings it back (see remote.test.ts).
  it("after the way to it was cut goes on with the same one, which is still cancelled with the run here", async () => {
    const { url, other } = await there();
    const clock = manualClock();
    let isAway = false;
    const fetched: typeof fetch = (...request) => (isAway ? Promise.reject(new Error("away")) : fetch(...request));
    const kindling = await openKindling({ contracts: [calling(url, "review", z.string())], clock, fetch: fetched });
    const run = await kindling.start("calling", { n: 1 });
    await run.settled();
    isAway = true;
    await until(async () => {
      clock.advance(300_000);
      await nextTurn(3);
      return (await run.get()).status === "failed";
    }, "giving up");
    isAway = false;
    await run.retry();
    expect((await run.settled()).status).toBe("waiting");
    await run.cancel();
    await until(async () => (await run.get()).status === "cancelled", "the end here");
    expect(await statusesOf(other)).toEqual(["cancelled"]);
  });
});
