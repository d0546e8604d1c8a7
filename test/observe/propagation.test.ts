// One trace over several processes: it comes in with a start or a delivery, over HTTP and MCP, and leaves with requests to providers and to other servers.

import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { context } from "@opentelemetry/api";
import { anthropic } from "../../providers/anthropic.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type RuntimeOptions, type TraceContext } from "../../src/index.ts";
import { otel } from "../../src/observe/otel-index.ts";
import { serveRemote } from "../../src/web/index.ts";
import { model } from "../host/models.ts";
import { manualClock } from "../../src/testing.ts";
import { openKindling, temporaryLedger, until } from "../host/open-host.ts";
import { connectInProcess } from "../mcp/in-process.ts";
import { langfuseServer } from "./langfuse-server.ts";
import { parentOf, spanNamed, tracing } from "./traces.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER: TraceContext = { traceparent: `00-${TRACE}-b7ad6b7169203331-01`, tracestate: "vendor=abc" };
const TOKEN = "a-token-of-many-characters";

const asked = contract("asked", {
  version: "1",
  inputs: {},
  define: (g) => {
    const ok = g.await("ok", { event: "word.ok", schema: z.object({ fine: z.boolean() }), timeout: "1d" });
    return { said: g.lookup("say", { needs: { ok }, run: () => "done" }) };
  },
});

beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

async function open(options: Partial<RuntimeOptions> = {}) {
  const { tracerProvider, spans } = tracing();
  const kindling = await openKindling({ contracts: [asked], telemetry: otel({ tracerProvider }), ...options });
  return { kindling, spans };
}

describe("a trace comes in", () => {
  it("with a start: recorded, and the parent of the run's span, its state kept", async () => {
    const { kindling, spans } = await open();
    const run = await kindling.start(asked, {}, { trace: CALLER });
    await run.settled();
    expect((await run.facts())[0]).toMatchObject({ type: "run.started", trace: CALLER });
    const span = spanNamed(spans(), "invoke_workflow asked");
    expect(span.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: "b7ad6b7169203331", isRemote: true });
    expect(span.spanContext().traceState?.serialize()).toBe("vendor=abc");
  });

  it("with a delivery: what the run does next belongs to whoever delivered, with a link to what it did before", async () => {
    const { kindling, spans } = await open();
    const run = await kindling.start(asked, {});
    await run.settled();
    await kindling.deliver({ event: "word.ok", run: run.id, payload: { fine: true }, trace: CALLER });
    await run.result();
    const [before, after] = spans().filter(({ name }) => name === "invoke_workflow asked");
    expect(after?.spanContext().traceId).toBe(TRACE);
    expect(after?.links.map((link) => link.context.spanId)).toEqual([before?.spanContext().spanId]);
  });

  it("through the process that writes the ledger, when another one asks", async () => {
    const ledger = await temporaryLedger();
    const { kindling: writer, spans } = await open({ ledger });
    const other = await openKindling({ contracts: [asked], ledger, access: "shared" });
    const run = await other.start(asked, {}, { trace: CALLER });
    await (await writer.run(run.id)).settled();
    expect(spanNamed(spans(), "invoke_workflow asked").spanContext().traceId).toBe(TRACE);
  });

  it("malformed, and counts as none: the run starts", async () => {
    const { kindling, spans } = await open();
    const run = await kindling.start(asked, {}, { trace: { traceparent: "00-not-a-trace-01" } });
    await run.settled();
    expect((await run.facts())[0]).not.toHaveProperty("trace");
    expect(spanNamed(spans(), "invoke_workflow asked").parentSpanContext).toBeUndefined();
  });

  it("in the headers of HTTP", async () => {
    const { kindling, spans } = await open();
    const served = await serveRemote(kindling, { token: TOKEN });
    const start = async (headers: Record<string, string>) =>
      fetch(`${served.url}/v1/runs`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}`, ...headers },
        body: JSON.stringify({ contract: "asked" }),
      });
    expect((await start({ ...CALLER })).status).toBe(201);
    expect((await start({ traceparent: "nonsense" })).status).toBe(201);
    await served.close();
    await kindling.close();
    expect(spans().map((span) => span.spanContext().traceId === TRACE)).toEqual([true, false]);
  });

  it("in the _meta of MCP, for starts and deliveries", async () => {
    const { kindling, spans } = await open();
    const { client } = await connectInProcess(kindling);
    const call = (name: string, args: Record<string, unknown>) => client.callTool({ name, arguments: args, _meta: { ...CALLER } });
    const started = await call("start_workflow", { workflow: "asked", input: {}, wait_seconds: 5 });
    const { run_id: id } = z.object({ run_id: z.string() }).parse(started.structuredContent);
    await call("deliver_event", { run_id: id, await_id: "ok", payload: { fine: true } });
    await (await kindling.run(id)).result();
    const runs = spans().filter(({ name }) => name === "invoke_workflow asked");
    expect(runs.map((span) => span.spanContext().traceId)).toEqual([TRACE, TRACE]);
  });
});

describe("a trace goes out", () => {
  const say = contract("say", {
    version: "1",
    inputs: {},
    define: (g) => ({ said: g.llm("said", { needs: {}, prompt: () => "hi", retry: { attempts: 1 } }) }),
  });

  it("to the provider of a model, as the headers of its true request", async () => {
    const server = await langfuseServer(400);
    const { kindling, spans } = await open({
      contracts: [say],
      models: [anthropic({ apiKey: "k", baseURL: server.url })],
      model: "anthropic:m",
    });
    await (await kindling.start(say, {}, { trace: CALLER })).settled();
    const chat = spanNamed(spans(), "chat m");
    expect(server.taken[0]?.headers).toMatchObject({
      traceparent: `00-${TRACE}-${chat.spanContext().spanId}-01`,
      tracestate: "vendor=abc",
    });
    const { hostname, port } = new URL(server.url);
    expect(chat.attributes).toMatchObject({ "server.address": hostname, "server.port": Number(port), "error.type": "invalid_request" });
  });

  it("to a run on another Kindling, which nests below the node that called it", async () => {
    const there = await open({ contracts: [say], models: [model("ok")], model: "scripted:m" });
    const served = await serveRemote(there.kindling, { token: TOKEN });
    const near = contract("near", {
      version: "1",
      inputs: {},
      define: (g) => ({
        far: g.remote("far", {
          url: served.url,
          contract: "say",
          needs: {},
          output: z.object({ said: z.string() }),
          headers: () => ({ authorization: `Bearer ${TOKEN}` }),
        }),
      }),
    });
    const here = await open({ contracts: [near] });
    await (await here.kindling.start(near, {})).result();
    await served.close();
    const [far, run] = [spanNamed(here.spans(), "execute_node far"), spanNamed(there.spans(), "invoke_workflow say")];
    expect(parentOf(here.spans(), run)?.name).toBe("execute_node far");
    expect(run.spanContext().traceId).toBe(far.spanContext().traceId);
  });

  it("to a run there that waits: asking how far it is leaves no spans, however often", async () => {
    const there = await openKindling({ contracts: [asked] });
    const served = await serveRemote(there, { token: TOKEN });
    const near = contract("near", {
      version: "1",
      inputs: {},
      define: (g) => ({
        far: g.remote("far", {
          url: served.url,
          contract: "asked",
          needs: {},
          output: z.object({ said: z.string() }),
          poll: "1s",
          headers: () => ({ authorization: `Bearer ${TOKEN}` }),
        }),
      }),
    });
    const clock = manualClock();
    const { kindling, spans } = await open({ contracts: [near], clock });
    const run = await kindling.start(near, {});
    await run.settled();
    const polled = async () => (await run.facts()).filter(({ type }) => type === "node.postponed").length;
    for (let polls = 1; polls < 4; polls++) {
      clock.advance(60_000);
      await until(async () => (await polled()) > polls, "another poll");
    }
    const before = spans().map(({ name }) => name);
    await there.deliver({ event: "word.ok", run: (await there.list()).items[0]?.id ?? "", payload: { fine: true } });
    clock.advance(600_000);
    await run.result();
    await served.close();
    expect(before).toEqual(["execute_node far", "invoke_workflow near"]);
    expect(spans().map(({ name }) => name)).toEqual([...before, "execute_node far", "invoke_workflow near"]);
  });
});
