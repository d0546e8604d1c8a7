// One API's wire format as the conformance suite speaks it: replies in no API's words, given out event by event, so that a stream can be
// cut, broken and slowed down anywhere. Knows no provider; any provider of that API can be tried with it.

import type { JsonBodyType } from "msw";
import type { JsonObject } from "../../src/json.ts";
import type { ModelErrorCode, StopReason, Usage } from "../../src/model/model.ts";

/** A piece of a reply. */
export type WirePart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  /** `input` is the JSON text as the model wrote it; it may be none. */
  | { readonly type: "tool-call"; readonly id: string; readonly name: string; readonly input: string };

/** A whole reply. Without an end it ended by itself, or with its tool calls. */
export interface WireReply {
  readonly parts: readonly WirePart[];
  readonly end?: WireEnd;
  /** Characters in one event. Default: 6. */
  readonly pieceLength?: number;
}

/** One way in which a reply can end, in the API's own word. */
export interface WireEnd {
  readonly raw: string;
  readonly reason: StopReason;
  /** Why, where the API says so: a refusal's words. */
  readonly detail?: string;
}

/** One event as it is sent; `adds` names the part it adds to, for events that stream one. */
export interface WireEvent {
  readonly text: string;
  readonly adds?: WirePart["type"];
}

/** What an error event inside a stream means. */
export interface WireError {
  readonly text: string;
  readonly code: ModelErrorCode;
  readonly retryable: boolean;
}

/** One API. */
export interface Wire {
  readonly contentType: string;
  readonly requestIdHeader?: string;
  readonly events: (reply: WireReply) => readonly WireEvent[];
  /** The usage that its replies tell. */
  readonly usage: Usage;
  /** Every way in which a reply can end. */
  readonly ends: readonly WireEnd[];
  /** An event whose data is no JSON, but holds the word "confidential". */
  readonly malformed: string;
  readonly errors: readonly WireError[];
  /** The JSON body of a failed response. */
  readonly failure: (status: number, message: string) => JsonBodyType;
  /** The JSON body that counts tokens, for APIs with a route for it: where it is asked, below the provider's address, and how it answers. */
  readonly count?: { readonly path: string; readonly answer: (tokens: number) => JsonBodyType };
  /** Reads a request's body as the server would. */
  readonly read: {
    /** The schema that a reply shall have. */
    readonly schema: (body: JsonObject) => unknown;
    /** The last message, as JSON text. */
    readonly last: (body: JsonObject) => string;
    readonly toolNames: (body: JsonObject) => readonly string[];
    /** The tool that must be called; `true` for any. */
    readonly forcedTool: (body: JsonObject) => string | true | undefined;
  };
}

/** The text of a whole reply. */
export function bodyOf(wire: Wire, reply: WireReply): string {
  return wire
    .events(reply)
    .map(({ text }) => text)
    .join("");
}

/** Where a reply breaks off. */
export interface Cut {
  readonly inside: WirePart["type"];
  /** Between two events, or in the middle of one. */
  readonly at: "event" | "byte";
}

/** The beginning of a reply that breaks off in the middle of a part. */
export function cutBody(wire: Wire, reply: WireReply, { inside, at }: Cut): string {
  const events = wire.events(reply);
  const places = events.flatMap(({ adds }, index) => (adds === inside ? [index] : []));
  const middle = places[Math.floor(places.length / 2)];
  if (middle === undefined) throw new Error(`the reply has no ${inside} to be cut in`);
  const whole = events
    .slice(0, middle)
    .map(({ text }) => text)
    .join("");
  const broken = events[middle]?.text ?? "";
  return at === "event" ? whole : whole + broken.slice(0, Math.floor(broken.length / 2));
}
