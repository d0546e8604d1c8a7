// What follows on facts: hooks of this process, and code at the end of a run that happens once.

import { contract, createRuntime, InputError, type Kindling, type RunView } from "kindling";
import { manualClock, memoryLedger } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { nextTurn, openKindling, temporaryLedger } from "./open-host.ts";

describe("a hook", () => {
  const pair = contract("pair", {
    inputs: { names: z.array(z.string()) },
    define: (g, { names }) =>
      g.collection("each", {
        over: names,
        as: "name",
        key: (name) => name,
        each: (g, { name }) => g.lookup("ask", { needs: { name }, run: ({ name }) => name.toUpperCase() }),
      }),
  });

  it("hears of facts of its type, contract and path, with a star for any key", async () => {
    const kindling = await openKindling({ contracts: [pair] });
    const heard: string[] = [];
    kindling.on("node.succeeded", { contract: "pair", path: "each[*]/ask" }, (fact, { run }) => {
      heard.push(`${fact.path} ${JSON.stringify(fact.value)} ${run === fact.run}`);
    });
    kindling.on("node.succeeded", { contract: "other" }, () => heard.push("other"));
    kindling.on("run.succeeded", { path: "" }, (fact) => heard.push(fact.type));
    await (await kindling.start(pair, { names: ["a", "b"] })).result();
    await expect.poll(() => heard.toSorted()).toEqual(['each[a]/ask "A" false', 'each[b]/ask "B" false', "run.succeeded"]);
  });

  it("that throws is reported, and neither the run nor other hooks notice", async () => {
    const faults: string[] = [];
    const kindling = await openKindling({
      contracts: [pair],
      onHookFault: ({ error, type, path }) => faults.push(`${type} ${path} ${error instanceof Error ? error.message : ""}`),
    });
    let heard = 0;
    kindling.on("run.started", {}, () => {
      throw new Error("sync");
    });
    kindling.on("run.started", {}, () => Promise.reject(new Error("async")));
    kindling.on("run.started", {}, () => heard++);
    await (await kindling.start(pair, { names: [] })).result();
    await expect.poll(() => faults).toEqual(["run.started  sync", "run.started  async"]);
    expect(heard).toBe(1);
  });

  it("is told nothing more once it was ended", async () => {
    const kindling = await openKindling({ contracts: [pair] });
    const heard: string[] = [];
    const end = kindling.on("run.succeeded", {}, ({ run }) => heard.push(run));
    const first = await kindling.start(pair, { names: [] });
    await expect.poll(() => heard).toEqual([first.id]);
    end();
    await (await kindling.start(pair, { names: [] })).result();
    await nextTurn(5);
    expect(heard).toEqual([first.id]);
  });
});

describe("code at the end of a run", () => {
  const told: string[] = [];
  const ending = contract("ending", {
    inputs: { fail: z.boolean(), wait: z.boolean() },
    define(g, { fail, wait }) {
      const asked = g.branch("asked", {
        needs: { wait },
        on: ({ wait }) => (wait ? "yes" : "no"),
        cases: { yes: (g, { wait }) => g.await("go", { event: "go", schema: z.boolean(), show: { wait } }), no: (_g, { wait }) => wait },
      });
      return g.compute("end", {
        needs: { asked, fail },
        run: ({ fail }) => {
          if (fail) throw new InputError("broken", "it broke");
          return 42;
        },
      });
    },
    onSuccess: (value, { idempotencyKey }) => void told.push(`success ${value} ${idempotencyKey.split(":")[1]}`),
    onFailure: (error) => void told.push(`failure ${error.code}`),
    onExit: ({ status }) => void told.push(`exit ${status}`),
  });

  it.each([
    [{ fail: false, wait: false }, ["success 42 onSuccess", "exit succeeded"]],
    [{ fail: true, wait: false }, ["failure broken", "exit failed"]],
  ])("is called once for %j", async (inputs, expected) => {
    told.length = 0;
    const kindling = await openKindling({ contracts: [ending] });
    const run = await kindling.start(ending, inputs);
    await run.settled();
    await expect.poll(() => told).toEqual(expected);
    await nextTurn(5);
    expect(told).toEqual(expected);
  });

  it("is not called for a run that waits, and once when that one has ended in another process", async () => {
    told.length = 0;
    const place = await temporaryLedger();
    const first = await createRuntime({ contracts: [ending], ledger: place });
    const { id } = await first.start(ending, { fail: false, wait: true });
    await (await first.run(id)).settled();
    await first.close();
    expect(told).toEqual([]);
    const second = await createRuntime({ contracts: [ending], ledger: place });
    await second.deliver({ event: "go", run: id, payload: true });
    await expect.poll(() => told).toEqual(["success 42 onSuccess", "exit succeeded"]);
    await second.close();
    const third = await openKindling({ contracts: [ending], ledger: place });
    await nextTurn(5);
    expect(told).toHaveLength(2);
    expect((await third.get(id))?.status).toBe("succeeded");
  });

  it("is told of a cancelled run at its exit only", async () => {
    told.length = 0;
    const kindling = await openKindling({ contracts: [ending] });
    const run = await kindling.start(ending, { fail: false, wait: true });
    await run.settled();
    await run.cancel();
    await expect.poll(() => told).toEqual(["exit cancelled"]);
  });

  it("is tried again when it throws, under the same key, and the result is there meanwhile", async () => {
    const clock = manualClock();
    const keys: string[] = [];
    const flaky = contract("flaky", {
      inputs: {},
      define: (g) => g.const("one", 1),
      onSuccess: (_value, { idempotencyKey, attempt }) => {
        keys.push(idempotencyKey);
        if (attempt < 3) throw new Error("not yet");
      },
    });
    const kindling = await openKindling({ contracts: [flaky], clock });
    const run = await kindling.start(flaky, {});
    expect(await run.result()).toBe(1);
    for (let tries = 1; tries < 3; tries++) {
      await expect.poll(() => keys.length).toBe(tries);
      await expect.poll(() => clock.pending.length).toBe(1);
      clock.advance(600_000);
    }
    await expect.poll(async () => (await run.facts()).at(-1)?.type).toBe("exit.succeeded");
    expect(new Set(keys).size).toBe(1);
  });
});

describe("guards of a contract", () => {
  it("hold before anything else begins", async () => {
    const ran: string[] = [];
    const guarded = contract("guarded", {
      inputs: { amount: z.number(), country: z.string() },
      guards: {
        positive: { where: { amount: { min: 1 } }, message: "the amount must be at least 1" },
        known: { check: ({ country }) => country.length === 2 },
      },
      define: (g, { amount }) =>
        g.lookup("charge", {
          needs: { amount },
          run: ({ amount }) => {
            ran.push("charge");
            return amount;
          },
        }),
    });
    const kindling = await openKindling({ contracts: [guarded] });
    const bad: RunView = await (await kindling.start(guarded, { amount: 0, country: "de" })).settled();
    expect([bad.status, bad.error?.code, bad.error?.message]).toEqual([
      "failed",
      "guard_failed",
      "positive: the amount must be at least 1",
    ]);
    expect(ran).toEqual([]);
    expect(await (await kindling.start(guarded, { amount: 5, country: "de" })).result()).toBe(5);
  });
});

describe("a schedule", () => {
  const HOUR = 3_600_000;
  const ticking = (missed?: "none") =>
    contract("ticking", {
      inputs: { at: z.string() },
      schedule: { every: "1h", inputs: (at) => ({ at: at.toISOString() }), ...(missed === undefined ? {} : { missed }) },
      define: (_g, { at }) => at,
    });
  const times = async (kindling: Kindling) => {
    const { items } = await kindling.list({ contract: "ticking" });
    const outputs = await Promise.all(items.map(async ({ id }) => (await kindling.get(id))?.outputs));
    return outputs.map(String).toSorted((a, b) => a.localeCompare(b));
  };

  it("starts a run at each of its times, and not at the first sight", async () => {
    const clock = manualClock(Date.parse("2026-01-01T10:00:00Z"));
    const kindling = await openKindling({ contracts: [ticking()], clock });
    expect(await times(kindling)).toEqual([]);
    for (const expected of [1, 2]) {
      clock.advance(HOUR);
      await expect.poll(async () => (await times(kindling)).length).toBe(expected);
    }
    expect(await times(kindling)).toEqual(["2026-01-01T11:00:00.000Z", "2026-01-01T12:00:00.000Z"]);
  });

  it("starts one run for the latest of the times that passed while no process was there, or none", async () => {
    for (const missed of [undefined, "none"] as const) {
      const clock = manualClock(Date.parse("2026-01-01T10:00:00Z"));
      const ledger = memoryLedger();
      const first = await createRuntime({ contracts: [ticking(missed)], ledger, clock });
      await first.close();
      clock.advance(5.5 * HOUR);
      const second = await openKindling({ contracts: [ticking(missed)], ledger, clock });
      if (missed === undefined) await expect.poll(() => times(second)).toEqual(["2026-01-01T15:00:00.000Z"]);
      await nextTurn(5);
      expect(await times(second)).toHaveLength(missed === undefined ? 1 : 0);
    }
  });

  it("starts no run twice when the clock is set back, nor by coming again", async () => {
    const clock = manualClock(Date.parse("2026-01-01T10:00:00Z"));
    const ledger = memoryLedger();
    const first = await createRuntime({ contracts: [ticking()], ledger, clock });
    clock.advance(HOUR);
    await expect.poll(async () => (await times(first)).length).toBe(1);
    clock.set(Date.parse("2026-01-01T10:30:00Z"));
    clock.advance(HOUR / 2);
    await nextTurn(5);
    await first.close();
    const second = await openKindling({ contracts: [ticking()], ledger, clock });
    await nextTurn(5);
    expect(await times(second)).toEqual(["2026-01-01T11:00:00.000Z"]);
    clock.set(Date.parse("2026-01-01T12:00:00Z"));
    await expect.poll(() => times(second)).toEqual(["2026-01-01T11:00:00.000Z", "2026-01-01T12:00:00.000Z"]);
  });

  it("reads cron lines in a time zone, summer time included", async () => {
    const daily = contract("ticking", {
      inputs: { at: z.string() },
      schedule: { cron: "30 2 * * *", timezone: "Europe/Berlin", inputs: (at) => ({ at: at.toISOString() }) },
      define: (_g, { at }) => at,
    });
    const clock = manualClock(Date.parse("2026-03-27T12:00:00Z"));
    const kindling = await openKindling({ contracts: [daily], clock });
    for (const expected of [1, 2, 3]) {
      clock.advance(24 * HOUR);
      await expect.poll(async () => (await times(kindling)).length).toBe(expected);
    }
    expect(await times(kindling)).toEqual(["2026-03-28T01:30:00.000Z", "2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]);
  });

  it("that cannot be read is refused when the runtime is made", async () => {
    const odd = contract("odd", { inputs: {}, schedule: { cron: "99 * * * *", inputs: {} }, define: (g) => g.const("one", 1) });
    await expect(createRuntime({ contracts: [odd], ledger: memoryLedger() })).rejects.toMatchObject({ code: "bad_schedule" });
  });

  it("whose inputs do not fit says so, and goes on with the next time", async () => {
    const clock = manualClock(Date.parse("2026-01-01T10:00:00Z"));
    const said: string[] = [];
    const odd = contract("ticking", {
      inputs: { at: z.string() },
      schedule: { every: "1h", inputs: (at) => (at.getUTCHours() === 11 ? ({ at: 1 } as never) : { at: at.toISOString() }) },
      define: (_g, { at }) => at,
    });
    const kindling = await openKindling({ contracts: [odd], clock, onLog: ({ message }) => said.push(message) });
    clock.advance(HOUR);
    await expect.poll(() => said.length).toBe(1);
    clock.advance(HOUR);
    await expect.poll(() => times(kindling)).toEqual(["2026-01-01T12:00:00.000Z"]);
    expect(said[0]).toMatch(/schedule of "ticking", 2026-01-01T11:00:00.000Z: .*at/);
  });
});
