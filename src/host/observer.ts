// What observers are told of: runs, nodes, model calls, tools and waits as they happen in this process. Facts stay the record; this is how telemetry hears of
// them in time, with what facts do not hold: when code runs, and when the first piece of a reply came.

import type { Failure } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { ModelReply, ModelRequest } from "../model/model.ts";
import type { PromptOrigin } from "../model/prompt.ts";
import type { Actor, Fact, ParentLink } from "../run/fact.ts";
import type { Spending } from "../run/spending.ts";
import type { TraceContext } from "../trace-context.ts";

/** A run, as observers see it. */
export interface ObservedRun {
  readonly id: string;
  /** The run at the top; its own id for a run that somebody started. */
  readonly root: string;
  /** From the root run; empty for the root. */
  readonly path: string;
  readonly contract: string;
  readonly version: string;
  readonly parent: ParentLink | undefined;
  readonly correlation: JsonObject;
  readonly starter: Actor | undefined;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** An attempt at a node, as observers see it. */
export interface ObservedNode {
  readonly name: string;
  /** From the root run: `posts[en]/draft`. */
  readonly path: string;
  readonly kind: string;
  /** True for a node that talks with models. */
  readonly asksModels: boolean;
  /** Set when it is the call of a tool that a model asked for: the tool's name, and the key of the call. */
  readonly tool: { readonly name: string; readonly call: string } | undefined;
  /** Set when it reads or records facts of the application: of which store or history. Their keys and values are contents. */
  readonly store: { readonly name: string; readonly kind: "store" | "history" } | undefined;
  /** 1 for the first try. */
  readonly attempt: number;
  /** What the attempt is: the node's work, or the taking back of it. */
  readonly purpose: "work" | "compensation";
  /** True for a node whose children do all of its work. */
  readonly isBox: boolean;
  /** True for code that does not touch the world: it leaves no fact when it begins. */
  readonly isPure: boolean;
}

/** A model call: who is asked, with what settings. */
export interface ObservedCall {
  /** Tells apart the calls of this process. */
  readonly id: number;
  readonly provider: string;
  /** `provider:model`. */
  readonly model: string;
  /** Where the call goes; undefined for providers that do not tell, or call nobody. */
  readonly server: { readonly address: string; readonly port: number } | undefined;
  /** 1 for the first question of a conversation. */
  readonly turn: number;
  /** `name@version` where a prompt file was asked with. */
  readonly prompt: string | undefined;
  /** Where its text is kept, for a prompt that is kept outside the project. */
  readonly promptFrom: PromptOrigin | undefined;
  /** The request without what was said in it. */
  readonly settings: Omit<ModelRequest, "messages" | "tools" | "output" | "providerOptions"> & {
    readonly tools: readonly string[];
    readonly output: "json" | "text";
  };
}

/** Who answered a wait. */
export interface ObservedDecision {
  readonly deliveryId: string;
  readonly actor: Actor;
}

/** What happened, by its type; times are in milliseconds since 1970. */
export type Observation = {
  readonly at: number;
  readonly run: ObservedRun;
} & (
  | {
      /** A run begins to be carried in this process: it is new, or goes on after a wait or a restart. */
      readonly type: "run.began";
      /** The fact by which it begins. */
      readonly by: Fact["type"];
      /** What caused that, where the caller said so. */
      readonly trace: TraceContext | undefined;
      /** The last span that was recorded for the run, by observer. Empty for a new run. */
      readonly earlier: Readonly<Record<string, string>>;
    }
  | {
      /** A run rests: it waits, or has ended. */
      readonly type: "run.rested";
      readonly status: "waiting" | "succeeded" | "failed" | "cancelled";
      readonly error: Failure | undefined;
      readonly spending: Spending;
      /** The events it waits for. */
      readonly waitsFor: readonly string[];
    }
  | {
      readonly type: "node.began";
      readonly node: ObservedNode;
      /** True when another system works on it, and it is only asked again how far that is. */
      readonly isLookingAgain: boolean;
    }
  | {
      readonly type: "node.ended";
      readonly node: string;
      /** `retrying`: another attempt follows. `postponed`: another system works on it. */
      readonly outcome: "succeeded" | "failed" | "retrying" | "postponed" | "reused";
      readonly error: Failure | undefined;
    }
  | { readonly type: "model.began"; readonly node: string; readonly call: ObservedCall }
  | {
      readonly type: "model.ended";
      readonly node: string;
      readonly call: ObservedCall;
      /** Without what was said. */
      readonly reply: Omit<ModelReply, "content"> | undefined;
      /** US dollars; null when a price is unknown. */
      readonly cost: number | null;
      /** When the first piece of the reply came. */
      readonly firstAt: number | undefined;
      /** Undefined for a reply, also for one that refuses. */
      readonly error: Failure | undefined;
    }
  | { readonly type: "wait.opened"; readonly node: string; readonly event: string; readonly isGate: boolean }
  | {
      readonly type: "wait.closed";
      readonly node: string;
      readonly path: string;
      readonly event: string;
      readonly isGate: boolean;
      readonly waitedMs: number;
      /** Undefined when the time was up. */
      readonly decision: ObservedDecision | undefined;
      /** The span the run was in when it began to wait, by observer. */
      readonly earlier: Readonly<Record<string, string>>;
    }
);

/** What was said: only told to observers that want contents, and redacted. */
export interface ObservedContent {
  readonly input?: JsonValue;
  readonly output?: JsonValue;
  /** What a wait was answered with. */
  readonly decision?: JsonValue;
}

/** Where code runs. */
export interface ObservedPlace {
  readonly run: string;
  readonly node: string;
  /** The model call, for the code of a provider. */
  readonly call?: number;
}

/**
 * Hears of what happens in this process. It changes nothing and delays nothing: it is called in the middle of a run's work and must give back at once. One that
 * throws is reported once and hears no more.
 */
export interface Observer {
  /** Tells it apart from others of the runtime; durable, since it is recorded with the spans of runs. */
  readonly name: string;
  /** True to be told what was said to models and by them, and what runs were given and gave. */
  readonly contents?: boolean;
  /** True to be told what waits were answered with, also without other contents. */
  readonly decisions?: boolean;
  /** Called before the first observation. What it throws fails `createRuntime`: something is missing or wrong in its configuration. */
  open?(): Promise<void>;
  observe(observation: Observation, content: ObservedContent): void;
  /** Runs code of an author, a tool or a provider, so that what it traces itself hangs where it belongs. Must call `work` once and at once, and give back what it gives. */
  within?<T>(place: ObservedPlace, work: () => T): T;
  /** The context to be sent with requests that leave from there. */
  carry?(place: ObservedPlace): TraceContext | undefined;
  /** The context of the code that is running now: what caused a start or a delivery. */
  current?(): TraceContext | undefined;
  /** The span that a run is in, to be recorded, so that one that goes on later can be linked to it. */
  spanOf?(run: string): string | undefined;
  /** Hands over what is left; called when the runtime closes. */
  close?(): Promise<void>;
}
