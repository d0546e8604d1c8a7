// Random graphs, traced: they end as they do untraced, no observer is dropped, every span that begins ends once inside its parent's trace, and every link leads to
// a span that there was.

import { fc } from "../fast-check.ts";
import { afterEach, describe, expect, it, vi } from "vitest";
import { otel } from "../../src/observe/otel-index.ts";
import { manualClock, memoryLedger } from "../../src/testing.ts";
import { openKindling } from "../host/open-host.ts";
import { drive, endOf } from "../simulation/drive.ts";
import { graphSpec, type NodeSpec } from "../simulation/node-spec.ts";
import { play, quiet, repetitions } from "../simulation/player.ts";
import { randomContract } from "../simulation/random-graph.ts";
import { INPUTS } from "../simulation/random-inputs.ts";
import { World } from "../simulation/world.ts";
import { BasicTracerProvider, type ReadableSpan } from "@opentelemetry/sdk-trace-base";

const REPETITIONS = repetitions(25);

afterEach(() => vi.restoreAllMocks());

/** Plays a run with observers on. */
async function traced(spec: readonly NodeSpec[], pureNodes: boolean) {
  const begun: string[] = [];
  const ended: ReadableSpan[] = [];
  const processor = {
    onStart: (span: ReadableSpan) => void begun.push(span.spanContext().spanId),
    onEnd: (span: ReadableSpan) => void ended.push(span),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [processor] });
  const world = new World();
  const { contract, provider } = randomContract(spec, world);
  const clock = manualClock();
  const ledger = memoryLedger();
  const telemetry = otel({ tracerProvider, pureNodes, contents: true });
  const kindling = await openKindling({ contracts: [contract], models: [provider], ledger, clock, telemetry });
  const { id } = await kindling.start("random", INPUTS);
  await drive(kindling, id, clock);
  const view = await quiet({ kindling, clock, world, ledger }, id);
  await kindling.close();
  return { view, begun, ended };
}

describe("random graphs", () => {
  it(`${REPETITIONS.numRuns} of them end traced as they do untraced, and leave whole traces`, { timeout: 300_000 }, async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    await fc.assert(
      fc.asyncProperty(graphSpec({}), fc.boolean(), async (spec, pureNodes) => {
        const plain = await play(spec);
        const { view, begun, ended } = await traced(spec, pureNodes);
        expect(endOf(view)).toEqual(endOf(plain.view));
        expect(ended.map((span) => span.spanContext().spanId).toSorted()).toEqual(begun.toSorted());
        const byId = new Map(ended.map((span) => [span.spanContext().spanId, span]));
        for (const span of ended) {
          const { parentSpanContext: above } = span;
          if (above !== undefined) expect(byId.get(above.spanId)?.spanContext().traceId).toBe(span.spanContext().traceId);
          for (const { context } of span.links) expect(byId.has(context.spanId)).toBe(true);
        }
        expect(ended.some(({ name }) => name === "invoke_workflow random")).toBe(true);
        expect(warn).not.toHaveBeenCalled();
      }),
      REPETITIONS,
    );
  });
});
