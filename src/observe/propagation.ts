// Trace contexts between our text form and OpenTelemetry's objects. Its API alone has no propagator that works without a registered one.

import type { Context, Meter, SpanContext, Tracer } from "@opentelemetry/api";
import { readTraceParent, type TraceContext, traceParentText } from "../index.ts";

/** OpenTelemetry's API, as it was loaded. */
export type Api = typeof import("@opentelemetry/api");

/** The API with what was made of it. */
export interface OpenTelemetry {
  readonly api: Api;
  readonly tracer: Tracer;
  readonly meter: Meter | undefined;
}

/** A context in which the span of another process, or of an earlier time, is active; undefined for what is no trace context. */
export function contextIn(api: Api, { traceparent, tracestate }: TraceContext): Context | undefined {
  const parent = readTraceParent(traceparent);
  if (parent === undefined) return undefined;
  const spanContext: SpanContext = {
    traceId: parent.traceId,
    spanId: parent.spanId,
    traceFlags: parent.flags,
    isRemote: true,
    ...(tracestate === undefined ? {} : { traceState: api.createTraceState(tracestate) }),
  };
  return api.trace.setSpanContext(api.ROOT_CONTEXT, spanContext);
}

/** A span's context as text; undefined where nobody traces, so that there is no span. */
export function traceTextOf({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext | undefined {
  const traceparent = traceParentText({ traceId, spanId, flags: traceFlags });
  if (readTraceParent(traceparent) === undefined) return undefined;
  const tracestate = traceState?.serialize();
  return { traceparent, ...(tracestate === undefined || tracestate === "" ? {} : { tracestate }) };
}
