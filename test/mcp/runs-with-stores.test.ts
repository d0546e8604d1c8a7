// Runs that read stores and wait for histories which agents may not read: what is told of them.

import { contract, createRuntime, defineHistory, defineStore, memoryLedger } from "kindling";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { connectInProcess } from "./in-process.ts";

const calls = defineHistory("calls", { schema: z.object({ who: z.string() }), partitionBy: ({ who }) => who });
const secrets = defineStore("secrets", { schema: z.string() });

const RunStarted = z.object({ run_id: z.string(), timeline_uri: z.string() });

describe("a run that touches stores which are not enabled", () => {
  const filed = contract("filed", {
    inputs: { patient: z.string() },
    correlate: ["patient"],
    define(g, { patient }) {
      const secret = g.read("secret", secrets, { key: patient });
      const call = g.await("call", { on: calls, correlate: { patient: "who" } });
      return g.compute("both", { needs: { secret, call }, run: () => "filed" });
    },
  });

  async function begun(stores: readonly string[]) {
    const kindling = await createRuntime({ contracts: [filed], stores: [calls, secrets], ledger: memoryLedger() });
    onTestFinished(() => kindling.close());
    await kindling.store(secrets).write("patient-4711", "hush");
    const { call, client } = await connectInProcess(kindling, { stores: [...stores] });
    const start = await call("start_workflow", { workflow: "filed", input: { patient: "patient-4711" } });
    return { kindling, call, client, start, run: RunStarted.parse(start.value) };
  }
  it("waits for a history as for a time: nobody is asked, and it goes on by itself", async () => {
    const { kindling, call, start, run } = await begun([]);
    expect(start.value).toMatchObject({ status: "running" });
    expect(start.value).not.toHaveProperty("awaiting");
    expect((await call("list_runs", { limit: 5 })).value).toMatchObject({ runs: [{ status: "running" }] });
    const end = call("get_run", { run_id: run.run_id, wait_seconds: 20 });
    await kindling.history(calls).append({ who: "patient-4711" });
    expect((await end).value).toMatchObject({ status: "completed", output: "filed" });
  });

  it("names them nowhere in its record, and names those that are enabled", async () => {
    for (const [enabled, hidden] of [
      [[], /secrets|calls/],
      [["calls"], /secrets/],
    ] as const) {
      const { kindling, call, client, start, run } = await begun(enabled);
      await kindling.history(calls).append({ who: "patient-4711" });
      const end = await call("get_run", { run_id: run.run_id, wait_for: "end", wait_seconds: 20 });
      const events = await call("get_run_events", { run_id: run.run_id, limit: 100 });
      const timeline = JSON.stringify(await client.readResource({ uri: run.timeline_uri }));
      const all = [start.text, end.text, events.text, timeline].join();
      expect(all).not.toMatch(hidden);
      expect(all).toContain("1 of another store");
      expect(all.includes("history:calls")).toBe(enabled.length > 0);
    }
  });
});
