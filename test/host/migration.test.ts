// Runs of an older version of a contract, in a process that has a newer one (R9).

import { contract, createRuntime, type AnyContract, type GraphBuilder, type Kindling, type Node } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, temporaryLedger } from "./open-host.ts";

type Migrate = Parameters<typeof contract>[1]["migrate"];

/** A contract that waits in its middle; what stands before the wait differs by version. */
function version(number: string, { factor = 2, first = "first", migrate }: { factor?: number; first?: string; migrate?: Migrate } = {}) {
  return contract("order", {
    version: number,
    inputs: { amount: z.number() },
    ...(migrate === undefined ? {} : { migrate }),
    define(g, { amount }) {
      const doubled =
        factor === 2
          ? g.compute(first, { needs: { amount }, run: ({ amount }) => amount * 2 })
          : g.compute(first, { needs: { amount }, run: ({ amount }) => amount * 3 });
      const size = g.compute("size", { needs: { doubled }, run: ({ doubled }) => doubled + 1 });
      const go = g.await("go", { event: "go", schema: z.number() });
      return g.compute("last", { needs: { size, go }, run: ({ size, go }) => size + go });
    },
  });
}

async function waiting(older: AnyContract, newer: AnyContract): Promise<{ readonly kindling: Kindling; readonly id: string }> {
  const place = await temporaryLedger();
  const first = await createRuntime({ contracts: [older], ledger: place });
  const { id } = await first.start("order", { amount: 10 });
  await (await first.run(id)).settled();
  await first.close();
  const kindling = await openKindling({ contracts: [newer], ledger: place });
  return { kindling, id };
}

async function finish(kindling: Kindling, id: string): Promise<unknown> {
  expect(await kindling.deliver({ event: "go", run: id, payload: 100 })).toMatchObject({ status: "delivered" });
  return (await kindling.run(id)).result();
}

describe("a run whose contract has changed", () => {
  it("goes on when nothing of what it has done is different, and the check says so before", async () => {
    const { kindling, id } = await waiting(version("1"), version("2"));
    expect(await kindling.checkUpgrades()).toEqual([{ run: id, contract: "order", from: "1", to: "2", verdict: "goes_on", nodes: [] }]);
    expect(await finish(kindling, id)).toBe(121);
  });

  it("is refused with the nodes that are different, and the check names them before", async () => {
    const { kindling, id } = await waiting(version("1"), version("2", { factor: 3 }));
    expect(await kindling.checkUpgrades()).toMatchObject([{ run: id, verdict: "changed", nodes: ["first"] }]);
    await expect(kindling.deliver({ event: "go", run: id, payload: 1 })).rejects.toMatchObject({
      code: "contract_changed",
      message: expect.stringContaining("first"),
    });
  });

  it.each([
    ["keep", 121],
    ["rerun", 131],
  ] as const)("goes on when the caller says what becomes of them: %s", async (changed, result) => {
    const { kindling, id } = await waiting(version("1"), version("2", { factor: 3 }));
    await kindling.upgrade(id, changed);
    expect(await kindling.checkUpgrades()).toMatchObject([{ verdict: "same" }]);
    expect(await finish(kindling, id)).toBe(result);
  });

  it.each([
    ["keep", 121],
    ["rerun", 131],
  ] as const)("goes on by itself when the contract says it: %s", async (first, result) => {
    const { kindling, id } = await waiting(version("1"), version("2", { factor: 3, migrate: { from: "1", changed: { first } } }));
    expect(await kindling.checkUpgrades()).toMatchObject([{ verdict: "goes_on" }]);
    expect(await finish(kindling, id)).toBe(result);
  });

  it("finds its nodes under their new names", async () => {
    const { kindling, id } = await waiting(
      version("1"),
      version("2", { first: "doubled", migrate: { from: ["0", "1"], nodes: { doubled: "first" } } }),
    );
    expect(await kindling.checkUpgrades()).toMatchObject([{ verdict: "goes_on" }]);
    expect(await finish(kindling, id)).toBe(121);
    expect((await kindling.facts(id)).filter((fact) => fact.type === "node.succeeded").map(({ path }) => path)).toEqual([
      "first",
      "size",
      "last",
    ]);
  });

  it("without a migration misses a node that has another name", async () => {
    const { kindling } = await waiting(version("1"), version("2", { first: "doubled" }));
    expect(await kindling.checkUpgrades()).toMatchObject([{ verdict: "changed", nodes: ["first", "size"] }]);
  });

  it("can be forked onto the new version: what is the same in both is taken over", async () => {
    const { kindling, id } = await waiting(version("1"), version("2", { factor: 3 }));
    const fork = await kindling.fork(id);
    expect(await finish(kindling, fork.id)).toBe(131);
  });

  it("of a contract that this runtime does not have is told as unknown", async () => {
    const other = contract("other", { inputs: {}, define: (g) => g.const("one", 1) });
    const { kindling, id } = await waiting(version("1"), other);
    expect(await kindling.checkUpgrades()).toEqual([
      { run: id, contract: "order", from: "1", to: undefined, verdict: "unknown", nodes: [] },
    ]);
  });
});

describe("a migration", () => {
  it.each([
    [{ from: "2" }, /is from version "2", which is this one/],
    [{ from: "1", nodes: { frist: "old" } }, /"frist", which is no node/],
    [{ from: "1", changed: { sice: "keep" } }, /"sice", which is no node/],
  ] as const)("that cannot be right is a finding: %j", (migrate, message) => {
    expect(() => version("2", { migrate })).toThrow(message);
  });
});

describe("a run whose child waits", () => {
  const outer = (number: string, factor: number) => {
    const inner = (g: GraphBuilder, { amount }: { readonly amount: Node<number> }) => {
      const go = g.await("go", { event: "go", schema: z.number() });
      const size = factor === 2 ? g.map("size", go, (go) => go * 2) : g.map("size", go, (go) => go * 3);
      return g.compute("sum", { needs: { amount, size }, run: ({ amount, size }) => amount + size });
    };
    return contract("outer", {
      version: number,
      inputs: { amount: z.number() },
      define: (g, { amount }) => g.compose("part", { needs: { amount }, child: inner }),
    });
  };

  it("tells whoever waits for it when it cannot go on, and goes on when the caller says how", async () => {
    const place = await temporaryLedger();
    const first = await createRuntime({ contracts: [outer("1", 2)], ledger: place });
    const { id } = await first.start("outer", { amount: 1 });
    await (await first.run(id)).settled();
    await first.close();
    const second = await openKindling({ contracts: [outer("2", 3)], ledger: place });
    const run = await second.run(id);
    const result = run.result({ signal: AbortSignal.timeout(20_000) });
    await Promise.all([
      expect(result).rejects.toMatchObject({ code: "contract_changed" }),
      second.deliver({ event: "go", run: id, payload: 10 }),
    ]);
    await second.upgrade(id, "keep");
    expect(await run.result()).toBe(31);
  });
});
