// Secrets are planted everywhere and looked for everywhere: in every file of the ledger, in logs and live events, in spans, metrics and what Langfuse is sent, and
// in what the command line, MCP and HTTP answer.

import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createRuntime, fileLedger, type Kindling, type WatchEvent } from "../../src/index.ts";
import { langfuse } from "../../src/observe/langfuse-index.ts";
import { otel } from "../../src/observe/otel-index.ts";
import { serveRemote } from "../../src/web/index.ts";
import { testProject } from "../cli/command-line.ts";
import { connectInProcess } from "../mcp/in-process.ts";
import { langfuseServer } from "./langfuse-server.ts";
import { asked, HARMLESS, SECRETS, secretive, settings } from "./secretive.ts";
import { tracing } from "./traces.ts";

const TOKEN = "a-token-of-many-characters";
const PERSON = { id: "cli:alice", assurance: "outOfBand" } as const;

/** What was said, by the place it was said at. */
type Said = Map<string, string>;

function say(said: Said, place: string, what: unknown): void {
  const text = typeof what === "string" ? what : JSON.stringify(what, shown);
  said.set(place, `${said.get(place) ?? ""}${text}\n`);
}

/** Errors and big numbers as JSON, with all that is in them. */
function shown(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Error
    ? Object.fromEntries(Object.getOwnPropertyNames(value).map((name) => [name, Reflect.get(value, name) as unknown]))
    : value;
}

/** A secret as it might be written: as it is, in base 64 at any place of it, in hexadecimal, in an address. */
function writings(secret: string): readonly string[] {
  const inside = [0, 1, 2].map((shift) => Buffer.from(secret.slice(shift)).toString("base64").slice(0, -4));
  return [secret, ...inside, Buffer.from(secret).toString("hex"), encodeURIComponent(secret)];
}

function hits(said: Said): readonly string[] {
  return Object.entries(SECRETS).flatMap(([name, secret]) =>
    [...said].flatMap(([place, text]) =>
      writings(secret).flatMap((writing) => {
        const at = text.indexOf(writing);
        return at < 0 ? [] : [`${name} in ${place}: …${text.slice(Math.max(0, at - 100), at + writing.length + 10)}…`];
      }),
    ),
  );
}

async function filesIn(folder: string, said: Said): Promise<void> {
  const items = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const item of items.filter((each) => each.isFile())) {
    const file = join(item.parentPath, item.name);
    say(said, `ledger${file.slice(folder.length)}`, await readFile(file, "latin1"));
  }
}

describe("with secrets everywhere", () => {
  const said: Said = new Map();

  it("nothing that is recorded, logged, traced, sent or answered holds one", { timeout: 120_000 }, async () => {
    const project = await testProject(true);
    onTestFinished(() => rm(project.folder, { recursive: true, force: true }));
    const folder = join(project.folder, ".kindling", "ledger");
    const server = await langfuseServer();
    const { tracerProvider, spans } = tracing();
    const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const meterProvider = new MeterProvider({
      readers: [new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 })],
    });
    const kindling = await createRuntime({
      ...settings,
      ledger: fileLedger(folder),
      onLog: (line) => say(said, "log", line),
      telemetry: [
        otel({ tracerProvider, meterProvider, contents: true, pureNodes: true }),
        langfuse({ publicKey: "pk", secretKey: "sk", baseUrl: server.url, contents: true, pureNodes: true }),
      ],
    });
    const run = await play(kindling, said);
    await answersOf(kindling, run, said);
    await kindling.close();
    await meterProvider.forceFlush();
    say(
      said,
      "spans",
      spans().map(({ name, attributes, status, events, links }) => ({ name, attributes, status, events, links })),
    );
    say(said, "metrics", metricExporter.getMetrics());
    for (const { path, body } of server.taken) say(said, `langfuse ${path}`, body);
    say(said, "requests to the model", asked);
    await filesIn(folder, said);
    await commandLine(project.folder, run, project.kindling, said);
    expect(hits(said)).toEqual([]);
  });

  it("what nobody named is where it belongs, so places were looked at that hold something", () => {
    const places = [...said].filter(([, text]) => text.includes(HARMLESS)).map(([place]) => place.replace(/\/.*/, ""));
    expect(new Set(places)).toEqual(new Set(["facts", "ledger", "spans", "langfuse ", "requests to the model", "view", "watch"]));
    for (const place of ["log", "metrics", "mcp", "http", "cli show", "cli facts", "errors"])
      expect(said.get(place)?.length).toBeGreaterThan(50);
  });

  it("what was taken out says so, and what names it stays", () => {
    expect(said.get("log")).toContain('"passphrase":"[redacted]"');
    expect(said.get("facts")).toMatch(/Bearer \[redacted\]/);
    expect(said.get("facts")).toMatch(/no account for \[redacted\]/);
    expect(said.get("facts")).toMatch(/"cardNumber":"\[redacted\]","holder":"Bob"/);
    expect(said.get("spans")).toMatch(/bob:\[redacted\]@host/);
  });
});

/** Starts the run, answers its gate, and waits for its end. */
async function play(kindling: Kindling, said: Said): Promise<string> {
  await expectRefusal(kindling, said);
  const inputs = { remark: HARMLESS, card: { cardNumber: SECRETS.INPUT, holder: "Bob" } };
  const run = await kindling.start(secretive, inputs);
  const watched = watch(kindling.watch(run.id), said);
  await run.settled();
  await kindling.deliver({
    event: "secretive.ok",
    run: run.id,
    payload: { cardNumber: SECRETS.PAYLOAD, decision: "approve" },
    actor: PERSON,
  });
  await run.result().catch((error: unknown) => say(said, "errors", error));
  await watched;
  return run.id;
}

async function watch(events: AsyncIterable<WatchEvent>, said: Said): Promise<void> {
  for await (const event of events) say(said, "watch", event);
}

async function expectRefusal(kindling: Kindling, said: Said): Promise<void> {
  const wrong = { remark: 7, card: { cardNumber: SECRETS.INPUT } };
  await kindling.start("secretive", wrong).then(
    () => expect.unreachable(),
    (error: unknown) => say(said, "errors", error),
  );
}

async function answersOf(kindling: Kindling, run: string, said: Said): Promise<void> {
  say(said, "facts", await kindling.facts(run));
  say(said, "view", await kindling.get(run));
  say(said, "explain", (await kindling.explain(run)).text);
  const { client } = await connectInProcess(kindling);
  const call = async (name: string, args: Record<string, unknown>) => say(said, "mcp", await client.callTool({ name, arguments: args }));
  await call("get_run", { run_id: run });
  await call("start_workflow", { workflow: "secretive", input: { card: { cardNumber: SECRETS.INPUT } } });
  const served = await serveRemote(kindling, { token: TOKEN, onError: (error) => say(said, "http", error) });
  const request = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${served.url}/v1/runs${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    say(said, "http", await response.text());
    return response;
  };
  await request("POST", "", { contract: "secretive", inputs: { card: { cardNumber: SECRETS.INPUT } } });
  const started = await request("POST", "", {
    contract: "secretive",
    inputs: { remark: "x", card: { cardNumber: SECRETS.INPUT, holder: "Bob" } },
  });
  expect(started.status).toBe(201);
  const second = (await kindling.list()).items[0]?.id ?? "";
  await request("POST", `/${second}/cancel`, { reason: `no use, says ${SECRETS.REASON}` });
  await request("GET", `/${second}?waitMs=5000`);
  await served.close();
}

async function commandLine(folder: string, run: string, kindling: (...words: string[]) => Promise<object>, said: Said): Promise<void> {
  const source = new URL("./secretive.ts", import.meta.url).href;
  await writeFile(join(folder, "kindling.config.ts"), `import { settings } from ${JSON.stringify(source)};\nexport default settings;\n`);
  for (const command of ["show", "facts"]) say(said, `cli ${command}`, await kindling(command, run));
}
