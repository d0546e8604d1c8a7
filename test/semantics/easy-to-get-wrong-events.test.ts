// What is easily got wrong about events, time, keys and versions, in the form Kindling gives it.

import { contract, createRuntime, type AnyContract, type Kindling } from "kindling";
import { manualClock, memoryLedger, type ManualClock } from "kindling/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { nextTurn, openKindling, temporaryLedger } from "../host/open-host.ts";

const DAY = 86_400_000;

const review = contract("review", {
  inputs: { id: z.string(), region: z.string().default("eu"), round: z.number().default(1) },
  correlate: ["id", "region", "round"],
  define: (g, { id }) => g.await("decision", { event: "reviewed", schema: z.object({ ok: z.boolean() }), show: { id } }),
});

const yes = { event: "reviewed", payload: { ok: true } };

const started = async (...inputs: readonly { readonly id: string; readonly region?: string; readonly round?: number }[]) => {
  const kindling = await openKindling({ contracts: [review] });
  const ids: string[] = [];
  for (const each of inputs) ids.push((await kindling.start(review, each)).id);
  return { kindling, ids };
};

describe("correlation", () => {
  it("sees inputs that took their default", async () => {
    const { kindling, ids } = await started({ id: "a" });
    expect(await kindling.deliver({ ...yes, correlation: { region: "us" } })).toMatchObject({ status: "refused", code: "run_not_found" });
    expect(await kindling.deliver({ ...yes, correlation: { region: "eu", round: 1 } })).toMatchObject({ status: "delivered", run: ids[0] });
  });

  it("compares exactly: the text 1 is not the number 1", async () => {
    const { kindling, ids } = await started({ id: "1", round: 1 });
    expect(await kindling.deliver({ ...yes, correlation: { id: 1 } })).toMatchObject({ code: "run_not_found" });
    expect(await kindling.deliver({ ...yes, correlation: { id: "1", round: "1" } })).toMatchObject({
      code: "run_not_found",
      message: expect.stringMatching(/"id":"1".*"round":"1".*reviewed/),
    });
    expect(await kindling.deliver({ ...yes, correlation: { id: "1", round: 1 } })).toMatchObject({ status: "delivered", run: ids[0] });
  });

  it("needs only as many keys as tell one run from the others, and names the candidates where they do not", async () => {
    const { kindling, ids } = await started({ id: "a", region: "eu" }, { id: "a", region: "us" }, { id: "b" });
    expect(await kindling.deliver({ ...yes, correlation: { id: "a" } })).toMatchObject({
      status: "refused",
      code: "ambiguous_correlation",
      candidates: [{ run: ids[0], correlation: { id: "a", region: "eu" } }, { run: ids[1] }],
    });
    expect(await kindling.deliver({ ...yes, correlation: { region: "us" } })).toMatchObject({ status: "delivered", run: ids[1] });
    expect(await kindling.deliver({ ...yes, correlation: { id: "a" } })).toMatchObject({ status: "delivered", run: ids[0] });
  });

  it("does not take an ended run for one that waits", async () => {
    const { kindling, ids } = await started({ id: "a" }, { id: "a" });
    await kindling.cancel(ids[0] ?? "");
    expect(await kindling.deliver({ ...yes, correlation: { id: "a" } })).toMatchObject({ status: "delivered", run: ids[1] });
    expect(await kindling.deliver({ event: "reviewed", correlation: { id: "a" }, payload: { ok: false } })).toMatchObject({
      status: "refused",
      code: expect.stringMatching(/run_ended|already_decided/),
    });
  });
});

describe("a delivery", () => {
  it('is for one await; to: "all" is for every one that waits, each once, and a repeat completes what is left', async () => {
    const { kindling, ids } = await started({ id: "a" }, { id: "a" });
    const all = { ...yes, correlation: { id: "a" }, to: "all", deliveryId: "d" } as const;
    expect(await kindling.deliver({ ...yes, correlation: { id: "a" } })).toMatchObject({ code: "ambiguous_correlation" });
    const first = await kindling.deliver(all);
    expect(first).toMatchObject({ status: "delivered", others: [{ status: "delivered" }] });
    for (const id of ids) expect(await (await kindling.run(id)).result()).toEqual({ ok: true });
    expect(await kindling.deliver(all)).toMatchObject({ status: "duplicate" });
    const late = await kindling.start(review, { id: "a" });
    expect(await kindling.deliver(all)).toMatchObject({ status: "delivered", run: late.id });
    expect((await kindling.facts(ids[0] ?? "")).filter(({ type }) => type === "event.delivered")).toHaveLength(1);
  });

  it("under the same id is the same delivery, and under that id with another payload it is a conflict", async () => {
    const { kindling, ids } = await started({ id: "a" });
    const once = { ...yes, correlation: { id: "a" }, deliveryId: "d" };
    expect(await kindling.deliver(once)).toMatchObject({ status: "delivered", run: ids[0] });
    expect(await kindling.deliver(once)).toMatchObject({ status: "duplicate", run: ids[0] });
    expect(await kindling.deliver({ ...once, payload: { ok: false } })).toMatchObject({ status: "refused", code: "delivery_conflict" });
    expect(await (await kindling.run(ids[0] ?? "")).result()).toEqual({ ok: true });
  });

  it("that is refused, one that is an error, and one that comes too late are three different answers", async () => {
    const { kindling, ids } = await started({ id: "a" });
    const [id = ""] = ids;
    const before = await kindling.facts(id);
    expect(await kindling.deliver({ event: "reviewed", run: id, payload: { ok: "yes" } })).toMatchObject({
      status: "refused",
      code: "invalid_payload",
      message: expect.stringContaining("reviewed"),
      fix: expect.stringContaining("stays open"),
      issues: [{ at: "ok" }],
    });
    expect(await kindling.facts(id)).toEqual(before);
    await expect(kindling.deliver({ ...yes, run: id }, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
    expect(await kindling.deliver({ ...yes, run: id })).toMatchObject({ status: "delivered" });
    expect(await kindling.deliver({ event: "reviewed", run: id, payload: { ok: false } })).toMatchObject({
      status: "refused",
      code: "already_decided",
    });
  });

  it("that a gate refuses is recorded with who came, and the gate stays open", async () => {
    const gate = contract("gate", {
      inputs: { id: z.string() },
      define: (g, { id }) => g.await("ok", { event: "ok", schema: z.boolean(), show: { id }, by: "human", timeout: "3d", roles: ["lead"] }),
    });
    const kindling = await openKindling({ contracts: [gate] });
    const run = await kindling.start(gate, { id: "a" });
    const deliver = (actor: { readonly id: string; readonly assurance: "agent" | "outOfBand"; readonly roles?: readonly string[] }) =>
      kindling.deliver({ event: "ok", run: run.id, payload: true, actor });
    expect(await deliver({ id: "bot", assurance: "agent" })).toMatchObject({ status: "refused", code: "human_decision_required" });
    expect(await deliver({ id: "ada", assurance: "outOfBand" })).toMatchObject({ status: "refused", code: "role_required" });
    const refusals = (await run.facts()).flatMap((fact) => (fact.type === "event.refused" ? [`${fact.code} ${fact.actor.id}`] : []));
    expect(refusals).toEqual(["human_decision_required bot", "role_required ada"]);
    expect(await deliver({ id: "bob", assurance: "outOfBand", roles: ["lead"] })).toMatchObject({ status: "delivered" });
    expect(await run.result()).toBe(true);
  });
});

describe("a timer", () => {
  it.each([
    ["in the same process", false],
    ["in another process", true],
  ])("of an await that opens anew replaces the one before, and is not a second one, %s", async (_where, isRestarted) => {
    const clock = manualClock();
    const asked = contract("asked", {
      inputs: { text: z.string() },
      define: (g, { text }) =>
        g.await("ok", { event: "ok", schema: z.boolean(), show: { text }, timeout: "2d", onTimeout: { value: false } }),
    });
    const place = await temporaryLedger();
    const first = await createRuntime({ contracts: [asked], ledger: place, clock });
    const { id } = await first.start(asked, { text: "a" });
    clock.advance(DAY);
    await first.update(id, { text: "b" });
    await (await first.run(id)).settled();
    expect(clock.pending).toHaveLength(1);
    if (isRestarted) await first.close();
    else onTestFinished(() => first.close());
    const second = isRestarted ? await openKindling({ contracts: [asked], ledger: place, clock }) : first;
    clock.advance(DAY + 1);
    await nextTurn(5);
    expect(await second.get(id)).toMatchObject({ status: "waiting", awaits: [{ deadline: 1_700_000_000_000 + 3 * DAY }] });
    clock.advance(DAY);
    expect(await (await second.run(id)).result()).toBe(false);
    expect((await second.facts(id)).filter(({ type }) => type === "timer.fired")).toHaveLength(1);
  });
});

describe("an idempotency key", () => {
  it("of a start is that run's for good, also when the run has ended and another process asks", async () => {
    const place = await temporaryLedger();
    const first = await createRuntime({ contracts: [review], ledger: place });
    const run = await first.start(review, { id: "a" }, { idempotencyKey: "k" });
    await first.cancel(run.id);
    await first.close();
    const second = await openKindling({ contracts: [review], ledger: place });
    expect(await second.start(review, { id: "a", region: "eu" }, { idempotencyKey: "k" })).toMatchObject({ id: run.id, created: false });
    await expect(second.start(review, { id: "b" }, { idempotencyKey: "k" })).rejects.toMatchObject({
      code: "idempotency_conflict",
      message: expect.stringContaining(run.id),
    });
    expect((await second.list()).items).toHaveLength(1);
  });
});

describe("an effect", () => {
  it("is done once, and its outcome is recorded and checked like any other value before anything rests on it", async () => {
    const done: string[] = [];
    const paying = (value: unknown) =>
      contract("paying", {
        inputs: { id: z.string() },
        define(g, { id }) {
          const receipt = g.effect("pay", {
            needs: { id },
            run: (_needs, { idempotencyKey }) => (done.push(idempotencyKey), value),
            retry: { attempts: 1 },
          });
          const ok = g.await("ok", { event: "ok", schema: z.null(), show: { receipt } });
          return g.compute("both", { needs: { receipt, ok }, run: ({ receipt }) => receipt });
        },
      });
    const place = await temporaryLedger();
    const first = await createRuntime({ contracts: [paying("r1")], ledger: place });
    const { id } = await first.start("paying", { id: "a" });
    await (await first.run(id)).settled();
    await first.close();
    const second = await openKindling({ contracts: [paying("r1")], ledger: place });
    await second.deliver({ event: "ok", run: id, payload: null });
    expect(await (await second.run(id)).result()).toBe("r1");
    expect(done).toEqual([`${id}:pay`]);
    const third = await openKindling({ contracts: [paying(new Date())] });
    const refused = await (await third.start("paying", { id: "a" })).settled();
    expect([refused.status, refused.error?.code]).toEqual(["failed", "not_json"]);
    expect(await third.deadLetters()).toMatchObject([{ path: "pay", attempts: 1, error: { code: "not_json" } }]);
  });
});

/** A wait in the middle; what stands before and behind it differs by version. */
const order = ({ factor = 2, last = "!", wait = "2d" }: { factor?: 2 | 3; last?: "!" | "?"; wait?: "2d" | "9d" } = {}): AnyContract =>
  contract("order", {
    version: "1",
    inputs: { amount: z.number() },
    define(g, { amount }) {
      const first =
        factor === 2
          ? g.compute("first", { needs: { amount }, run: ({ amount }) => amount * 2 })
          : g.compute("first", { needs: { amount }, run: ({ amount }) => amount * 3 });
      const sleep = g.sleep("sleep", { for: wait, after: [first] });
      return last === "!"
        ? g.compute("last", { needs: { first, sleep }, run: ({ first }) => `${first}!` })
        : g.compute("last", { needs: { first, sleep }, run: ({ first }) => `${first}?` });
    },
  });

/** A run of one contract in its wait, seen by a process that has another one, at the end of the wait. */
async function due(after: AnyContract): Promise<{ readonly kindling: Kindling; readonly id: string; readonly clock: ManualClock }> {
  const clock = manualClock();
  const place = memoryLedger();
  const first = await createRuntime({ contracts: [order()], ledger: place, clock });
  const { id } = await first.start("order", { amount: 5 });
  await (await first.run(id)).settled();
  await first.close();
  clock.advance(2 * DAY);
  return { kindling: await openKindling({ contracts: [after], ledger: place, clock }), id, clock };
}

describe("a contract that changed while a run waited", () => {
  it("does not move the wait: it is due when it was to be due, and goes on where it stood", async () => {
    const { kindling, id } = await due(order({ last: "?" }));
    expect(await (await kindling.run(id)).result({ signal: AbortSignal.timeout(20_000) })).toBe("10?");
    expect((await kindling.facts(id)).filter(({ path }) => path === "first")).toHaveLength(1);
  });

  it.each([
    ["the wait itself", order({ wait: "9d" }), "sleep"],
    ["what was done before it", order({ factor: 3 }), "first"],
  ])(
    "under the same version is still another contract: %s is different, and nothing is decided in silence",
    async (_what, after, changed) => {
      const { kindling, id, clock } = await due(after);
      expect(await kindling.checkUpgrades()).toMatchObject([{ run: id, from: "1", to: "1", verdict: "changed", nodes: [changed] }]);
      await expect(kindling.get(id)).rejects.toMatchObject({
        code: "contract_changed",
        message: expect.stringMatching(new RegExp(`${id}.*"order".*${changed}`)),
        fix: expect.stringContaining("upgrade"),
      });
      // What was done keeps its value; a wait that was not over begins anew.
      await kindling.upgrade(id, "keep");
      const run = await kindling.run(id);
      if (changed === "sleep") {
        expect((await run.settled()).status).toBe("waiting");
        clock.advance(9 * DAY);
      }
      expect(await run.result({ signal: AbortSignal.timeout(20_000) })).toBe("10!");
    },
  );
});

describe("a cursor", () => {
  it("gives what stands behind it and not what it names, and nothing at the end", async () => {
    const { kindling, ids } = await started({ id: "a" });
    const [id = ""] = ids;
    await kindling.deliver({ ...yes, run: id });
    const facts = await kindling.facts(id);
    const middle = facts[Math.floor(facts.length / 2)]?.position ?? 0;
    expect(await kindling.facts(id, { after: middle })).toEqual(facts.filter(({ position }) => position > middle));
    expect(await kindling.facts(id, { after: facts.at(-1)?.position ?? 0 })).toEqual([]);
  });
});
