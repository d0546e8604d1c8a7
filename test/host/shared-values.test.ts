// Values that any run of a ledger may take, where the author says so (R10).

import { contract, createRuntime, type Kindling } from "kindling";
import { manualClock, memoryLedger } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { nextTurn, openKindling, temporaryLedger } from "./open-host.ts";

let asked: string[] = [];
const rates = contract("rates", {
  inputs: { currency: z.string(), note: z.string().default("") },
  define(g, { currency, note }) {
    const rate = g.lookup("rate", {
      needs: { currency },
      reuse: { across: true, ttl: "1h" },
      run: async ({ currency }) => {
        asked.push(currency);
        await nextTurn(3);
        if (currency === "ZZZ") throw Object.assign(new Error("no such currency"), { retryable: false });
        return { currency, number: asked.length };
      },
      retry: { attempts: 1 },
    });
    return g.compute("text", { needs: { rate, note }, run: ({ rate, note }) => `${note}${rate.currency} ${rate.number}` });
  },
});

const result = async (kindling: Kindling, currency: string, note = "") => (await kindling.start(rates, { currency, note })).result();

describe("a value for any run", () => {
  it("is taken for the same reading, and made for another one", async () => {
    asked = [];
    const kindling = await openKindling({ contracts: [rates] });
    expect(await result(kindling, "EUR", "a ")).toBe("a EUR 1");
    expect(await result(kindling, "EUR", "b ")).toBe("b EUR 1");
    expect(await result(kindling, "USD")).toBe("USD 2");
    expect(asked).toEqual(["EUR", "USD"]);
  });

  it("says where it comes from", async () => {
    asked = [];
    const kindling = await openKindling({ contracts: [rates] });
    const first = await kindling.start(rates, { currency: "EUR" });
    await first.result();
    const made = (await first.facts()).find((fact) => fact.type === "node.succeeded" && fact.path === "rate");
    const second = await kindling.start(rates, { currency: "EUR" });
    await second.result();
    expect((await second.facts()).find(({ type }) => type === "node.reused")).toMatchObject({ path: "rate", source: made?.id });
  });

  it("is made once for runs that want it at the same time", async () => {
    asked = [];
    const kindling = await openKindling({ contracts: [rates] });
    expect(await Promise.all(Array.from({ length: 20 }, () => result(kindling, "EUR")))).toEqual(Array.from({ length: 20 }, () => "EUR 1"));
    expect(asked).toEqual(["EUR"]);
  });

  it("is made by the next one when the first could not", async () => {
    asked = [];
    const kindling = await openKindling({ contracts: [rates] });
    const runs = await Promise.all([0, 1].map(() => kindling.start(rates, { currency: "ZZZ" })));
    expect(await Promise.all(runs.map(async (run) => (await run.settled()).status))).toEqual(["failed", "failed"]);
    expect(asked).toEqual(["ZZZ", "ZZZ"]);
  });

  it("is made anew when it is older than its time", async () => {
    asked = [];
    const clock = manualClock();
    const kindling = await openKindling({ contracts: [rates], clock });
    await result(kindling, "EUR");
    clock.advance(3_600_000);
    expect(await result(kindling, "EUR")).toBe("EUR 1");
    clock.advance(1);
    expect(await result(kindling, "EUR")).toBe("EUR 2");
  });

  it("is found by another process", async () => {
    asked = [];
    const place = await temporaryLedger();
    const first = await createRuntime({ contracts: [rates], ledger: place });
    await result(first, "EUR");
    await first.close();
    const second = await openKindling({ contracts: [rates], ledger: place });
    expect(await result(second, "EUR")).toBe("EUR 1");
    expect(asked).toHaveLength(1);
  });

  it("is not taken from another version of the code", async () => {
    asked = [];
    const ledger = memoryLedger();
    const first = await createRuntime({ contracts: [rates], ledger });
    await result(first, "EUR");
    await first.close();
    const other = contract("rates", {
      version: "2",
      inputs: { currency: z.string() },
      define: (g, { currency }) =>
        g.lookup("rate", { needs: { currency }, reuse: { across: true }, run: ({ currency }) => `new ${currency}` }),
    });
    const second = await openKindling({ contracts: [other], ledger });
    expect(await (await second.start(other, { currency: "EUR" })).result()).toBe("new EUR");
  });
});
