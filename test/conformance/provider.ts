// A provider as the conformance suite sees it, and what its parts share. An implementation gives a fixture: how it is made, the wire it
// speaks (provider-wire.ts), and what it lacks, each with the reason. The list itself begins in provider-suite.ts.

import { http, type HttpResponse, type JsonBodyType } from "msw";
import { expect, it, type TestContext } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import {
  type CallContext,
  generate,
  ModelError,
  type ModelEvent,
  type ModelProvider,
  type ModelReply,
  type ModelRequest,
} from "../../src/model/model.ts";
import { server } from "../providers/server.ts";
import { streamed } from "../providers/wire.ts";
import { bodyOf, type Wire, type WireReply } from "./provider-wire.ts";

/** What an implementation may lack. Whatever is not listed it must do. */
export type Ability =
  | "refusal"
  | "reasoning"
  | "own reasoning back"
  | "broken input"
  | "failed results marked"
  | "streamed arguments"
  | "server ids"
  | "file addresses"
  | "foreign files refused"
  | "forced tools"
  | "tool choice checked"
  | "losses told"
  | "cache counts"
  | "token count"
  | "account"
  | "time limits"
  | "body type told";

/** How a suite makes a provider. */
export interface CreateOptions {
  /** `http://127.0.0.1:1234` in place of its own address. */
  readonly origin?: string;
  readonly apiKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeouts?: { readonly idleMs?: number; readonly totalMs?: number };
}

/** One provider as the suite sees it. */
export interface ProviderFixture {
  readonly name: string;
  readonly id: string;
  readonly wire: Wire;
  readonly create: (options?: CreateOptions) => ModelProvider;
  /** Where it posts at its own address. */
  readonly url: string;
  /** The environment variable of its key; undefined when it needs none. */
  readonly keyVariable?: string;
  readonly lacks?: { readonly [ability in Ability]?: string };
}

export const REQUEST: ModelRequest = {
  model: "some-model",
  messages: [
    { role: "system", content: [{ type: "text", text: "Be brief." }] },
    { role: "user", content: [{ type: "text", text: "Say hello." }] },
  ],
  maxOutputTokens: 100,
};

/** A key that no error may show. */
export const KEY = "sk-conformance-secret-key";
/** A call that nobody cancels. */
export const idle = (): CallContext => ({ signal: new AbortController().signal });

/** Runs a call that must fail. */
export async function failureOf(provider: ModelProvider, request = REQUEST, context = idle()): Promise<ModelError> {
  const outcome = await generate(provider, request, context).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(ModelError);
  if (outcome instanceof ModelError) return outcome;
  throw new Error("the call did not fail");
}

type Answer = HttpResponse<never> | HttpResponse<ReadableStream> | HttpResponse<JsonBodyType>;

/** Answers every post to the fixture's address and keeps the bodies. */
export function answer(fixture: Pick<ProviderFixture, "url">, respond: (headers: Headers, body: JsonObject) => Answer): JsonObject[] {
  const bodies: JsonObject[] = [];
  server.use(
    http.post(fixture.url, async ({ request }) => {
      // Whatever a provider posts is a JSON object.
      const body = (await request.json()) as JsonObject;
      bodies.push(body);
      return respond(request.headers, body);
    }),
  );
  return bodies;
}

/** Answers with a reply in the fixture's wire; the request id is `req_1` where the wire has one. */
export function answerWith(fixture: ProviderFixture, reply: WireReply, chunkBytes = 61): JsonObject[] {
  const { wire } = fixture;
  const headers = wire.requestIdHeader === undefined ? {} : { [wire.requestIdHeader]: "req_1" };
  return answer(fixture, () => streamed(bodyOf(wire, reply), wire.contentType, headers, chunkBytes));
}

/** All events of a call. */
export async function eventsOf(provider: ModelProvider, request = REQUEST, context = idle()): Promise<readonly ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of provider.stream(request, context)) events.push(event);
  return events;
}

/** The reply with which the events end: exactly one `finish`, and last. */
export function replyIn(events: readonly ModelEvent[]): ModelReply {
  const finishes = events.filter((event) => event.type === "finish");
  expect(finishes).toHaveLength(1);
  const last = events.at(-1);
  if (last?.type !== "finish") throw new Error("the last event is no finish");
  return last.reply;
}

/** A test of something the implementation may lack: skipped with its reason. */
export function itNeeds(
  fixture: ProviderFixture,
  ability: Ability,
  name: string,
  run: (context: TestContext) => Promise<void> | void,
): void {
  it(name, async (context) => {
    const reason = fixture.lacks?.[ability];
    context.skip(reason !== undefined, `${fixture.name} lacks this: ${reason ?? ""}`);
    await run(context);
  });
}
