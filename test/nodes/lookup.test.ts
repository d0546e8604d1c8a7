// Reads from outside: tried again, recorded before anything rests on them, limited by what they ask.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, KindlingError, textGraph } from "../../src/index.ts";
import { manualClock, memoryLedger } from "../../src/testing.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";
import { crashed } from "../host/ledgers.ts";
import { nextTurn, openKindling, until } from "../host/open-host.ts";
import { behaviourOf, resultOf } from "./outcome.ts";

class Refused extends KindlingError {
  readonly retryable = false;
}

const lookups = (read: (id: string, attempt: number) => Promise<unknown>, options: { retry?: { attempts: number } } = {}) =>
  contract("lookups", {
    inputs: { id: z.string() },
    define: (g, { id }) => g.lookup("customer", { needs: { id }, run: ({ id }, { attempt }) => read(id, attempt), ...options }),
  });

describe("a lookup", () => {
  it("gives what it read, with the context of every callback", async () => {
    expect(
      await resultOf(
        lookups(async (id, attempt) => ({ id, attempt })),
        { id: "c1" },
      ),
    ).toEqual({ id: "c1", attempt: 1 });
  });

  it("is tried three times by default", async () => {
    const clock = manualClock();
    const attempts: number[] = [];
    const failing = lookups(async (_, attempt) => {
      attempts.push(attempt);
      throw new Error("no answer");
    });
    const kindling = await openKindling({ contracts: [failing], clock });
    const run = await kindling.start(failing, { id: "c1" });
    for (const tries of [1, 2]) {
      await until(() => attempts.length === tries && clock.pending.length > 0);
      clock.advance(600_000);
    }
    await expect(run.result()).rejects.toMatchObject({ details: { error: { code: "threw", message: "customer: no answer" } } });
    expect(attempts).toEqual([1, 2, 3]);
  });

  it("is not tried again when its error says that this would not help", async () => {
    let calls = 0;
    const refused = lookups(async () => {
      calls += 1;
      throw new Refused("no_such_customer", "there is no customer c1");
    });
    await expect(resultOf(refused, { id: "c1" })).rejects.toMatchObject({ details: { error: { code: "no_such_customer" } } });
    expect(calls).toBe(1);
  });

  it("is not read again after a crash when what it read was recorded", async () => {
    const place = memoryLedger();
    let calls = 0;
    const slow = contract("slow", {
      inputs: { id: z.string() },
      define: (g, { id }) => {
        const customer = g.lookup("customer", { needs: { id }, run: async () => `read ${(calls += 1)}` });
        const order = g.await("order", { event: "ordered", schema: z.string() });
        return { customer, order };
      },
    });
    const first = await openKindling({ contracts: [slow], ledger: place });
    const { id } = await first.start(slow, { id: "c1" });
    await (await first.run(id)).settled();
    const again = await openKindling({ contracts: [slow], ledger: await crashed(place) });
    await again.deliver({ event: "ordered", run: id, payload: "tea" });
    expect(await (await again.run(id)).result()).toEqual({ customer: "read 1", order: "tea" });
    expect(calls).toBe(1);
  });

  it("shares the limit of its resource, and only of that", async () => {
    const gates: { readonly name: string; readonly open: () => void }[] = [];
    const read = (name: string) => () => new Promise<string>((resolve) => gates.push({ name, open: () => resolve(name) }));
    const wide = contract("wide", {
      inputs: { id: z.string() },
      define: (g, needs) => ({
        one: g.lookup("one", { needs, run: read("one"), resource: "crm" }),
        two: g.lookup("two", { needs, run: read("two"), resource: "crm" }),
        other: g.lookup("other", { needs, run: read("other"), resource: "maps" }),
      }),
    });
    const kindling = await openKindling({ contracts: [wide], limits: { perResource: 1 } });
    const run = await kindling.start(wide, { id: "c1" });
    await until(() => gates.length === 2);
    await nextTurn(5);
    expect(gates.map(({ name }) => name).sort()).toEqual(["one", "other"]);
    for (const gate of gates) gate.open();
    await until(() => gates.length === 3);
    gates[2]?.open();
    expect(await run.result()).toEqual({ one: "one", two: "two", other: "other" });
  });

  it("is shown as touching the world, with its resource", () => {
    const shown = contract("shown", {
      inputs: { id: z.string() },
      define: (g, { id }) => g.lookup("customer", { needs: { id }, run: ({ id }) => id, resource: "crm" }),
    });
    expect(textGraph(shown)).toMatch(/↔ customer +lookup +← id +crm/);
    expect(behaviourOf(shown, "customer")).toMatchObject({ always: false, detail: { run: "({ id }) => id" }, retry: { attempts: 3 } });
  });

  it("takes as many tries as its options say, and finds those that mean nothing", () => {
    expect(
      behaviourOf(
        lookups(async () => 1, { retry: { attempts: 1 } }),
        "customer",
      ).retry.attempts,
    ).toBe(1);
    const bad = () =>
      contract("bad", {
        inputs: { id: z.string() },
        define: (g, { id }) => g.lookup("x", { needs: { id }, run: () => 1, resource: "", timeout: "-1s", retry: { attempts: 0 } }),
      });
    expect(lines(findingsOf(bad))).toEqual([
      "bad_option x: retry.attempts is 0",
      'bad_option x: timeout is "-1s"',
      "bad_option x: resource is empty",
    ]);
  });
});
