// A provider as an attempt calls it: what observers are told of the call, the trace it carries, and the context its code runs in. Without observers it is the
// provider itself.

import type { JsonValue } from "../json.ts";
import type { CallContext, ModelEvent, ModelProvider, ModelReply, ModelRequest } from "../model/model.ts";
import { thrownFailure } from "./author-code.ts";
import type { Carrier } from "./carrier.ts";
import { observedRun } from "./observed-facts.ts";
import type { ObservedCall } from "./observer.ts";
import type { Job } from "./perform.ts";
import { redactedFailure } from "./redacted-fact.ts";

let lastCall = 0;

/** The same provider, observed. */
export function observedModel(carrier: Carrier, job: Job, provider: ModelProvider): ModelProvider {
  if (carrier.disclosure.observers.isEmpty) return provider;
  return {
    id: provider.id,
    readiness: () => provider.readiness(),
    capabilities: (model) => provider.capabilities(model),
    stream: (request, context) => observedStream(carrier, job, provider, request, context),
  };
}

async function* observedStream(
  carrier: Carrier,
  job: Job,
  provider: ModelProvider,
  request: ModelRequest,
  context: CallContext,
): AsyncGenerator<ModelEvent> {
  const { observers } = carrier.disclosure;
  const call = callOf(job, provider, request);
  const place = { run: job.run.id, node: job.node.name, call: call.id };
  const told = tellOf(carrier, job, call, request);
  const traced = { ...context, headers: { ...context.headers, ...observers.carry(place) } };
  try {
    const events = observers.within(place, () => provider.stream(request, traced)[Symbol.asyncIterator]());
    try {
      for (;;) {
        // A generator's code runs where its next value is asked for.
        const step = await observers.within(place, () => events.next());
        if (step.done === true) return;
        told.came(step.value);
        yield step.value;
      }
    } finally {
      await events.return?.();
    }
  } catch (error) {
    told.failed(error);
    throw error;
  } finally {
    told.ended();
  }
}

/** Tells of a call that begins now; what it gives takes in what comes of it, and tells of the end. */
function tellOf(carrier: Carrier, job: Job, call: ObservedCall, request: ModelRequest) {
  const { clock, disclosure, models } = carrier;
  const about = { run: observedRun(job.run.state), node: job.node.name, call };
  disclosure.observers.tell({ type: "model.began", at: clock.now(), ...about }, () => ({ input: inputOf(request) }));
  let firstAt: number | undefined;
  let reply: ModelReply | undefined;
  let thrown: { readonly error: unknown } | undefined;
  return {
    came: (event: ModelEvent) => {
      firstAt ??= clock.now();
      if (event.type === "finish") reply = event.reply;
    },
    failed: (error: unknown) => void (thrown = { error }),
    ended: () => {
      const error = thrown === undefined ? undefined : redactedFailure(disclosure.redaction, thrownFailure(thrown.error));
      const cost = reply === undefined ? null : (reply.costUsd ?? models.cost(call.model, reply.usage));
      const end = { type: "model.ended", at: clock.now(), ...about, reply: reply && withoutContent(reply), cost, firstAt, error } as const;
      disclosure.observers.tell(end, () => ({ output: asJson(reply?.content ?? []) }));
    },
  };
}

function withoutContent({ content: _content, ...reply }: ModelReply): Omit<ModelReply, "content"> {
  return reply;
}

function callOf({ run, node }: Job, provider: ModelProvider, request: ModelRequest): ObservedCall {
  const { messages: _messages, tools = [], output, providerOptions: _options, ...settings } = request;
  const journal = run.state.journals.get(node.index) ?? [];
  const asked = journal.findLast((entry) => entry.type === "model.requested");
  const prompt = asked?.type === "model.requested" ? asked.prompt : undefined;
  const resolved = journal.findLast((entry) => entry.type === "prompt.resolved" && entry.prompt === prompt);
  lastCall += 1;
  return {
    id: lastCall,
    provider: provider.id,
    model: `${provider.id}:${request.model}`,
    server: serverOf(provider),
    turn: asked?.type === "model.requested" ? asked.turn : 1,
    prompt,
    promptFrom: resolved?.type === "prompt.resolved" && resolved.fallback === undefined ? resolved.from : undefined,
    settings: { ...settings, tools: tools.map(({ name }) => name), output: output === undefined ? "text" : "json" },
  };
}

const PORTS: Readonly<Record<string, number>> = { "https:": 443, "http:": 80 };

function serverOf(provider: ModelProvider): ObservedCall["server"] {
  const address = provider.address?.();
  if (address === undefined || !URL.canParse(address)) return undefined;
  const { hostname, port, protocol } = new URL(address);
  return { address: hostname, port: port === "" ? (PORTS[protocol] ?? 0) : Number(port) };
}

/** What is said to the model: messages and tools. */
function inputOf({ messages, tools }: ModelRequest): JsonValue {
  return asJson({ messages, ...(tools === undefined ? {} : { tools }) });
}

/** Requests and replies are JSON but for members that are undefined. */
function asJson(value: object): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
