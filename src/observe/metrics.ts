// Observations as metrics: what models used and how long they took, and how runs, conversations, tools and waits went. Attributes are few and of few values, so
// that no run makes a series of its own.

import type { Attributes, Meter } from "@opentelemetry/api";
import type { Observation } from "../index.ts";
import { known, modelOf } from "./attributes.ts";
import { ATTRIBUTE, METRIC, OPERATION } from "./genai.ts";
import type { Told } from "./span-style.ts";

/** Takes observations into instruments. */
export interface Metrics {
  observe(told: Observation): void;
}

/** The bounds that the conventions give: seconds of a call, and tokens of one. */
const CALL_SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const CALL_TOKENS = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];
/** A run may wait for a person: from a tenth of a second to a month. */
const LONG_SECONDS = [0.1, 1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800, 2_592_000];

/** Nodes and calls under way: when they began, and what they are counted under. */
type Open = Map<string, { readonly at: number; readonly name: string; readonly kind: "agent" | "tool" }>;

/** Makes the instruments. */
export function metricsOf(meter: Meter): Metrics {
  const calls = callMetrics(meter);
  const seconds = (name: string, bounds: number[]) =>
    meter.createHistogram(name, { unit: "s", advice: { explicitBucketBoundaries: bounds } });
  const runs = meter.createCounter(METRIC.runs, {
    unit: "{run}",
    description: "Runs that began, rested or ended, by contract and status.",
  });
  const runSeconds = seconds(METRIC.runDuration, LONG_SECONDS);
  const waitSeconds = seconds(METRIC.waits, LONG_SECONDS);
  const nodeSeconds = { agent: seconds(METRIC.agentDuration, CALL_SECONDS), tool: seconds(METRIC.toolDuration, CALL_SECONDS) };
  const open: Open = new Map();
  return {
    observe: (told) => {
      const isRoot = told.run.parent === undefined;
      const contract = { [ATTRIBUTE.contract]: told.run.contract };
      switch (told.type) {
        case "run.began":
          if (isRoot && told.by === "run.started") runs.add(1, { ...contract, [ATTRIBUTE.runStatus]: "started" });
          return;
        case "run.rested": {
          forget(open, told.run.id);
          if (!isRoot) return;
          const about = known({ ...contract, [ATTRIBUTE.runStatus]: told.status, [ATTRIBUTE.errorType]: told.error?.code ?? null });
          runs.add(1, about);
          // From the start to the end, with all that it waited for.
          if (told.status !== "waiting") runSeconds.record((told.at - told.run.startedAt) / 1_000, about);
          return;
        }
        case "node.began": {
          const { asksModels, tool, name } = told.node;
          const key = keyOf(told.run.id, name);
          if ((asksModels || tool !== undefined) && !open.has(key))
            open.set(key, { at: told.at, name: tool?.name ?? name, kind: tool === undefined ? "agent" : "tool" });
          return;
        }
        case "node.ended": {
          const key = keyOf(told.run.id, told.node);
          const began = open.get(key);
          open.delete(key);
          if (began === undefined) return;
          const named = began.kind === "agent" ? { [ATTRIBUTE.agent]: began.name } : { [ATTRIBUTE.toolName]: began.name };
          nodeSeconds[began.kind].record(
            (told.at - began.at) / 1_000,
            known({ ...named, [ATTRIBUTE.errorType]: told.error?.code ?? null }),
          );
          return;
        }
        case "wait.closed":
          return waitSeconds.record(told.waitedMs / 1_000, { ...contract, [ATTRIBUTE.waitEvent]: told.event });
        case "model.began":
          return calls.began(told);
        case "model.ended":
          return calls.ended(told);
        case "wait.opened":
      }
    },
  };
}

function callMetrics(meter: Meter) {
  const tokens = (name: string) => meter.createCounter(name, { unit: "{token}" });
  const sizes = (name: string) => meter.createHistogram(name, { unit: "{token}", advice: { explicitBucketBoundaries: CALL_TOKENS } });
  const duration = meter.createHistogram(METRIC.inferenceDuration, { unit: "s", advice: { explicitBucketBoundaries: CALL_SECONDS } });
  const firstChunk = meter.createHistogram(METRIC.timeToFirstChunk, { unit: "s", advice: { explicitBucketBoundaries: CALL_SECONDS } });
  const cost = meter.createCounter(METRIC.cost, { unit: "{USD}", description: "What model calls cost, as far as prices are known." });
  const counters = {
    input: tokens(METRIC.inputTokens),
    output: tokens(METRIC.outputTokens),
    cacheRead: tokens(METRIC.cacheReadTokens),
    cacheWrite: tokens(METRIC.cacheWriteTokens),
    reasoning: tokens(METRIC.reasoningTokens),
  };
  const callInput = sizes(METRIC.callInputTokens);
  const callOutput = sizes(METRIC.callOutputTokens);
  const began = new Map<number, number>();
  return {
    began: ({ call, at }: Told<"model.began">) => void began.set(call.id, at),
    ended: (told: Told<"model.ended">) => {
      const { call, at, firstAt, reply } = told;
      const since = began.get(call.id) ?? at;
      began.delete(call.id);
      const about = aboutCall(told);
      duration.record((at - since) / 1_000, about);
      if (firstAt !== undefined) firstChunk.record((firstAt - since) / 1_000, about);
      if (told.cost !== null) cost.add(told.cost, about);
      if (reply === undefined) return;
      const { usage } = reply;
      const members = ["input", "output", "cacheRead", "cacheWrite", "reasoning"] as const;
      // Providers tell how many tokens there were, and not of what sort.
      for (const member of members)
        if (usage[member]) counters[member].add(usage[member], { ...about, [ATTRIBUTE.tokenModality]: "unknown" });
      if (usage.input !== null) callInput.record(usage.input, about);
      if (usage.output !== null) callOutput.record(usage.output, about);
    },
  };
}

function aboutCall({ call, reply, error }: Told<"model.ended">): Attributes {
  return known({
    [ATTRIBUTE.operation]: OPERATION.chat,
    [ATTRIBUTE.provider]: call.provider,
    [ATTRIBUTE.requestModel]: modelOf(call.model),
    [ATTRIBUTE.responseModel]: reply?.model ?? null,
    [ATTRIBUTE.errorType]: error?.code ?? null,
  });
}

function keyOf(run: string, node: string): string {
  return `${run} ${node}`;
}

/** What was under way when its run came to rest was called off. */
function forget(open: Open, run: string): void {
  for (const key of open.keys()) if (key.startsWith(`${run} `)) open.delete(key);
}
