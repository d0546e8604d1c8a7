// Tools: what a model may call in the middle of a conversation. A function with schemas and limits, or a contract. Knows no model and no node that offers them.

import { InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { AuthorContext, RetryOptions } from "../nodes/kind.ts";
import { jsonSchemaOf, type InferOutput, type Schema } from "../schema.ts";
import type { AnyContract, Contract } from "./contract.ts";
import type { TraceContext } from "../trace-context.ts";
import { toMilliseconds, type Duration } from "./duration.ts";
import { inputSchemaOf } from "./input-schema.ts";
import type { MaybePromise } from "./node.ts";
import type { Assurance } from "./gate.ts";

/** What becomes of a call that a crash cut off, when nobody can know whether it took effect. */
export type OnUncertain = "fail" | "retry" | "ask";

/** A person must allow the call before it is made. */
export interface Approval<Input = unknown> {
  /** Which calls; all when left out. */
  readonly when?: (input: Input) => boolean;
  /** How sure it must be that a person decided. Default `outOfBand`. */
  readonly assurance?: Assurance;
  readonly roles?: readonly string[];
  readonly notStarter?: boolean;
  /** How long to wait; afterwards the call counts as refused. Without one it is waited for ever. */
  readonly timeout?: Duration;
}

/** Something a model may call. `Given` is what the node that offers it must have among its needs. */
export interface Tool<in Given = {}> {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of what the model fills in; its root is an object. */
  readonly inputSchema: JsonObject;
  readonly work: ToolWork;
  /** The names of what the node gives it besides. */
  readonly given: readonly string[];
  readonly approve: Approval | undefined;
  /** Exists in the types only. */
  readonly "~given"?: ((given: Given) => void) | undefined;
}

/** What a tool runs. */
export type ToolWork = ToolFunction | { readonly type: "contract"; readonly contract: AnyContract };

/** A function as a tool. */
export interface ToolFunction {
  readonly type: "function";
  readonly input: Schema;
  readonly output: Schema | undefined;
  readonly given: Readonly<Record<string, Schema>>;
  readonly repeatable: boolean;
  readonly onUncertain: OnUncertain;
  readonly timeoutMs: number | undefined;
  readonly retry: RetryOptions;
  readonly resultLimit: number;
  readonly maxCalls: number | undefined;
  readonly version: string | undefined;
  readonly run: (input: never, context: ToolContext<never>) => MaybePromise<unknown>;
}

/** What a tool's function may use: what every author's callback may, and what the node gave. */
export interface ToolContext<Given> extends AuthorContext {
  readonly given: Given;
  /** What traces of the call go on from in requests that it sends; undefined where nobody traces it. */
  readonly trace: TraceContext | undefined;
  /** Something that stays open between calls, such as a connection: one for each key and runtime, made at the first call, closed with the runtime. */
  readonly connection: <C extends AsyncDisposable>(key: object, open: () => C) => C;
}

/** What a function needs to be a tool. */
export interface ToolOptions<I extends Schema, G extends Readonly<Record<string, Schema>>> {
  /** Told to the model: what it does, and when to use it. */
  readonly description: string;
  /** What the model fills in; its root is an object. */
  readonly input: I;
  /** What `run` must give; any JSON when left out. */
  readonly output?: Schema;
  /** What the node that offers the tool gives it from its needs: the model neither sees it nor can change it. */
  readonly given?: G;
  /** Acts or looks up, and gives JSON for the model. What it throws is told to the model, which may try otherwise. */
  readonly run: (input: InferOutput<I>, context: ToolContext<{ readonly [P in keyof G]: InferOutput<G[P]> }>) => MaybePromise<unknown>;
  /** True when a call made twice does no harm (it only reads): then one that a crash cut off is simply made again. Default false. */
  readonly repeatable?: boolean;
  /**
   * What becomes of a call that a crash cut off, or whose `run` throws an error with the code `tool_uncertain`, of a tool that is not repeatable: the run fails and says so (`fail`, default); it is made again with the
   * same `context.idempotencyKey`, for a tool that hands it on to what honours it (`retry`); or a person is asked (`ask`).
   */
  readonly onUncertain?: OnUncertain;
  /** A person must allow the call: true for all calls. */
  readonly approve?: true | Approval<InferOutput<I>>;
  /** For one call. Default 60 s. */
  readonly timeout?: Duration;
  /** Tries of a call that throws. Default 3 for a repeatable tool, else 1. */
  readonly retry?: RetryOptions;
  /** The longest result a model is given, in characters of its JSON; longer ones are cut and say so. Default 40,000. */
  readonly resultLimit?: number;
  /** Calls in one conversation; the model is told that there are no more. No limit when left out. */
  readonly maxCalls?: number;
  /** What stands behind it, where that is not this code alone: a version or a hash, up to 200 characters, on record with each call. */
  readonly version?: string;
}

const NAME = /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/;
const DEFAULT_TIMEOUT_MS = 60_000;
export const DEFAULT_RESULT_LIMIT = 40_000;
const REPEATABLE_ATTEMPTS = 3;
const VERSION_LIMIT = 200;

/**
 * A function that a model may call.
 * @param name 1 to 64 letters, digits, dashes and underscores, beginning with a letter; durable, since it stands in paths
 * @throws InputError `bad_tool`
 * @example tool("search", { description: "Searches the handbook.", input: z.object({ query: z.string() }), repeatable: true, run: ({ query }) => find(query) })
 */
export function tool<I extends Schema, G extends Readonly<Record<string, Schema>> = {}>(
  name: string,
  options: ToolOptions<I, G>,
): Tool<{ readonly [P in keyof G]: InferOutput<G[P]> }> {
  refuseBadName(name, options.description);
  const { repeatable = false, onUncertain = "fail", resultLimit = DEFAULT_RESULT_LIMIT, maxCalls, approve, version } = options;
  const given = options.given ?? {};
  if (typeof options.run !== "function") refuse(name, "its run is no function", "Give run: (input, context) => ….");
  if (!ON_UNCERTAIN.has(onUncertain)) refuse(name, `onUncertain is ${JSON.stringify(onUncertain)}`, 'Give "fail", "retry" or "ask".');
  if (repeatable && options.onUncertain !== undefined)
    refuse(name, "it is repeatable, so nothing about it is uncertain", "Leave out repeatable, or onUncertain.");
  const taken = Object.keys(given).find((each) => RESERVED.has(each));
  if (taken !== undefined) refuse(name, `given has "${taken}", which the tool itself has`, "Give it another name.");
  if (!(Number.isInteger(resultLimit) && resultLimit >= 100))
    refuse(name, `resultLimit is ${resultLimit}`, "Give a whole number from 100 on.");
  if (maxCalls !== undefined && !(Number.isInteger(maxCalls) && maxCalls >= 1))
    refuse(name, `maxCalls is ${maxCalls}`, "Give a whole number from 1 on.");
  if (version !== undefined && !(version.length >= 1 && version.length <= VERSION_LIMIT))
    refuse(name, `its version has ${version.length} characters`, `Give 1 to ${VERSION_LIMIT}.`);
  return Object.freeze({
    name,
    description: options.description,
    inputSchema: objectSchemaOf(name, options.input),
    given: Object.freeze(Object.keys(given)),
    approve: approvalOf(name, approve),
    work: Object.freeze({
      type: "function" as const,
      input: options.input,
      output: options.output,
      given,
      repeatable,
      onUncertain,
      timeoutMs: durationOf(name, "timeout", options.timeout) ?? DEFAULT_TIMEOUT_MS,
      retry: options.retry ?? { attempts: repeatable ? REPEATABLE_ATTEMPTS : 1 },
      resultLimit,
      maxCalls,
      version,
      run: options.run,
    }),
  });
}

/** How a contract is offered to a model. */
export interface ContractToolOptions<K extends string> {
  /** Default: the contract's name. */
  readonly name?: string;
  /** Default: the contract's description. */
  readonly description?: string;
  /** Inputs that the node gives from its needs: the model neither sees nor fills them. */
  readonly given?: readonly K[];
  /** A person must allow each run. */
  readonly approve?: true | Approval<JsonObject>;
}

/**
 * A contract that a model may run: its inputs are what the model fills in, its outputs what the model is told. It may wait for people like any other run.
 * @throws InputError `bad_tool`
 */
export function asTool<In, K extends keyof In & string = never>(
  contract: Contract<In, unknown>,
  options: ContractToolOptions<K> = {},
): Tool<{ readonly [P in NoInfer<K>]: In[P] }> {
  const { graph } = contract;
  const { name = contract.name, description = graph.description ?? "", given = [] } = options;
  refuseBadName(name, description);
  for (const input of given)
    if (!graph.inputs.some((each) => each.name === input))
      refuse(name, `given names "${input}", which is no input of the contract`, "Name its inputs.");
  const clash =
    options.approve === undefined ? undefined : graph.inputs.find((input) => RESERVED.has(input.name) && input.name !== "input");
  if (clash !== undefined) refuse(name, `the contract has an input "${clash.name}", which the gate around it needs`, "Rename the input.");
  const isFilled = (input: string) => !given.some((each) => each === input);
  return Object.freeze({
    name,
    description,
    inputSchema: inputSchemaOf(graph, isFilled),
    given: Object.freeze([...given]),
    approve: approvalOf(name, options.approve),
    work: Object.freeze({ type: "contract" as const, contract }),
  });
}

/** What stands beside the given values in a tool's part. */
const RESERVED: ReadonlySet<string> = new Set([
  "input",
  "which",
  "approval",
  "asked",
  "call",
  "reported",
  "told",
  "gate",
  "decided",
  "outcome",
]);

const ON_UNCERTAIN: ReadonlySet<unknown> = new Set(["fail", "retry", "ask"] satisfies OnUncertain[]);

function refuseBadName(name: unknown, description: unknown): void {
  if (typeof name !== "string" || !NAME.test(name))
    refuse(String(name), "this is no name of a tool", "Letters, digits, dashes and underscores, 1 to 64, beginning with a letter.");
  if (typeof description !== "string" || description.trim() === "")
    refuse(String(name), "it has no description", "Say what it does and when to use it: the model goes by that.");
}

function objectSchemaOf(name: string, input: Schema): JsonObject {
  const schema = jsonSchemaOf(input);
  if (schema === undefined)
    return refuse(name, "its input has no JSON Schema", "Use a schema without transforms, such as z.object({ … }).");
  if (schema["type"] !== "object") return refuse(name, "the root of its input is no object", "Wrap it: z.object({ value: … }).");
  return schema;
}

function approvalOf<Input>(name: string, approve: true | Approval<Input> | undefined): Approval | undefined {
  if (approve === undefined) return undefined;
  if (approve === true) return {};
  durationOf(name, "approve.timeout", approve.timeout);
  // What it looks at is what the tool's own schema gave.
  return approve as Approval;
}

function durationOf(name: string, option: string, duration: Duration | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const ms = toMilliseconds(duration);
  if (ms === undefined || ms < 1) return refuse(name, `${option} is ${JSON.stringify(duration)}`, 'Give milliseconds, or such as "30s".');
  return ms;
}

function refuse(name: string, message: string, fix: string): never {
  throw new InputError("bad_tool", `tool ${JSON.stringify(name)}: ${message}`, { fix });
}
