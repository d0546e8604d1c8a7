// OpenTelemetry as a project has it, in memory: a provider of spans and one of metrics, and what they got as text in which ids and times are normalised.

import type { Attributes, SpanContext } from "@opentelemetry/api";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";

/** A provider and what it was given. */
export function tracing() {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return { tracerProvider, spans: () => exporter.getFinishedSpans(), clear: () => exporter.reset() };
}

/** The one span of a name. */
export function spanNamed(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const found = spans.filter((span) => span.name === name);
  const [first] = found;
  if (first === undefined || found.length > 1)
    throw new Error(`${found.length} spans are named "${name}"; there are: ${spans.map((span) => span.name).join(", ")}`);
  return first;
}

/** The span right above another one, when it is among them. */
export function parentOf(spans: readonly ReadableSpan[], span: ReadableSpan): ReadableSpan | undefined {
  return spans.find((each) => each.spanContext().spanId === span.parentSpanContext?.spanId);
}

/** What is written of spans besides their names. */
export interface TreeOptions {
  readonly attributes: boolean;
}

/** Spans as a tree of text, by traces, in the order of their beginning; siblings that began together by name. */
export function treeText(spans: readonly ReadableSpan[], { attributes }: TreeOptions = { attributes: true }): string {
  const known = new Set(spans.map((span) => span.spanContext().spanId));
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  const roots = spans.filter((span) => span.parentSpanContext === undefined || !known.has(span.parentSpanContext.spanId));
  const write = (span: ReadableSpan, depth: number): string[] => {
    const indent = "  ".repeat(depth);
    const below = spans.filter((each) => each.parentSpanContext?.spanId === span.spanContext().spanId);
    const links = span.links.map(
      ({ context, attributes: of }) => `${indent}  -> ${String(of?.["kindling.link"])}: ${named(names, context)}`,
    );
    const lines = attributes ? attributeLines(span.attributes).map((line) => `${indent}  | ${line}`) : [];
    return [`${indent}${titleOf(span)}`, ...links, ...lines, ...inOrder(below).flatMap((each) => write(each, depth + 1))];
  };
  return `${inOrder(roots)
    .flatMap((root) => write(root, 0))
    .join("\n")}\n`;
}

function titleOf({ name, kind, status, parentSpanContext }: ReadableSpan): string {
  const outside = parentSpanContext?.isRemote === true ? " (of a remote parent)" : "";
  return `${name} [${SpanKind[kind]}${status.code === SpanStatusCode.ERROR ? `, ERROR ${status.message ?? ""}` : ""}]${outside}`;
}

function named(names: ReadonlyMap<string, string>, { spanId }: SpanContext): string {
  return names.get(spanId) ?? "a span of another time";
}

function attributeLines(attributes: Attributes): string[] {
  return Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name} = ${plain(name, JSON.stringify(value))}`);
}

/** Ids of runs differ from run to run, and durations from machine to machine. */
function plain(name: string, value: string): string {
  if (/duration|time_to_first_chunk/.test(name)) return "<seconds>";
  return value.replaceAll(/\brun_\w+/g, "<run>").replaceAll(/"[0-9a-z]{26,}[^"]*"/g, '"<id>"');
}

function inOrder(spans: readonly ReadableSpan[]): ReadableSpan[] {
  const key = ({ startTime: [seconds, nanoseconds], name, attributes }: ReadableSpan) =>
    `${String(seconds).padStart(12, "0")}.${String(nanoseconds).padStart(9, "0")} ${name} ${String(attributes["kindling.run.path"] ?? "")}`;
  return [...spans].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
