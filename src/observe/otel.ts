// OpenTelemetry for runs, through its API alone: what is done with spans and metrics is for whoever registers providers. The API is loaded when a runtime opens.

import type { MeterProvider, TracerProvider } from "@opentelemetry/api";
import type { Observer } from "../index.ts";
import { loadPackage } from "./load-package.ts";
import { metricsOf, type Metrics } from "./metrics.ts";
import { traceTextOf } from "./propagation.ts";
import { SpanTree } from "./span-tree.ts";

/** What is traced, and for whom. */
export interface OtelOptions {
  /** Tells it apart from other observers of the runtime; recorded with the spans of runs, so that later ones find them. Default `otel`. */
  readonly name?: string;
  /** In place of the registered one. */
  readonly tracerProvider?: TracerProvider;
  /** In place of the registered one. */
  readonly meterProvider?: MeterProvider;
  /** True to have what was said to models and by them in the spans, redacted. Default false. */
  readonly contents?: boolean;
  /** True to give pure nodes (`compute` and its like) spans of their own. Default false. */
  readonly pureNodes?: boolean;
}

/** The name of the tracer and the meter. */
const SCOPE = "kindling";

/**
 * Traces runs with OpenTelemetry: spans for runs, nodes, model calls and tools by the conventions for generative AI, and their metrics. A run that waits ends its
 * span; what goes on later, here or in another process, is a new span with a link to the earlier one.
 *
 * @throws ConfigError `package_missing` from `createRuntime`, when `@opentelemetry/api` is not installed
 * @example const kindling = await createRuntime({ contracts, ledger, models, telemetry: otel() });
 */
export function otel({ name = "otel", contents = false, pureNodes = false, ...options }: OtelOptions = {}): Observer {
  let tracing: (Awaited<ReturnType<typeof open>> & { readonly tree: SpanTree; readonly metrics: Metrics }) | undefined;
  const open = async () => {
    const api = await loadPackage("@opentelemetry/api", () => import("@opentelemetry/api"));
    const tracer = (options.tracerProvider ?? api.trace.getTracerProvider()).getTracer(SCOPE);
    const meter = (options.meterProvider ?? api.metrics.getMeterProvider()).getMeter(SCOPE);
    return { api, tracer, meter };
  };
  return {
    name,
    contents,
    open: async () => {
      const telemetry = await open();
      const tree = new SpanTree({ name, telemetry, pureNodes, contents, sums: true, more: () => ({}) });
      tracing = { ...telemetry, tree, metrics: metricsOf(telemetry.meter) };
    },
    observe: (told, content) => {
      tracing?.tree.observe(told, content);
      tracing?.metrics.observe(told);
    },
    within: (place, work) => {
      const context = tracing?.tree.contextAt(place);
      return tracing === undefined || context === undefined ? work() : tracing.api.context.with(context, work);
    },
    carry: (place) => {
      const context = tracing?.tree.contextAt(place);
      const span = context === undefined ? undefined : tracing?.api.trace.getSpanContext(context);
      return span === undefined ? undefined : traceTextOf(span);
    },
    current: () => {
      const span = tracing?.api.trace.getActiveSpan()?.spanContext();
      return span === undefined ? undefined : traceTextOf(span);
    },
    spanOf: (run) => tracing?.tree.spanOf(run),
    close: () => {
      tracing?.tree.close();
      return Promise.resolve();
    },
  };
}
