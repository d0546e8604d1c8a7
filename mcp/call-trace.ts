// The trace that a client's request belongs to, as the protocol has it.

import { TRACEPARENT_META_KEY, TRACESTATE_META_KEY } from "@modelcontextprotocol/server";
import { readTraceContext, type TraceContext } from "../src/index.ts";

/** What a call into the runtime is given of a trace. */
export interface CallTrace {
  readonly trace?: TraceContext;
}

/** `_meta.traceparent` and `_meta.tracestate`. A malformed one counts as none. */
export function traceIn(meta: Readonly<Record<string, unknown>> | undefined): CallTrace {
  const trace = readTraceContext({ traceparent: meta?.[TRACEPARENT_META_KEY], tracestate: meta?.[TRACESTATE_META_KEY] });
  return trace === undefined ? {} : { trace };
}
