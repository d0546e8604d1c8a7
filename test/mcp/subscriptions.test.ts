// Timelines a client subscribes to: it is told when there is something new, in both eras, over HTTP and over standard input, and only of what it may see.

import { PassThrough } from "node:stream";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { type McpHttpServer, serveMcp, serveMcpHttp } from "../../mcp/index.ts";
import { StartRate } from "../../mcp/start-rate.ts";
import { Subscriptions } from "../../mcp/subscriptions.ts";
import { visibleRuns } from "../../mcp/visible-runs.ts";
import { createRuntime, type Kindling, memoryLedger } from "../../src/index.ts";
import { WORKFLOWS } from "./fixtures/workflows.ts";
import { connect as connectProcess, ERAS, type Era } from "./mcp-process.ts";

const ADA = "token-of-ada-0123456789";
const BOB = "token-of-bob-0123456789";
const EVE = "token-of-eve-0123456789";

let kindling: Kindling;
let server: McpHttpServer;

beforeAll(async () => {
  kindling = await createRuntime({ contracts: WORKFLOWS, ledger: memoryLedger() });
  const principals = [
    { id: "ada", token: ADA, runs: "own" as const },
    { id: "bob", token: BOB, runs: "own" as const },
    { id: "eve", token: EVE, runs: "own" as const },
  ];
  server = await serveMcpHttp(kindling, { principals, log: () => {} });
});

afterAll(async () => {
  await server.close();
  await kindling.close();
});

async function overHttp(era: Era, token = ADA, { url } = server): Promise<Client> {
  const mode = era === "legacy" ? "legacy" : { pin: "2026-07-28" };
  const client = new Client({ name: "listener", version: "1" }, { versionNegotiation: { mode } });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  onTestFinished(() => client.close());
  return client;
}

async function overStdio(era: Era): Promise<Client> {
  return (await connectProcess(era)).client;
}

const Started = z.object({ structuredContent: z.object({ run_id: z.string(), timeline_uri: z.string() }) });

async function startCollecting(client: Client) {
  const started = await client.callTool({
    name: "start_workflow",
    arguments: { workflow: "collect-sources", input: {}, wait_seconds: 20 },
  });
  const { run_id: run, timeline_uri: uri } = Started.parse(started).structuredContent;
  const answer = () =>
    client.callTool({ name: "deliver_event", arguments: { run_id: run, await_id: "sources", payload: { urls: ["https://a.example"] } } });
  return { run, uri, answer };
}

/** Subscribes as the client's era has it; gives what it was told so far, and the end. */
async function subscribe(client: Client, era: Era, uri: string) {
  const told: string[] = [];
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => void told.push(params.uri));
  if (era === "legacy") {
    await client.subscribeResource({ uri });
    return { told, end: () => client.unsubscribeResource({ uri }) };
  }
  const listening = await client.listen({ resourceSubscriptions: [uri] });
  return { told, end: () => listening.close() };
}

describe.each([
  ["HTTP", "legacy", overHttp],
  ["HTTP", "modern", overHttp],
  ["standard input", "legacy", overStdio],
  ["standard input", "modern", overStdio],
] as const)("over %s a client of the %s era", (_, era, open) => {
  it("is told that a run has something new, reads it in the timeline, and is told no more when it has ended listening", async () => {
    const client = await open(era);
    const { uri, answer } = await startCollecting(client);
    const other = await startCollecting(client);
    const { told, end } = await subscribe(client, era, uri);
    await other.answer();
    await answer();
    await expect.poll(() => told).toContain(uri);
    expect(new Set(told)).toEqual(new Set([uri]));
    const { contents } = await client.readResource({ uri });
    expect(JSON.stringify(contents)).toContain("event.delivered");
    await end();
  });
});

describe.each(ERAS)("in the %s era", (era) => {
  it("a run of another, one nobody knows and a graph are listened to alike: nothing is ever told of them", async () => {
    const ada = await overHttp(era, ADA);
    const { uri, answer, run } = await startCollecting(ada);
    const own = await startCollecting(ada);
    const bob = await overHttp(era, BOB);
    const foreign = await subscribe(bob, era, uri);
    await subscribe(bob, era, "wf://runs/run_nobody/timeline");
    await subscribe(bob, era, "wf://workflows/collect-sources/graph");
    const { told } = await subscribe(ada, era, own.uri);
    await answer();
    await own.answer();
    await (await kindling.run(run)).settled();
    await expect.poll(() => told).toContain(own.uri);
    expect(foreign.told).toEqual([]);
  });
});

describe("subscriptions", () => {
  const open = () => new Subscriptions(visibleRuns(kindling, undefined, new StartRate()), () => {});

  it("are bounded, and one that ends makes room", async () => {
    const subscriptions = open();
    const ends = await Promise.all(Array.from({ length: 256 }, () => subscriptions.subscribe("wf://runs/run_1/timeline", () => {})));
    expect(await subscriptions.subscribe("wf://runs/run_1/timeline", () => {})).toBeUndefined();
    ends[0]?.();
    ends[0]?.();
    expect(subscriptions.size).toBe(255);
    expect(await subscriptions.subscribe("wf://runs/run_1/timeline", () => {})).toBeTypeOf("function");
  });

  it("go on after a run has ended, for it may be tried again", async () => {
    const run = await kindling.start("always-throws", {});
    await run.settled();
    let told = 0;
    const end = await open().subscribe(`wf://runs/${run.id}/timeline`, () => (told += 1));
    onTestFinished(() => end?.());
    await kindling.retry(run.id);
    await expect.poll(() => told).toBeGreaterThan(0);
  });

  it("end with the connection", async () => {
    const client = await overHttp("modern", EVE);
    const { uri } = await startCollecting(client);
    const uris = Array.from({ length: 255 }, (_, at) => `wf://runs/run_${at}/timeline`);
    await client.listen({ resourceSubscriptions: [uri, ...uris] });
    const second = await overHttp("modern", EVE);
    await expect(second.listen({ resourceSubscriptions: ["wf://runs/run_more/timeline"] })).rejects.toThrow("Too many subscriptions");
    await client.close();
    await expect
      .poll(() =>
        second.listen({ resourceSubscriptions: ["wf://runs/run_more/timeline"] }).then(
          () => "listening",
          () => "refused",
        ),
      )
      .toBe("listening");
  });
});

describe("listening in the modern era", () => {
  const LISTS = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true };

  it.each([
    ["HTTP", overHttp],
    ["standard input", overStdio],
  ] as const)(
    "over %s to lists, which never change while a server runs, is taken for what it is and ends when the client wants",
    async (_, open) => {
      const client = await open("modern");
      const { uri, answer } = await startCollecting(client);
      const { told, end } = await subscribe(client, "modern", uri);
      const lists = await client.listen({ ...LISTS, resourceSubscriptions: [uri] });
      expect(lists.honoredFilter).toEqual({ resourceSubscriptions: [uri] });
      const nothing = await client.listen(LISTS);
      expect(nothing.honoredFilter).toEqual({});
      await Promise.all([lists.close(), nothing.close(), end()]);
      expect(await lists.closed).toBe("local");
      expect(await nothing.closed).not.toBe("remote");
      // Nobody listens any more, so nobody is told.
      await answer();
      await client.callTool({ name: "list_runs", arguments: {} });
      expect(told).toEqual([]);
    },
  );

  it("over HTTP is ended by a server that closes, in so many words", async () => {
    const closing = await serveMcpHttp(kindling, { token: ADA, log: () => {} });
    const client = await overHttp("modern", ADA, closing);
    const { uri } = await startCollecting(client);
    const listening = await client.listen({ resourceSubscriptions: [uri] });
    await closing.close();
    expect(await listening.closed).toBe("graceful");
  });

  it("over standard input is ended by a server that is told to stop, in so many words", async () => {
    const client = await overStdio("modern");
    const { uri } = await startCollecting(client);
    const listening = await client.listen({ resourceSubscriptions: [uri] });
    const { transport } = client;
    if (!(transport instanceof StdioClientTransport) || transport.pid === null) throw new Error("there is no process");
    process.kill(transport.pid, "SIGTERM");
    expect(await listening.closed).toBe("graceful");
  });
});

describe("serving over streams", () => {
  it("ends with them, with a client still listening", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const serving = serveMcp(kindling, { input, output, log: () => {} });
    input.end();
    await serving;
  });
});
