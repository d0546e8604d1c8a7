// Starting: inputs are checked before anything is recorded, and one key gives one run.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { factsOf } from "./ledgers.ts";
import { containing, openBareHost, openKindling, temporaryLedger } from "./open-host.ts";

const echo = contract("echo", {
  inputs: { text: z.string().min(2), times: z.number().int().default(1) },
  define: (g, { text, times }) => g.compute("out", { needs: { text, times }, run: ({ text, times }) => text.repeat(times) }),
});

describe("a start", () => {
  it("tells everything wrong with its inputs at once and leaves nothing behind", async () => {
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [echo], ledger: place });
    await expect(kindling.start("echo", { text: "a", times: 0.5, extra: 1 })).rejects.toMatchObject({
      code: "invalid_inputs",
      details: { issues: [{ at: "extra" }, { at: "text" }, { at: "times" }] },
    });
    expect(await factsOf(place)).toEqual([]);
  });

  it("of an unknown contract names the nearest one", async () => {
    const kindling = await openKindling({ contracts: [echo] });
    await expect(kindling.start("ecko", {})).rejects.toMatchObject({ code: "contract_not_found", fix: containing('"echo"') });
  });

  it("under one key gives one run, also from 50 callers at once and after a restart", async () => {
    const place = await temporaryLedger();
    const first = await openKindling({ contracts: [echo], ledger: place });
    const runs = await Promise.all(Array.from({ length: 50 }, () => first.start(echo, { text: "ab" }, { idempotencyKey: "k" })));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    expect(runs.filter(({ created }) => created)).toHaveLength(1);
    await first.close();
    const again = await openKindling({ contracts: [echo], ledger: place });
    expect(await again.start(echo, { text: "ab", times: 1 }, { idempotencyKey: "k" })).toMatchObject({ id: runs[0]?.id, created: false });
  });

  it("under a key that was used for other inputs is refused", async () => {
    const kindling = await openKindling({ contracts: [echo] });
    const starts = await Promise.allSettled(["ab", "cd"].map((text) => kindling.start(echo, { text }, { idempotencyKey: "k" })));
    expect(starts.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    await expect(kindling.start(echo, { text: "cd" }, { idempotencyKey: "k" })).rejects.toMatchObject({ code: "idempotency_conflict" });
    await expect(kindling.start(echo, { text: "cd" }, { idempotencyKey: "" })).rejects.toMatchObject({ code: "bad_idempotency_key" });
  });

  it("again of a run that failed or was cancelled leaves nothing in memory", async () => {
    const stuck = contract("stuck", { inputs: {}, define: (g) => g.await("go", { event: "go", schema: z.null() }) });
    const host = await openBareHost([stuck]);
    const { id } = await host.start({ contract: "stuck", inputs: {}, idempotencyKey: "k" });
    await host.cancel({ run: id });
    expect(await host.start({ contract: "stuck", inputs: {}, idempotencyKey: "k" })).toEqual({ id, created: false });
    expect(host.residents.size).toBe(0);
  });
});

describe("waiting for a run", () => {
  const waits = contract("waits", {
    inputs: { id: z.string() },
    correlate: ["id"],
    define: (g, { id }) => g.await("go", { event: "go", schema: z.number(), show: { id } }),
  });

  it("settles when it waits, results only when it ends", async () => {
    const kindling = await openKindling({ contracts: [waits] });
    const run = await kindling.start(waits, { id: "1" });
    let result: unknown;
    const waiting = run.result().then((value) => (result = value));
    expect(await run.settled()).toMatchObject({ status: "waiting", awaits: [{ path: "go", event: "go" }] });
    expect(result).toBeUndefined();
    await kindling.deliver({ event: "go", correlation: { id: "1" }, payload: 5 });
    await waiting;
    expect([result, await run.result(), (await run.settled()).status]).toEqual([5, 5, "succeeded"]);
  });

  it("can be aborted, which leaves the run alone", async () => {
    const kindling = await openKindling({ contracts: [waits] });
    const run = await kindling.start(waits, { id: "1" });
    const abort = new AbortController();
    const result = run.result({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(result).rejects.toThrow("enough");
    await expect(run.result({ signal: abort.signal })).rejects.toThrow("enough");
    expect((await run.get()).status).toBe("waiting");
  });

  it.each(["memory", "file"])("ends with an error when the runtime is closed, over a ledger in %s", async (where) => {
    const kindling = await openKindling({ contracts: [waits], ledger: where === "memory" ? memoryLedger() : await temporaryLedger() });
    const run = await kindling.start(waits, { id: "1" });
    const results = Promise.allSettled([run.result(), run.result()]);
    await kindling.close();
    expect((await results).map((each) => each.status === "rejected" && (each.reason as { code?: string }).code)).toEqual([
      "host_closed",
      "host_closed",
    ]);
    await expect(kindling.start(waits, { id: "2" })).rejects.toMatchObject({ code: "host_closed" });
  });

  it("rejects for a run that was cancelled, and says why", async () => {
    const kindling = await openKindling({ contracts: [waits] });
    const run = await kindling.start(waits, { id: "1" });
    await run.cancel({ reason: "not wanted" });
    await expect(run.result()).rejects.toMatchObject({ code: "run_cancelled", message: containing("not wanted") });
    expect((await run.settled()).status).toBe("cancelled");
    expect((await run.cancel()).status, "cancelling again changes nothing").toBe("cancelled");
  });

  it("of nobody's run is an error with a cure", async () => {
    const kindling = await openKindling({ contracts: [waits] });
    await expect(kindling.run("run_none")).rejects.toMatchObject({ code: "run_not_found" });
    await expect(kindling.cancel("run_none")).rejects.toMatchObject({ code: "run_not_found" });
    expect(await kindling.get("run_none")).toBeUndefined();
  });
});
