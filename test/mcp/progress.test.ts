// What a client hears while it waits for a run: only if it asked, ever further, and not too often; in both protocol eras, over real connections.

import { Client, type Progress, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { fc } from "../fast-check.ts";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { type McpHttpServer, serveMcpHttp } from "../../mcp/index.ts";
import { RunProgress } from "../../mcp/run-progress.ts";
import {
  contract,
  createRuntime,
  type Kindling,
  memoryLedger,
  type NodeView,
  type RecordedFact,
  type WatchEvent,
} from "../../src/index.ts";
import { answerOf } from "./mcp-process.ts";

/** What the test lets the node at work say, by run. */
const reporters = new Map<string, { readonly say: (fraction: number, note?: string) => void; readonly finish: () => void }>();

const reporting = contract("reporting", {
  inputs: {},
  define(g) {
    const load = g.lookup("load", {
      needs: {},
      run: async (_, ctx) => {
        const { promise, resolve } = Promise.withResolvers<number>();
        reporters.set(ctx.runId, { say: ctx.progress, finish: () => resolve(1) });
        return promise;
      },
    });
    const twice = g.compute("twice", { needs: { load }, run: ({ load }) => load * 2 });
    return { sum: g.compute("sum", { needs: { load, twice }, run: ({ load, twice }) => load + twice }) };
  },
});

let kindling: Kindling;
let server: McpHttpServer;

beforeAll(async () => {
  kindling = await createRuntime({ contracts: [reporting], ledger: memoryLedger() });
  server = await serveMcpHttp(kindling, { token: false });
});

afterAll(async () => {
  await server.close();
  await kindling.close();
});

async function connect(mode: "legacy" | { pin: string }): Promise<Client> {
  const client = new Client({ name: "listener", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  onTestFinished(() => client.close());
  return client;
}

/** A run whose node is at work, and a call that waits for it. */
async function waitFor(client: Client, onprogress?: (progress: Progress) => void) {
  const started = answerOf(await client.callTool({ name: "start_workflow", arguments: { workflow: "reporting", input: {} } }));
  const run = z.string().parse(started.value["run_id"]);
  const answer = client.callTool(
    { name: "get_run", arguments: { run_id: run, wait_seconds: 20, wait_for: "end" } },
    onprogress === undefined ? {} : { onprogress },
  );
  const reporter = await reporterOf(run);
  return { run, answer, ...reporter };
}

async function reporterOf(run: string) {
  await expect.poll(() => reporters.has(run)).toBe(true);
  const reporter = reporters.get(run);
  if (reporter === undefined) throw new Error("the node is not at work");
  return reporter;
}

describe.each(["legacy", { pin: "2026-07-28" }] as const)("a client of the era %o that asks for progress", (era) => {
  it("is told what a node says of itself and which are done, ever further", async () => {
    const seen: Progress[] = [];
    const { answer, say, finish } = await waitFor(await connect(era), (progress) => seen.push(progress));
    // What is said before the call listens is not told: it is said until it is heard.
    await expect.poll(() => (say(0.25 + seen.length / 100, "a quarter"), seen.length)).toBeGreaterThan(0);
    expect(seen[0]).toMatchObject({ total: 3, message: "load: a quarter" });
    say(0.1, "back again");
    say(0.5, "half");
    await expect.poll(() => seen.at(-1)).toMatchObject({ progress: 0.5, message: "load: half" });
    finish();
    expect(answerOf(await answer).value).toMatchObject({ status: "completed", output: { sum: 3 } });
    expect(seen.at(-1)).toMatchObject({ progress: 3, total: 3 });
    expect(seen.every(({ progress }, index) => index === 0 || progress > (seen[index - 1]?.progress ?? 0))).toBe(true);
  });
});

describe("a client of the modern era", () => {
  it("that does not ask hears nothing", async () => {
    const client = await connect({ pin: "2026-07-28" });
    const heard: string[] = [];
    client.fallbackNotificationHandler = async ({ method }) => void heard.push(method);
    client.onerror = ({ message }) => heard.push(message);
    const { answer, say, finish } = await waitFor(client);
    say(0.5);
    finish();
    await answer;
    expect(heard).toEqual([]);
  });

  it("is not flooded, and hears the last word", async () => {
    const seen: Progress[] = [];
    const { answer, say, finish } = await waitFor(await connect({ pin: "2026-07-28" }), (progress) => seen.push(progress));
    await expect.poll(() => (say(0.001 + seen.length / 1_000), seen.length)).toBeGreaterThan(0);
    const before = seen.length;
    for (let step = 10; step < 900; step++) say(step / 1_000, `step ${step}`);
    await expect.poll(() => seen.at(-1)?.message).toBe("load: step 899");
    expect(seen.length - before).toBeLessThan(5);
    finish();
    await answer;
  });
});

describe("the progress of a run", () => {
  const node = (path: string, status: NodeView["status"] = "pending"): NodeView => ({
    path,
    name: path,
    kind: "compute",
    status,
    attempts: 0,
    startedAt: undefined,
    endedAt: undefined,
    error: undefined,
    value: undefined,
    note: undefined,
    spending: undefined,
    children: [],
  });
  // What a fact holds besides this is not looked at.
  const fact = (part: object): WatchEvent => ({ type: "fact", fact: { path: "", ...part } as RecordedFact });
  const path = fc.constantFrom("a", "b", "c", "c[x]/d", "c[y]/d");
  const event: fc.Arbitrary<WatchEvent> = fc.oneof(
    fc.record({
      type: fc.constant("progress" as const),
      path,
      fraction: fc.oneof(fc.double(), fc.double({ min: 0, max: 1 })),
      note: fc.constant(undefined),
    }),
    path.map((at) => fact({ type: "node.succeeded", path: at })),
    path.map((at) => fact({ type: "node.failed", path: at, retryAt: 1 })),
    path.map((at) => fact({ type: "node.failed", path: at })),
    fc.constant(fact({ type: "children.listed", path: "c", keys: ["x", "y"] })),
    fc.constant(fact({ type: "child.settled", path: "c", key: "x", status: "succeeded" })),
    fc.constant(fact({ type: "run.succeeded" })),
  );

  it("only grows and never passes its total, whatever happens", () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const progress = new RunProgress({ nodes: [node("a", "succeeded"), node("b"), node("c")] });
        let last = 1;
        for (const each of events) {
          const told = progress.see(each);
          if (told === undefined) continue;
          expect(told.progress).toBeGreaterThan(last);
          expect(told.progress).toBeLessThanOrEqual(told.total);
          last = told.progress;
        }
      }),
    );
  });

  it("counts children and what they have done, and lets a note show no control characters", () => {
    const progress = new RunProgress({ nodes: [node("a", "succeeded"), node("c")] });
    expect(progress.see(fact({ type: "children.listed", path: "c", keys: ["x", "y"] }))).toBeUndefined();
    expect(progress.see({ type: "progress", path: "c[x]/d", fraction: 0.5, note: "half\u001b[2J" })).toEqual({
      progress: 1.5,
      total: 4,
      message: expect.not.stringContaining("\u001b") as string,
    });
    expect(progress.see(fact({ type: "node.succeeded", path: "c[x]/d" }))).toEqual({ progress: 2, total: 5, message: "c[x]/d done" });
    expect(progress.see(fact({ type: "child.settled", path: "c", key: "x", status: "failed" }))).toEqual({
      progress: 3,
      total: 5,
      message: "c[x] failed",
    });
  });
});
