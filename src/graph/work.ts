// The five ways a node can run. A kind chooses one of them for each of its nodes; the core and the hosts know these and no kinds.

import type { Failure } from "../errors.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { ModelReply } from "../model/model.ts";
import type { PromptOrigin } from "../model/prompt.ts";
import type { Schema } from "../schema.ts";
import type { TraceContext } from "../trace-context.ts";
import type { PlannedCall, Reservation, TextAccess } from "./call-access.ts";
import type { Graph } from "./graph.ts";
import type { Gate } from "./gate.ts";
import type { HistoryRule } from "./history-rule.ts";
import type { ModelAccess } from "./model-access.ts";
import type { StoreAccess } from "./store-access.ts";

/** What a node does when its needs are there. */
export type Work = Given | Call | Wait | Sleep | Children;

/** The value is there when the run starts: an input, or a literal. */
export interface Given {
  readonly type: "given";
  readonly value: (inputs: JsonObject) => JsonValue;
}

/** Code runs and gives the value. */
export interface Call {
  readonly type: "call";
  /** True when it touches the world: then everything it rests on is durable first (R3), and the attempt is recorded before it begins. */
  readonly outside: boolean;
  /** True when it records something durably itself before it touches the world: then the attempt's beginning goes along with that. */
  readonly recordsFirst?: true;
  /** What it competes for, e.g. `model:anthropic:claude-opus-5-5`; limits apply per resource. */
  readonly resource?: (context: { readonly defaultModel: string | undefined }) => string | undefined;
  /** Throws when the call could not be made in this process: a model without its key. Asked before a run starts or goes on. */
  readonly assertReady?: (models: Omit<ModelAccess, "call">) => void;
  /** A cancel lets an attempt end that has begun: whether it happened must be known. */
  readonly patient?: true;
  /** Gives the value, or a `CallAgain` when it is not there yet. */
  readonly run: (needs: NeedValues, context: CallContext) => unknown;
  /** When `compensate` is due, should the run fail or be cancelled: after the call was `done`, or while it is `begun` and has no value yet. */
  readonly takesBack?: "done" | "begun";
  /** Takes back what the call did; of several, what was done last is taken back first. `value` is undefined where it had none yet. */
  readonly compensate?: (needs: NeedValues, value: JsonValue | undefined, context: CallContext) => unknown;
}

/**
 * What a call gives when it needs children first: they are run, and when all of them are settled it is called again. Only for a call that lists
 * the children of its node.
 */
export class AskChildren {
  readonly keys: readonly string[];
  readonly #isOne = true;

  /** Asks nothing of the value itself: it may be an author's, with traps. */
  static is(value: unknown): value is AskChildren {
    return typeof value === "object" && value !== null && #isOne in value && value.#isOne;
  }

  constructor(keys: readonly string[]) {
    this.keys = keys;
  }
}

/** What a call gives when its value is not there yet: it is called again after a while, and nothing of it stays in memory until then. */
export class CallAgain {
  readonly afterMs: number;
  readonly note: string;
  readonly #isOne = true;

  /** Asks nothing of the value itself: it may be an author's, with traps. */
  static is(value: unknown): value is CallAgain {
    return typeof value === "object" && value !== null && #isOne in value && value.#isOne;
  }

  constructor(afterMs: number, note: string) {
    this.afterMs = afterMs;
    this.note = note;
  }
}

/** A time gives the value: that time as ISO text. */
export interface Sleep {
  readonly type: "sleep";
  /** When to wake, in milliseconds since 1970, asked once when the needs are there; the answer is recorded. May throw. */
  readonly until: (needs: NeedValues, now: number) => number;
}

/** An event from outside gives the value. */
export interface Wait {
  readonly type: "wait";
  readonly event: string;
  readonly schema: Schema;
  /** Set when a person must decide. */
  readonly gate?: Gate;
  /** Set when events of a history answer it, and nothing else does. */
  readonly on?: HistoryRule | undefined;
  readonly timeoutMs?: number;
  /** What happens at the deadline: the node fails, or takes this value. */
  readonly onTimeout: { readonly type: "fail" } | { readonly type: "value"; readonly value: JsonValue };
  /** Set when somebody is to be reminded: how often. */
  readonly remindMs?: number;
}

/** Child runs give the value, or what they gave goes into it. */
export type Children = ListedChildren | AskedChildren;

/** The node says which children it has, and what comes of them. */
export interface ListedChildren extends ChildrenOfNode {
  /** Which children to run, asked once; the answer is recorded. Calls the author's `on` or `key` and may throw. */
  readonly list: (needs: NeedValues) => Listing;
  /** Further children, asked when all that were listed are settled, until there are none. Left out where one listing is all. May throw. */
  readonly more?: (needs: NeedValues, settled: readonly SettledChild[]) => readonly string[];
  /** True when one failed child fails the node. */
  readonly failFast: boolean;
  /** The node's value once all children are settled, keys in the order of the listing. */
  readonly outcome: (settled: readonly SettledChild[]) => JsonValue;
}

/** A call gives `AskChildren` as often as it wants some, and at last the node's value: a conversation whose model asks for tools. */
export interface AskedChildren extends ChildrenOfNode {
  readonly list: Call;
  readonly more?: never;
  readonly failFast: false;
  readonly outcome?: never;
}

interface ChildrenOfNode {
  readonly type: "children";
  /** The child graphs by part: a branch has one for each case, the others have one. */
  readonly parts: Readonly<Record<string, Graph>>;
  /** The part a child of this key is of; left out where a listing says it for all its children. */
  readonly partOf?: (key: string) => string;
  /** The inputs of one child, from the needs as they were recorded; `settled` are the children before it, `journal` is what the node recorded. */
  readonly inputs: (
    needs: JsonObject,
    key: string,
    settled: ReadonlyMap<string, SettledChild>,
    journal: readonly JournalEntry[],
  ) => JsonObject;
  /** Whether a child that failed like this is tried again with the node; left out where every one is. */
  readonly isTriedAgain?: (error: Failure) => boolean;
  /** What the child adds to its parent's correlation. */
  readonly correlation: (key: string) => JsonObject;
  readonly concurrency: number;
}

/** The code that makes a node's value, or finds out which children it needs; undefined for nodes that run none. */
export function callOf(work: Work): Call | undefined {
  if (work.type === "call") return work;
  return work.type === "children" && typeof work.list === "object" ? work.list : undefined;
}

/** The part a child is of: with one part all are of it; with several, its key says it. */
export function partOfKey({ parts, partOf }: Children, key: string): string {
  if (partOf !== undefined) return partOf(key);
  const [only, ...others] = Object.keys(parts);
  return only !== undefined && others.length === 0 ? only : key;
}

/** The values of a node's needs by local name, as callbacks see them. */
export type NeedValues = Readonly<Record<string, unknown>>;

/** The children a node has in this run: one part, and a key for each child. */
export interface Listing {
  readonly part: string;
  readonly keys: readonly string[];
  /** What shall be known about the listing later, such as the value a branch chose by. */
  readonly note?: JsonValue;
}

/** How a child ended. */
export type SettledChild =
  | { readonly key: string; readonly status: "succeeded"; readonly value: JsonValue }
  | { readonly key: string; readonly status: "failed"; readonly error: Failure };

/** One recorded turn of a conversation: what a call resumes from after a crash. */
export type JournalEntry =
  | {
      readonly type: "model.requested";
      readonly turn: number;
      readonly model: string;
      readonly request: string;
      /** `name@version` of the prompt file. */
      readonly prompt?: string;
      /** Hash of its text, which is kept beside the log; left out where it stands in the run's own facts. */
      readonly promptText?: string;
    }
  /** The text of a prompt was read where it is kept, or its local file stands in: the conversation asks with this, whatever becomes of it there. */
  | {
      readonly type: "prompt.resolved";
      readonly prompt: string;
      readonly promptText: string;
      /** What was asked for, and the version the store gave; without one when the local file stands in. */
      readonly from: PromptOrigin;
      /** Why the local file stands in. */
      readonly fallback?: { readonly code: string; readonly message: string };
    }
  | {
      readonly type: "model.replied";
      readonly turn: number;
      readonly reply: ModelReply;
      readonly cost: number | null;
      readonly durationMs: number;
    }
  /** A model could not answer, and the next one is asked. */
  | { readonly type: "model.failed"; readonly turn: number; readonly model: string; readonly error: Failure }
  /** A tool is about to be called; `version` is what it says of what stands behind it. */
  | { readonly type: "tool.called"; readonly tool: string; readonly call: string; readonly attempt: number; readonly version?: string }
  /** A crash cut a call off, so that nobody knows whether it took effect; and what is done about that. */
  | { readonly type: "tool.uncertain"; readonly tool: string; readonly call: string; readonly decided: "fail" | "retry" | "ask" }
  /** A tool has answered, or thrown. What it gave is the node's value; `characters` is how long that is, `cut` how long it was before. */
  | {
      readonly type: "tool.returned";
      readonly tool: string;
      readonly call: string;
      readonly durationMs: number;
      readonly characters: number;
      readonly cut?: number;
      readonly error?: string;
    }
  /** Facts of the application were read: the value was made of these. */
  | {
      readonly type: "facts.read";
      readonly store: string;
      /** Their ids; none where there was no value. */
      readonly facts: readonly string[];
      /** How far the ledger went when they were read. */
      readonly position: number;
    }
  /** Facts of the application were recorded. */
  | { readonly type: "facts.recorded"; readonly store: string; readonly facts: readonly string[] }
  /** A run on another Kindling does the work. */
  | {
      readonly type: "remote.started";
      readonly url: string;
      /** The run's id there. */
      readonly there: string;
      /** Hash of the contract and the inputs it was started with. */
      readonly request: string;
      readonly renewal: number;
    };

/** What a running call may use. Authors' callbacks get the part of it that `authorContext` picks. */
export interface CallContext {
  readonly signal: AbortSignal;
  /** The root run's id. */
  readonly runId: string;
  /** From the root run: `posts[en]/draft`. */
  readonly path: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** 1, and one more each time that the node acts anew after its action was taken back or stands no more. */
  readonly renewal: number;
  /** The same over attempts, processes and hosts; another one with every renewal. */
  readonly idempotencyKey: string;
  readonly log: (message: string, details?: JsonObject) => void;
  /** Tells how far a long call is (0 to 1). Live only, not recorded. */
  readonly progress: (fraction: number, note?: string) => void;

  /** What this node recorded before, in order, over all attempts. */
  readonly journal: readonly JournalEntry[];
  /** The children it has asked for so far, as far as they have ended. */
  readonly children: ReadonlyMap<string, SettledChild>;
  /** Records an entry; resolves when it is durable. */
  readonly record: (entry: JournalEntry) => Promise<void>;
  /** Records an entry that nothing outside rests on yet: it is durable before anything does. */
  readonly note: (entry: JournalEntry) => void;
  readonly models: ModelAccess;
  /**
   * Reserves what a call of a model may cost at most with every budget above it; waits while calls in flight may leave room for it. Nothing is reserved where there is no budget.
   * @throws ModelError `budget_exhausted`, `unpriced`
   */
  readonly reserve: (call: PlannedCall) => Promise<Reservation>;
  readonly texts: TextAccess;
  /** Facts of the application, in the ledger of the run. */
  readonly stores: StoreAccess;
  /** HTTP as the runtime was given it. */
  readonly fetch: typeof fetch;
  /** What traces of it are to go on from in requests that it sends; undefined where nobody traces it. */
  readonly trace?: TraceContext | undefined;
  /** Something that is open beyond one call: one for each key and host, made at the first call, closed with the host. */
  readonly connection: <C extends AsyncDisposable>(key: object, open: () => C) => C;
}
