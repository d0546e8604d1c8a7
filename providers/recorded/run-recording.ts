// What a recorded run is: all that came into it from outside, and what it gave. Everything else is computed again when it is replayed. Types only.

import type { Actor, Failure, JsonObject, JsonValue, ModelReply, ModelRequest, RecordedPrompt } from "../../src/index.ts";

/** A run as a fixture: enough to play it again without the world. Times are milliseconds after its start. */
export interface RunRecording {
  readonly contract: {
    readonly name: string;
    readonly version: string;
    /** Hash of the plan the run was pinned to: by it a replay knows whether the contract is still the same. */
    readonly plan: string;
  };
  /** The run's id: keys and texts that are made of it are the same in a replay. */
  readonly run: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly starter?: Actor;
  /** The model of nodes that name none, `provider:model`. */
  readonly model?: string;
  /** What a fork had swapped. */
  readonly overrides?: JsonObject;
  readonly inputs: JsonObject;
  /** What somebody did with the run, in order. */
  readonly happenings: readonly Happening[];
  /** What came from outside, by node path. */
  readonly nodes: Readonly<Record<string, RecordedNode>>;
  readonly outcome: RecordedOutcome;
}

/** Something that was done with the run from outside. */
export type Happening = { readonly afterMs: number } & (
  | { readonly type: "event"; readonly event: string; readonly path: string; readonly payload: JsonValue; readonly actor: Actor }
  | { readonly type: "update"; readonly inputs: JsonObject; readonly actor?: Actor }
  | { readonly type: "retry"; readonly path?: string; readonly actor?: Actor }
  | { readonly type: "cancel"; readonly reason: string; readonly actor: Actor }
);

/** What a node had from outside, each list in order. */
export interface RecordedNode {
  /** A value that stood in place of its work: somebody gave it, or it was found by another run. */
  readonly given?: JsonValue;
  /** The prompt it asked with, for one that is kept elsewhere than in the project. */
  readonly prompt?: RecordedPromptText;
  /** What models were asked. */
  readonly calls?: readonly RecordedCall[];
  /** What its own code found or did: a lookup, an effect, a remote run, a tool. */
  readonly results?: readonly RecordedResult[];
  /** How taking back ended. */
  readonly takenBack?: readonly { readonly afterMs: number; readonly error?: Failure }[];
}

/** A prompt as it stood where it is kept. */
export interface RecordedPromptText {
  /** `name@version`. */
  readonly prompt: string;
  readonly text: string;
  readonly from: NonNullable<RecordedPrompt["from"]>;
  readonly fallback?: NonNullable<RecordedPrompt["fallback"]>;
}

/** One request to a model and what became of it; without reply and error it was never answered. */
export interface RecordedCall {
  readonly model: string;
  readonly turn: number;
  readonly afterMs: number;
  /** Left out where it could not be made again, since the contract had changed: `hash` stands for it then. */
  readonly request?: ModelRequest;
  readonly hash?: string;
  readonly reply?: ModelReply;
  /** US dollars, as it was recorded. */
  readonly cost?: number | null;
  readonly error?: Failure;
}

/** One attempt and what became of it; without value and error it was cut off. */
export interface RecordedResult {
  readonly afterMs: number;
  /** What the node read, where it is known and not too large; `hash` stands for it in any case where it is known. */
  readonly reads?: JsonValue;
  readonly hash?: string;
  readonly value?: JsonValue;
  readonly error?: Failure;
}

/** How the run stood when it was recorded. */
export type RecordedOutcome = { readonly afterMs: number } & (
  | { readonly status: "succeeded"; readonly outputs: JsonValue }
  | { readonly status: "failed" | "cancelled"; readonly error: Failure }
  | { readonly status: "waiting"; readonly awaits: readonly { readonly path: string; readonly event: string }[] }
);
