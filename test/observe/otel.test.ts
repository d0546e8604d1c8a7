// OpenTelemetry over the life of a run: waits as links, crashes, whose code runs inside, and what was said.

import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, defineHistory, defineStore, type Observer, storeTools } from "../../src/index.ts";
import { otel } from "../../src/observe/otel-index.ts";
import { callsTools, scripted } from "../../providers/scripted.ts";
import { manualClock, memoryLedger } from "../../src/testing.ts";
import { model } from "../host/models.ts";
import { openKindling, temporaryLedger } from "../host/open-host.ts";
import { parentOf, spanNamed, tracing, treeText } from "./traces.ts";

const PERSON = { id: "cli:alice", assurance: "outOfBand" } as const;
const Review = z.object({ decision: z.enum(["approve", "reject"]) });

const note = contract("note", {
  version: "1",
  inputs: { topic: z.string() },
  define: (g, { topic }) => {
    const draft = g.llm("draft", { needs: { topic }, prompt: ({ topic }) => `Write about ${topic}` });
    const review = g.await("review", { event: "note.reviewed", schema: Review, show: { draft }, by: "human" });
    return { printed: g.effect("print", { needs: { draft, review }, run: ({ draft, review }) => `${review.decision}: ${draft}` }) };
  },
});

beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());

describe("a run that waits", () => {
  it("ends its span at the wait, and goes on days later, in another process, as a new span with a link", async () => {
    const ledger = await temporaryLedger();
    const { tracerProvider, spans } = tracing();
    const options = { contracts: [note], ledger, models: [model("Tea.")], model: "scripted:m", telemetry: otel({ tracerProvider }) };
    const clock = manualClock();
    const first = await openKindling({ ...options, clock });
    const { id } = await first.start(note, { topic: "tea" });
    await (await first.run(id)).settled();
    await first.close();
    const before = spanNamed(spans(), "invoke_workflow note");
    expect(before.attributes).toMatchObject({ "kindling.run.status": "waiting", "kindling.run.waits_for": ["note.reviewed"] });

    clock.advance(3 * 86_400_000);
    const second = await openKindling({ ...options, telemetry: otel({ tracerProvider }), clock });
    await second.deliver({ event: "note.reviewed", run: id, payload: { decision: "approve" }, actor: PERSON });
    await (await second.run(id)).result();
    const after = spans().filter(({ name }) => name === "invoke_workflow note")[1];
    expect(after?.links.map(({ context: { spanId, traceId } }) => ({ spanId, traceId }))).toEqual([
      { spanId: before.spanContext().spanId, traceId: before.spanContext().traceId },
    ]);
    expect(after?.parentSpanContext).toBeUndefined();
    expect(after?.attributes).toMatchObject({ "kindling.wait.duration": 259_200, "kindling.run.status": "succeeded" });
    expect(spans().every(({ duration: [seconds] }) => seconds < 60)).toBe(true);
  });

  it("is found again after a crash: what goes on is linked to the span that the crash cut off", async () => {
    const ledger = memoryLedger();
    const { tracerProvider, spans } = tracing();
    let hangs = true;
    const slow = contract("slow", {
      version: "1",
      inputs: {},
      define: (g) => ({
        out: g.lookup("look", {
          needs: {},
          run: (_, { signal }) =>
            hangs ? new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))) : 1,
        }),
      }),
    });
    const first = await openKindling({ contracts: [slow], ledger, telemetry: otel({ tracerProvider }) });
    const { id } = await first.start(slow, {});
    await first.close();
    hangs = false;
    const second = await openKindling({ contracts: [slow], ledger, telemetry: otel({ tracerProvider }) });
    await (await second.run(id)).result();
    expect(treeText(spans(), { attributes: false })).toBe(`invoke_workflow slow [INTERNAL]
  execute_node look [INTERNAL]
invoke_workflow slow [INTERNAL]
  -> earlier: invoke_workflow slow
  execute_node look [INTERNAL]
`);
    expect(
      spans()
        .map(({ attributes }) => attributes["kindling.run.status"])
        .filter(Boolean),
    ).toEqual(["interrupted", "succeeded"]);
  });
});

describe("a run that is tried again", () => {
  it("is linked to the span in which it failed", async () => {
    const { tracerProvider, spans } = tracing();
    let fails = true;
    const flaky = contract("flaky", {
      version: "1",
      inputs: {},
      define: (g) => ({
        out: g.lookup("look", { needs: {}, retry: { attempts: 1 }, run: () => (fails ? Promise.reject(new Error("no")) : "found") }),
      }),
    });
    const kindling = await openKindling({ contracts: [flaky], telemetry: otel({ tracerProvider }) });
    const run = await kindling.start(flaky, {});
    expect((await run.settled()).status).toBe("failed");
    fails = false;
    await kindling.retry(run.id);
    await run.result();
    expect(treeText(spans(), { attributes: false })).toBe(`invoke_workflow flaky [INTERNAL, ERROR look: no]
  execute_node look [INTERNAL, ERROR no]
invoke_workflow flaky [INTERNAL]
  -> earlier: invoke_workflow flaky
  execute_node look [INTERNAL]
`);
  });
});

const item = contract("item", {
  version: "1",
  inputs: { word: z.string() },
  define: (g, { word }) => ({ said: g.llm("say", { needs: { word }, prompt: ({ word }) => `Say ${word}` }) }),
});

describe("code that traces itself", () => {
  it("hangs below ours: callbacks, tools and providers, side by side and across awaits", async () => {
    const { tracerProvider, spans } = tracing();
    const own = tracerProvider.getTracer("own");
    const traced = async (name: string) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      own.startSpan(name).end();
      return name;
    };
    const busy = contract("busy", {
      version: "1",
      inputs: {},
      define: (g) => ({
        one: g.lookup("one", { needs: {}, run: () => traced("own one") }),
        two: g.lookup("two", { needs: {}, run: () => traced("own two") }),
        said: g.llm("say", { needs: {}, prompt: () => "hi" }),
        pure: g.compute("pure", { needs: {}, run: () => traced("own pure") }),
      }),
    });
    const models = [model(() => traced("own http"))];
    const kindling = await openKindling({ contracts: [busy], models, model: "scripted:m", telemetry: otel({ tracerProvider }) });
    await (await kindling.start(busy, {})).result();
    const above = (name: string) => parentOf(spans(), spanNamed(spans(), name))?.name;
    expect([above("own one"), above("own two"), above("own http"), above("own pure")]).toEqual([
      "execute_node one",
      "execute_node two",
      "chat m",
      "invoke_workflow busy",
    ]);
  });
});

describe("without a registered provider", () => {
  it("nothing is traced, recorded or sent, and the run is as it is", async () => {
    const headers: unknown[] = [];
    const models = [model((_, { headers: sent }) => (headers.push(sent), "ok"))];
    const kindling = await openKindling({ contracts: [item], models, model: "scripted:m", telemetry: otel() });
    const run = await kindling.start(item, { word: "a" });
    await run.result();
    expect(headers).toEqual([{}]);
    expect(JSON.stringify(await run.facts())).not.toContain("spans");
  });
});

describe("contents", () => {
  const run = async (telemetry: Observer) => {
    const kindling = await openKindling({ contracts: [item], models: [model("the answer")], model: "scripted:m", telemetry });
    await (await kindling.start(item, { word: "question" })).result();
  };

  it("are not in the spans unless asked for", async () => {
    const { tracerProvider, spans } = tracing();
    await run(otel({ tracerProvider }));
    expect(JSON.stringify(spans().map(({ attributes }) => attributes))).not.toMatch(/question|the answer/);
  });

  it("are there as the conventions want them when asked for", async () => {
    const { tracerProvider, spans } = tracing();
    await run(otel({ tracerProvider, contents: true }));
    expect(spanNamed(spans(), "chat m").attributes).toMatchObject({
      "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"Say question"}]}]',
      "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"text","content":"the answer"}],"finish_reason":"stop"}]',
    });
  });
});

it("a span that is active where a run is started is its parent", async () => {
  const { tracerProvider, spans } = tracing();
  const kindling = await openKindling({
    contracts: [item],
    models: [model("ok")],
    model: "scripted:m",
    telemetry: otel({ tracerProvider }),
  });
  const request = tracerProvider.getTracer("own").startSpan("POST /words");
  const run = await context.with(trace.setSpan(context.active(), request), () => kindling.start(item, { word: "a" }));
  request.end();
  await run.result();
  expect(spanNamed(spans(), "invoke_workflow item").parentSpanContext?.spanId).toBe(request.spanContext().spanId);
});

it("the spans of nodes that read and record facts name their store and its kind, and neither keys nor values", async () => {
  const customers = defineStore("customers", { schema: z.object({ name: z.string() }), indexes: { name: ({ name }) => name } });
  const calls = defineHistory("calls", { schema: z.object({ by: z.string() }) });
  const met = contract("met", {
    version: "1",
    inputs: { id: z.string() },
    define: (g, { id }) => {
      const saved = g.write("saved", customers, { needs: {}, key: id, value: () => ({ name: "Ada" }), takeBack: true });
      const noted = g.append("noted", calls, { needs: { id }, event: ({ id }) => ({ by: id }) });
      const near = g.query("near", customers, { index: "name", is: "Ada", limit: 5, after: [saved] });
      const answer = g.llm("answer", { needs: { id }, prompt: ({ id }) => id, tools: storeTools(customers), after: [noted, near] });
      return { out: g.lookup("out", { needs: { answer }, retry: { attempts: 1 }, run: () => Promise.reject(new Error("no")) }) };
    },
  });
  const { tracerProvider, spans } = tracing();
  const models = [scripted([callsTools(["customers_get", { key: "c-4711" }]), "Hello."])];
  const options = { contracts: [met], ledger: memoryLedger(), models, model: "scripted:m", telemetry: otel({ tracerProvider }) };
  const kindling = await openKindling(options);
  await (await kindling.start(met, { id: "c-4711" })).settled();
  const named = spans().flatMap(({ name, attributes }) => {
    const store = attributes["kindling.store.name"];
    return store === undefined ? [] : [`${name}: ${String(attributes["kindling.store.kind"])} ${String(store)}`];
  });
  expect(named.toSorted()).toEqual([
    "execute_node found: store customers",
    "execute_node near: store customers",
    "execute_node noted: history calls",
    "execute_node saved (taken back): store customers",
    "execute_node saved: store customers",
  ]);
  expect(JSON.stringify(spans().map(({ name, attributes }) => [name, attributes]))).not.toMatch(/c-4711|Ada/);
});
