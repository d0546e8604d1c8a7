// The main example as OpenTelemetry sees it: the whole tree of spans with its attributes, and its metrics. `UPDATE_GOLDEN=1` rewrites the goldens.

import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { releaseNotes } from "../../examples/release-notes/contract.ts";
import { denoRelease } from "../../examples/release-notes/deno-release.ts";
import { rules } from "../../examples/release-notes/rules.ts";
import { standInPrice } from "../../examples/release-notes/stand-in-price.ts";
import { createRuntime, memoryLedger } from "../../src/index.ts";
import { otel } from "../../src/observe/otel-index.ts";
import { manualClock } from "../../src/testing.ts";
import { tracing, treeText } from "./traces.ts";

const { tracerProvider, spans } = tracing();
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const meterProvider = new MeterProvider({
  readers: [new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 })],
});

const folder = mkdtempSync(join(tmpdir(), "kindling-notes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  const clock = manualClock();
  await using kindling = await createRuntime({
    contracts: [releaseNotes],
    ledger: memoryLedger(),
    models: [rules({ delayMs: 0 })],
    model: "rules:words",
    prices: [standInPrice],
    telemetry: otel({ tracerProvider, meterProvider }),
    clock,
  });
  const run = await kindling.start(releaseNotes, { ...denoRelease(), folder });
  await run.settled();
  clock.advance(2 * 86_400_000);
  await kindling.deliver({
    event: "notes.reviewed",
    run: run.id,
    payload: { decision: "approve" },
    actor: { id: "cli:alice", assurance: "outOfBand" },
  });
  await run.result();
  await meterProvider.forceFlush();
});

function expectGolden(name: string, text: string): void {
  const file = new URL(`../fixtures/telemetry/${name}`, import.meta.url);
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text);
  expect(text).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
}

describe("the release notes", () => {
  it("are two traces: up to the review, and from it on", () => {
    expectGolden("release-notes-spans.txt", treeText(spans()));
  });

  it("give every span an operation, and none the days of the wait", () => {
    expect(spans().filter(({ attributes }) => attributes["gen_ai.operation.name"] === undefined)).toEqual([]);
    expect(spans().every(({ duration: [seconds] }) => seconds === 0)).toBe(true);
  });

  it("tell nothing of what was said", () => {
    expect(treeText(spans())).not.toMatch(/deno|permission|change log|markdown/i);
  });

  it("are counted and measured", () => {
    const metrics = metricExporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
      .flatMap(({ descriptor: { name, unit }, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => `${name} ${unit} ${JSON.stringify(attributes)} ${measured(value)}`),
      );
    expectGolden("release-notes-metrics.txt", `${metrics.sort().join("\n")}\n`);
  });
});

function measured(value: unknown): string {
  return typeof value === "object" && value !== null && "count" in value && "sum" in value
    ? `${String(value.count)} times, ${String(value.sum)} in all`
    : String(value);
}
