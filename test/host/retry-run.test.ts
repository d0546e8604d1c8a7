// Trying again what failed: the run goes on, what succeeded stays.

import { contract, createRuntime } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, temporaryLedger } from "./open-host.ts";

/** A contract whose steps fail as long as their names stand in `broken`. */
function flaky(mode: "collect" | "failFast") {
  const broken = new Set<string>();
  const ran: string[] = [];
  const step = (name: string) => {
    ran.push(name);
    if (broken.has(name)) throw new Error(`${name} is broken`);
    return name.toUpperCase();
  };
  const work = contract("work", {
    inputs: { names: z.array(z.string()) },
    define(g, { names }) {
      const first = g.compute("first", { needs: { names }, run: () => step("first") });
      const each = g.collection("each", {
        over: names,
        as: "name",
        key: (name) => name,
        mode,
        with: { first },
        each(g, { name, first }) {
          const before = g.lookup("before", { needs: { name, first }, run: ({ name }) => step(`${name} before`), retry: { attempts: 1 } });
          return g.compute("after", { needs: { name, before }, run: ({ name }) => step(`${name} after`) });
        },
      });
      const last = g.compute("last", { needs: { each }, run: ({ each }) => `${Object.values(each.successes).join(" ")}${step("last")}` });
      return { last, each };
    },
  });
  return { work, broken, ran };
}

describe("retry", () => {
  it("runs what failed and what stands behind it, and nothing that succeeded", async () => {
    const { work, broken, ran } = flaky("failFast");
    const kindling = await openKindling({ contracts: [work] });
    broken.add("b after");
    const run = await kindling.start(work, { names: ["a", "b"] });
    expect((await run.settled()).status).toBe("failed");
    broken.clear();
    ran.length = 0;
    await run.retry();
    expect((await run.result()).last).toBe("A AFTER B AFTERLAST");
    expect(ran.filter((name) => name.startsWith("b") || name === "first" || name === "last")).toEqual(["b after", "last"]);
  });

  it("fails again when the reason is still there, and can be repeated", async () => {
    const { work, broken } = flaky("failFast");
    const kindling = await openKindling({ contracts: [work] });
    broken.add("first");
    const run = await kindling.start(work, { names: ["a"] });
    await run.settled();
    await run.retry();
    expect((await run.settled()).status).toBe("failed");
    broken.clear();
    await run.retry();
    expect((await run.result()).last).toBe("A AFTERLAST");
  });

  it("of one item of a collection that collected its failures makes the result anew", async () => {
    const { work, broken, ran } = flaky("collect");
    const kindling = await openKindling({ contracts: [work] });
    broken.add("b after").add("c before");
    const run = await kindling.start(work, { names: ["a", "b", "c"] });
    const first = await run.result();
    expect(Object.keys(first.each.failures)).toEqual(["b", "c"]);
    broken.clear();
    ran.length = 0;
    await run.retry({ path: "each[b]" });
    const second = await run.result();
    expect(second.last).toBe("A AFTER B AFTERLAST");
    expect(Object.keys(second.each.failures)).toEqual(["c"]);
    expect(ran).toEqual(["b after", "last"]);
  });

  it("survives a crash: a new process goes on with it", async () => {
    const { work, broken } = flaky("failFast");
    const place = await temporaryLedger();
    broken.add("b after");
    const first = await createRuntime({ contracts: [work], ledger: place });
    const { id } = await first.start(work, { names: ["a", "b"] });
    await (await first.run(id)).settled();
    await first.close();
    const second = await openKindling({ contracts: [work], ledger: place });
    broken.clear();
    await second.retry(id);
    expect((await (await second.run(id)).settled()).status).toBe("succeeded");
  });

  it.each([
    ["a run in which nothing failed", undefined, "nothing_to_retry"],
    ["an item that succeeded", "each[a]", "nothing_to_retry"],
    ["an item that is not there", "each[z]", "nothing_to_retry"],
    ["a node that is not there", "nothing", "nothing_to_retry"],
  ])("is refused for %s", async (_what, path, code) => {
    const { work } = flaky("collect");
    const kindling = await openKindling({ contracts: [work] });
    const run = await kindling.start(work, { names: ["a"] });
    await run.result();
    await expect(run.retry(path === undefined ? {} : { path })).rejects.toMatchObject({ code });
  });
});
