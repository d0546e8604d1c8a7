// W3C Trace Context: how one trace goes on from one process to another. What is malformed is ignored, as the specification wants it: a caller's bad header
// costs the caller its trace, and nobody a run.

/** Where in a trace something was caused, in the words of W3C Trace Context. */
export interface TraceContext {
  /** `00-<trace id>-<span id>-<flags>`, lower-case hexadecimal. */
  readonly traceparent: string;
  /** What the vendors on the way added, passed on as it came. */
  readonly tracestate?: string;
}

/** The parts of a `traceparent`. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
}

const PARENT = /^(?<version>[0-9a-f]{2})-(?<traceId>[0-9a-f]{32})-(?<spanId>[0-9a-f]{16})-(?<flags>[0-9a-f]{2})(?<more>-.*)?$/;
const ZEROS = /^0+$/;
const MEMBERS_LIMIT = 32;
const STATE_LIMIT = 4_096;
const MEMBER = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/;

/** Reads a `traceparent` by the rules of version 00; a later version is read as far as 00 goes. Undefined for what is none. */
export function readTraceParent(text: unknown): TraceParent | undefined {
  const parts = typeof text === "string" ? PARENT.exec(text.trim())?.groups : undefined;
  if (parts === undefined) return undefined;
  const { version = "", traceId = "", spanId = "", flags = "", more } = parts;
  if (version === "ff" || (version === "00" && more !== undefined) || ZEROS.test(traceId) || ZEROS.test(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/**
 * The trace context in the headers of a request or in the `_meta` of a message; undefined when there is none or it is malformed. A malformed `tracestate` is
 * left out alone.
 */
export function readTraceContext(given: { readonly traceparent?: unknown; readonly tracestate?: unknown }): TraceContext | undefined {
  const parent = readTraceParent(given.traceparent);
  if (parent === undefined) return undefined;
  const tracestate = readTraceState(given.tracestate);
  return { traceparent: traceParentText(parent), ...(tracestate === undefined ? {} : { tracestate }) };
}

/** Writes a `traceparent` of version 00. */
export function traceParentText({ traceId, spanId, flags }: TraceParent): string {
  // Version 00 defines two flags: sampled, and that the trace id is random. Others must not be set.
  return `00-${traceId}-${spanId}-${(flags & 0b11).toString(16).padStart(2, "0")}`;
}

function readTraceState(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length > STATE_LIMIT) return undefined;
  const members = text
    .split(",")
    .map((member) => member.trim())
    .filter((member) => member !== "");
  const keys = new Set(members.map((member) => member.slice(0, member.indexOf("="))));
  const isFit = members.length > 0 && members.length <= MEMBERS_LIMIT && keys.size === members.length;
  return isFit && members.every((member) => MEMBER.test(member)) ? members.join(",") : undefined;
}
