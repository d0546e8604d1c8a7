// What a contract is once defined: frozen data, and beside each node its behaviour, which its kind made. Knows nothing of plans and runs.

import type { Failure } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { Prompt } from "../model/prompt.ts";
import type { Schema } from "../schema.ts";
import type { StoreKind } from "../store/names.ts";
import type { Budget } from "./budget.ts";
import type { Finding } from "./finding.ts";
import type { Assurance } from "./gate.ts";
import type { StartRule } from "./history-rule.ts";
import type { CallContext, SettledChild, Work } from "./work.ts";
import type { SourceMark } from "./source.ts";

/** How often and how patiently a node is tried. */
export interface RetryPolicy {
  /** Tries in all; 1 means no retry. */
  readonly attempts: number;
  /** First delay in milliseconds; it doubles from try to try, with jitter, up to `maxMs`. */
  readonly baseMs: number;
  readonly maxMs: number;
}

/** A declared input. */
export interface InputDefinition {
  readonly name: string;
  readonly schema: Schema;
  readonly description?: string;
  readonly hasDefault: boolean;
}

/** How a node looks in a picture. */
export interface Picture {
  readonly shape: "input" | "box" | "check" | "world" | "model" | "person" | "event" | "time" | "choice" | "many" | "loop" | "part";
  /** Short lines under the name: the model, the event, who decides. */
  readonly lines: readonly string[];
}

/** What a kind makes of one declaration. */
export interface Behaviour {
  readonly work: Work;
  /** Everything besides name and needs that makes this node what it is; hashed into its fingerprint. Code stands in it as source text. */
  readonly detail: JsonObject;
  readonly picture: Picture;
  /** True when it must run even if no output needs it (checks and actions). */
  readonly always: boolean;
  /** What becomes of its value when what it read has changed (update, fork): it is made `again`, or it is kept, since an action is never repeated by reuse. */
  readonly onChange: "again" | "keep";
  readonly timeoutMs: number | undefined;
  readonly retry: RetryPolicy;
  /** What is wrong or doubtful about this node, without place and contract: the compiler adds those. */
  readonly check: (context: CheckContext) => readonly NodeFinding[];
  /** Set when its code is an executor: which one, and what that touches outside. */
  readonly executor?: { readonly key: string; readonly capabilities: readonly string[] };
  /** What there is of the value while children are at work, as it is recorded; left out by kinds that have nothing to show before the end. */
  readonly partial?: (keys: readonly string[], settled: ReadonlyMap<string, SettledChild>) => JsonValue;
  /** Set when a value that any run found for the same reading may be taken, and for how long it may. */
  readonly reuse?: { readonly ttlMs: number | undefined };
  /** The same node with something else in it for one run, a model or a prompt; left out by kinds in which nothing can be replaced. May throw. */
  readonly override?: (override: JsonObject) => Behaviour;
  /** JSON Schema of its value; undefined where nothing is known of it before it runs. */
  readonly gives?: JsonObject | undefined;
  readonly forecast?: Forecast;
  /** What its calls to models may cost, those of its children included. */
  readonly budget?: Budget;
  /** The prompt file it asks a model with, where it has one. */
  readonly prompt?: Prompt<never>;
  /** Set when its code is a tool that a model calls: the tool's name. */
  readonly tool?: string;
  /** Set when it reads or records facts of the application: where. */
  readonly store?: { readonly name: string; readonly kind: StoreKind };
  /** The recorded value as callbacks see it; left out when they see it as it is. */
  readonly revive?: (value: JsonValue) => unknown;
  /** The options it was declared with, children as their graphs: what a document writes. Left out by kinds that stand in none. */
  readonly declared?: () => object;
}

/** What a kind knows beforehand of how much a node will do. Nodes without one do one thing, or run one child of one of their parts. */
export type Forecast =
  /** It talks with a model. */
  | {
      readonly type: "model";
      /** Undefined where the runtime's default model is asked. */
      readonly model: string | undefined;
      /** Those that are asked where it cannot answer. */
      readonly fallbacks?: readonly string[];
      readonly maxOutputTokens: number;
      /** Requests in one attempt, at most. */
      readonly turns: number;
      /** About how many tokens may come between two of them besides the reply: one result of a tool, as long as it may be. */
      readonly resultTokens?: number;
      /** About how long the fixed text of the prompt is, and whether that is all of it; null where only code knows. */
      readonly prompt: { readonly tokens: number; readonly isWhole: boolean } | null;
    }
  /** It runs a child for each item of the list, or member of the record, that the need `over` holds; the item is the child's input `as`. */
  | { readonly type: "items"; readonly over: string; readonly as: string }
  /** It runs a child up to `atMost` times; the child's input `as` is the need `from` at first. */
  | { readonly type: "rounds"; readonly from: string; readonly as: string; readonly atMost: number };

/** What a kind's check may look at. */
export interface CheckContext {
  readonly needs: readonly string[];
}

export type NodeFinding = Pick<Finding, "code" | "severity" | "message" | "hint">;

/** A declared node. */
export interface NodeDefinition {
  readonly name: string;
  readonly kind: string;
  /** Local name to node name. */
  readonly needs: Readonly<Record<string, string>>;
  /** Nodes that it waits for and does not read. */
  readonly after: readonly string[];
  /** The scope it was declared in, `pricing` or `pricing.tax`; empty at the top. It is also the beginning of the name. */
  readonly scope: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  readonly behaviour: Behaviour;
  readonly source: SourceMark;
}

/** What a contract or an inline definition gives: one node's value, or a record of them. */
export type Outputs =
  | { readonly type: "one"; readonly node: string }
  | { readonly type: "record"; readonly nodes: Readonly<Record<string, string>> };

/** When runs of a contract start by themselves. */
export interface Schedule {
  readonly when:
    | { readonly type: "every"; readonly everyMs: number }
    | { readonly type: "cron"; readonly cron: string; readonly timezone: string | undefined };
  /** The inputs of the run that is due at this time. */
  readonly inputs: (at: Date) => unknown;
  /** The same where they are fixed: what a document can say of them. */
  readonly fixedInputs?: unknown;
  /** What becomes of times that passed while no process was there: the latest one starts a run, or none does. */
  readonly missed: "latest" | "none";
}

/** How a run ended, as the callbacks at its end are told. */
export type RunEnd =
  | { readonly status: "succeeded"; readonly outputs: unknown }
  | { readonly status: "failed" | "cancelled"; readonly error: Failure };

/** What follows on the end of a run. */
export type ExitName = "onSuccess" | "onFailure" | "onExit";

/** Code that follows on the end of a run, once. */
export type Exits = { readonly [E in ExitName]?: (end: RunEnd, context: CallContext) => unknown };

/** What a run of an older version of the contract is, seen from this one. */
export interface Migration {
  /** The versions it is for. */
  readonly from: readonly string[];
  /** Nodes that have another name now: new name to old name. */
  readonly nodes: Readonly<Record<string, string>>;
  /** What becomes of nodes that have run and are different now: their values stand, or they run again. */
  readonly changed: Readonly<Record<string, "keep" | "rerun">>;
}

/** A contract's graph: nodes in the order they were declared, so whatever a node needs stands before it. */
export interface Graph {
  readonly name: string;
  readonly version: string;
  readonly description: string | undefined;
  readonly inputs: readonly InputDefinition[];
  /** Inputs by which events find a run. */
  readonly correlate: readonly string[];
  /** Set when events may come before their run: how long they are kept. */
  readonly early: { readonly keepForMs: number } | undefined;
  /** What a run of it may spend, its children included. */
  readonly budget: Budget | undefined;
  readonly nodes: readonly NodeDefinition[];
  readonly outputs: Outputs;
  readonly mcp: { readonly expose: boolean };
  /** How outputs are shown to people in reports, by output name. */
  readonly present: Readonly<Record<string, (value: unknown) => string>>;
  readonly schedule: Schedule | undefined;
  /** Set when events of a history start runs of it. */
  readonly start: StartRule | undefined;
  readonly exits: Exits;
  readonly migrations: readonly Migration[];
  /** True for a case or an item written in place, which has no name of its own. */
  readonly inline: boolean;
  readonly source: SourceMark;
}

/** A gate as shown before anything runs. */
export interface GateSummary {
  readonly path: string;
  readonly event: string;
  readonly assurance: Assurance;
}
