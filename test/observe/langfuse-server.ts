// A Langfuse as its clients see it, on the loopback: takes spans as OTLP JSON and scores, keeps a prompt, and tells what it was sent.

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import * as z from "zod";

/** One request as it came. */
export interface Taken {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const Value = z.union([
  z.object({ stringValue: z.string() }).transform(({ stringValue }): unknown => stringValue),
  z.object({ boolValue: z.boolean() }).transform(({ boolValue }): unknown => boolValue),
  z.object({ intValue: z.union([z.string(), z.number()]) }).transform(({ intValue }): unknown => Number(intValue)),
  z.object({ doubleValue: z.number() }).transform(({ doubleValue }): unknown => doubleValue),
  z
    .object({ arrayValue: z.object({ values: z.array(z.object({ stringValue: z.string() })) }) })
    .transform(({ arrayValue }): unknown => arrayValue.values.map(({ stringValue }) => stringValue)),
]);
const Attribute = z.object({ key: z.string(), value: Value });

/** A span as it is on the wire. */
const WireSpan = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: z.array(Attribute),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
  status: z.object({ code: z.number(), message: z.string().optional() }),
});
export type WireSpan = z.infer<typeof WireSpan>;

const Export = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ scope: z.object({ name: z.string() }), spans: z.array(WireSpan) })) })),
});
const Score = z.looseObject({ id: z.string(), traceId: z.string(), observationId: z.string(), name: z.string() });

/** The prompt it keeps, whatever its name. */
const PROMPT = {
  id: "cm1",
  name: "triage",
  version: 7,
  type: "text",
  prompt: "Sort {{ticket}}",
  config: {},
  labels: ["production"],
  tags: [],
};

/** Starts one; `status` is what it answers to everything. */
export async function langfuseServer(status = 200) {
  const taken: Taken[] = [];
  const server = createServer((incoming, response) => void take(incoming, response, status, taken));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    spans: () => taken.filter(({ path }) => path.endsWith("/v1/traces")).flatMap(spansIn),
    scores: () => taken.filter(({ path }) => path === "/api/public/scores").map(({ body }) => Score.parse(JSON.parse(body))),
  };
}

/** The attributes of a span by their names. */
export function attributesOf({ attributes }: WireSpan): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value]));
}

async function take(incoming: IncomingMessage, response: ServerResponse, status: number, taken: Taken[]): Promise<void> {
  let body = "";
  for await (const chunk of incoming.setEncoding("utf8")) body += String(chunk);
  taken.push({ method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body });
  response.writeHead(status, { "content-type": "application/json" });
  if (status === 200 && incoming.url?.startsWith("/api/public/v2/prompts/") === true) return void response.end(JSON.stringify(PROMPT));
  response.end(status === 200 ? '{"id":"score"}' : JSON.stringify({ message: `no: ${JSON.stringify(incoming.headers)}` }));
}

function spansIn({ body }: Taken): readonly WireSpan[] {
  return Export.parse(JSON.parse(body)).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}
