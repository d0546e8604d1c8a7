// What a node kind is: a method authors call on `g`, which makes a definition with its behaviour. The registry in index.ts lists them.

import { toMilliseconds, type Duration } from "../graph/duration.ts";
import type { Behaviour, Graph, NodeFinding, RetryPolicy } from "../graph/graph.ts";
import { eitherSchemaOf, outputsSchemaOf } from "../graph/gives.ts";
import type { Needs, Node } from "../graph/node.ts";
import type { CallContext, NeedValues } from "../graph/work.ts";
import { jsonSchemaOf, type Schema } from "../schema.ts";
import type { ChildDefinition } from "./child.ts";
import type { GraphBuilder } from "./index.ts";
import type { JsonValue } from "../json.ts";

/** What every node may say about itself. */
export interface CommonOptions {
  readonly description?: string;
  readonly tags?: readonly string[];
  /** Nodes that must have succeeded first, though this one does not read them. */
  readonly after?: readonly Node<unknown>[];
}

/** What every kind that runs code takes. */
export interface CallOptions extends CommonOptions {
  /** For one attempt; afterwards its signal aborts and the attempt fails with `attempt_timed_out`. */
  readonly timeout?: Duration;
  readonly retry?: RetryOptions;
}

/** What kinds take whose value another run may have found already. */
export interface ReuseOptions {
  /**
   * Takes the value that any run of this ledger found for the same node and the same reading, instead of making it again; not older than `ttl`. Two runs that want it at
   * once share one call.
   */
  readonly reuse?: { readonly across: true; readonly ttl?: Duration };
}

/** Tries in all, and the first pause between them (default 1 s, doubling with jitter up to 5 min). */
export interface RetryOptions {
  readonly attempts: number;
  readonly backoff?: Duration;
}

/** What authors' callbacks are called with besides their needs. */
export type AuthorContext = Pick<CallContext, "signal" | "runId" | "path" | "attempt" | "idempotencyKey" | "log" | "progress">;

/** What a kind's method hands to the builder. */
export interface Declaration {
  readonly kind: string;
  readonly name: string;
  readonly needs: Needs;
  readonly options: CommonOptions;
  readonly behaviour: Behaviour;
  /** The node it was made for, when no author declared it: it stands in its name. */
  readonly under?: string;
  /** What its handle has besides, such as the outputs of a composed child. */
  readonly members?: object;
}

/** What the builder offers to kinds. */
export interface Builder {
  /** Declares a node and gives its handle. */
  readonly declare: <T>(declaration: Declaration) => Node<T>;
  /** The graph of a child; an inline definition is run once, now, with handles of the given names. */
  readonly child: (node: string, part: string, definition: ChildDefinition, handles: readonly string[]) => Graph;
  /** Notes how a node's value is shown to people. */
  readonly present: (handle: Node<unknown>, show: (value: never) => string) => void;
  /** Runs a part of the definition whose nodes are named `<name>.…`. */
  readonly within: <R>(name: string, define: (g: GraphBuilder) => R) => R;
}

/** One kind: its name and what it puts on `g`. */
export interface NodeKind<Methods> {
  readonly kind: string;
  readonly methods: (builder: Builder) => Methods;
}

const DEFAULT_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 300_000;
const ATTEMPTS_LIMIT = 100;

/** The policy of a node; without options it is tried `fallback` times. */
export function retryPolicy(options: RetryOptions | undefined, fallback = 1): RetryPolicy {
  const attempts = options?.attempts ?? fallback;
  const baseMs = toMilliseconds(options?.backoff ?? DEFAULT_BACKOFF_MS) ?? DEFAULT_BACKOFF_MS;
  return { attempts, baseMs, maxMs: Math.max(baseMs, MAX_BACKOFF_MS) };
}

/** What holds for every node that runs no code of its own: nothing to time, nothing to try again, no reason to run unneeded. */
export const RUNS_NO_CODE: Pick<Behaviour, "always" | "onChange" | "timeoutMs" | "retry"> = Object.freeze({
  always: false,
  onChange: "again",
  timeoutMs: undefined,
  retry: Object.freeze({ attempts: 1, baseMs: 0, maxMs: 0 }),
});

/** Finds what is wrong with the options every call takes. */
export function checkCallOptions(options: CallOptions): NodeFinding[] {
  const findings: NodeFinding[] = [];
  const attempts = options.retry?.attempts;
  if (attempts !== undefined && !(Number.isInteger(attempts) && attempts >= 1 && attempts <= ATTEMPTS_LIMIT)) {
    findings.push(badOption(`retry.attempts is ${attempts}`, `Give a whole number from 1 to ${ATTEMPTS_LIMIT}.`));
  }
  findings.push(...checkDuration("timeout", options.timeout, 1), ...checkDuration("retry.backoff", options.retry?.backoff));
  return findings;
}

/** What a behaviour says of reuse. */
export function reuseOf({ reuse }: ReuseOptions): Pick<Behaviour, "reuse"> {
  return reuse === undefined ? {} : { reuse: { ttlMs: reuse.ttl === undefined ? undefined : toMilliseconds(reuse.ttl) } };
}

/** Finds what is wrong with it. */
export function checkReuse({ reuse }: ReuseOptions): NodeFinding[] {
  const across: unknown = reuse?.across;
  return [
    ...(reuse === undefined || across === true
      ? []
      : [badOption(`reuse.across is ${JSON.stringify(across)}`, "Give reuse: { across: true }, or leave reuse out.")]),
    ...checkDuration("reuse.ttl", reuse?.ttl, 1),
  ];
}

/** Finds a duration that is none, or shorter than `leastMs`. */
export function checkDuration(option: string, duration: Duration | undefined, leastMs = 0): NodeFinding[] {
  if (duration === undefined || (toMilliseconds(duration) ?? -1) >= leastMs) return [];
  return [
    badOption(
      `${option} is ${typeof duration === "number" ? duration : JSON.stringify(duration)}`,
      'Give milliseconds, or a number with ms, s, m, h, d or w, such as "3d".',
    ),
  ];
}

/** Finds options that only other methods of a kind know: what means nothing here is not passed over in silence. */
export function checkMeant(method: string, options: object, strange: readonly string[]): NodeFinding[] {
  const given = new Map(Object.entries(options));
  return strange
    .filter((name) => given.get(name) !== undefined)
    .map((name) => badOption(`${name} means nothing to ${method}`, "Leave it out."));
}

export function badOption(message: string, hint: string): NodeFinding {
  return { code: "bad_option", severity: "error", message, hint };
}

/**
 * An author's callback as the core calls it. The one cast of its sort: the builder's types made sure that the callback's parameter is what its
 * needs' handles promise, and the core hands it the values of just these needs.
 */
export function untyped<Values, Rest extends unknown[], R>(
  callback: (needs: Values, ...rest: Rest) => R,
): (needs: NeedValues, ...rest: Rest) => R {
  return (needs, ...rest) => callback(needs as Values, ...rest);
}

/** What a node whose child gives its value gives, as far as that is known. */
export function givesOf(...graphs: readonly Graph[]): Pick<Behaviour, "gives"> {
  const gives = graphs.length === 1 && graphs[0] !== undefined ? outputsSchemaOf(graphs[0]) : eitherSchemaOf(graphs);
  return gives === undefined ? {} : { gives };
}

/** The local names of needs; none where an author forgot them, which the builder tells. */
export function namesOf(needs: Needs | undefined): string[] {
  return Object.keys(needs ?? {});
}

/** A function as it enters a fingerprint: its source text. What it closes over is not seen, which the docs say. */
export function codeOf(code: (...args: never[]) => unknown): string {
  return code.toString();
}

/** A schema as it enters a fingerprint: its JSON Schema, or its library's name where there is none. */
export function schemaDetail(schema: Schema): JsonValue {
  return jsonSchemaOf(schema) ?? { vendor: schema["~standard"].vendor };
}

/** The part of a call's context that authors get. */
export function authorContext(context: CallContext): AuthorContext {
  return new AuthorView(context);
}

/** Passes on what is asked for: most pure nodes never look, and a signal or a closure costs more than they do. */
class AuthorView implements AuthorContext {
  readonly #context: CallContext;

  constructor(context: CallContext) {
    this.#context = context;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get runId(): string {
    return this.#context.runId;
  }

  get path(): string {
    return this.#context.path;
  }

  get attempt(): number {
    return this.#context.attempt;
  }

  get idempotencyKey(): string {
    return this.#context.idempotencyKey;
  }

  get log(): CallContext["log"] {
    return this.#context.log;
  }

  get progress(): CallContext["progress"] {
    return this.#context.progress;
  }
}
