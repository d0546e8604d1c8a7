// Code with a name of its own: what it takes, what it gives and what it may touch are said beside it. Knows no kind that runs it.

import { InputError } from "../errors.ts";
import type { AuthorContext } from "../nodes/kind.ts";
import { check, describeIssues, type Checked, type InferOutput, type Schema } from "../schema.ts";
import type { MaybePromise } from "./node.ts";
import { ValueError } from "./value-error.ts";

/**
 * Code as a value, itself a function: nodes run it where they would run a function of their own. It checks what it is given, runs the code and
 * checks what that made; at once when all three do. `In` is what it takes, `Out` what it gives.
 * @throws ValueError `executor_input_invalid`, `executor_output_invalid`
 */
export interface Executor<in In, out Out> {
  (input: In, context: AuthorContext): MaybePromise<Out>;
  readonly key: string;
  /** Enters the fingerprint of every node that runs it, in the place of its source text: change it when the code changes what it gives. */
  readonly version: string;
  readonly description: string | undefined;
  readonly input: Schema;
  readonly output: Schema;
  /** What it touches outside, e.g. `net:api.stripe.com` or `fs:read`; empty for code that only computes. */
  readonly capabilities: readonly string[];
  /** True when it gives the same output for the same input every time. */
  readonly pure: boolean;
}

/** What an executor is made of. */
export interface ExecutorOptions<I extends Schema, O extends Schema> {
  /** Lower case words with dots and dashes, 1 to 100 characters: `stripe.charge`. Durable, since it stands in every fingerprint. */
  readonly key: string;
  /** Default `"1"`. */
  readonly version?: string;
  readonly description?: string;
  readonly input: I;
  readonly output: O;
  readonly capabilities?: readonly string[];
  /** Default false. */
  readonly pure?: boolean;
  readonly run: (input: InferOutput<I>, context: AuthorContext) => MaybePromise<InferInput<O>>;
}

type InferInput<S extends Schema> = NonNullable<S["~standard"]["types"]>["input"];

const KEY = /^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$/;
const KEY_LIMIT = 100;
const CAPABILITY = /^[a-z][a-z0-9-]*(?::[^\s:]\S*)?$/;

const executors = new WeakSet<object>();

/**
 * Gives code a key, schemas and capabilities.
 * @throws InputError `bad_executor` for a key, a version, a schema or a capability that is none, and for pure code with capabilities
 */
export function defineExecutor<I extends Schema, O extends Schema>(
  options: ExecutorOptions<I, O>,
): Executor<InferInput<I>, InferOutput<O>> {
  const { key, version = "1", description, input, output, run } = options;
  const capabilities = Object.freeze([...(options.capabilities ?? [])]);
  refuseBadOptions({ ...options, version, capabilities });
  const checked = (given: InferInput<I>, context: AuthorContext): MaybePromise<InferOutput<O>> =>
    after(check(input, given), (taken) => {
      // The schemas' own types say what they give, and validation has just made sure of it.
      const value = passed<InferOutput<I>>(key, "input", taken);
      return after(run(value, context), (made) => after(check(output, made), (kept) => passed<InferOutput<O>>(key, "output", kept)));
    });
  const pure = options.pure ?? false;
  const executor = Object.assign(checked, { key, version, description, input, output, capabilities, pure });
  Object.defineProperty(executor, "name", { value: key });
  // All executors share one wrapper, whose source text says nothing: whoever asks for it is told which one it is.
  Object.defineProperty(executor, "toString", { value: () => `executor ${key} version ${version}` });
  executors.add(executor);
  return Object.freeze(executor);
}

/** True for what `defineExecutor` gave. */
export function isExecutor(value: unknown): value is Executor<never, unknown> {
  return typeof value === "function" && executors.has(value);
}

/** Goes on with a value, at once when it is there: an executor whose schemas and code are synchronous costs no turn of the event loop. */
function after<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return isPromise(value) ? Promise.resolve(value).then(next) : next(value);
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function passed<T>(key: string, side: "input" | "output", checked: Checked<unknown>): T {
  if (checked.ok) return checked.value as T;
  const { issues } = checked;
  throw new ValueError(`executor_${side}_invalid`, `the ${side} of executor "${key}" does not fit its schema: ${describeIssues(issues)}`, {
    fix:
      side === "input"
        ? "Give what its input schema asks for, or change the schema."
        : "Give what its output schema promises, or change the schema.",
    details: { executor: key, issues: issues.map(({ at, message }) => ({ at, message })) },
  });
}

function refuseBadOptions(
  options: ExecutorOptions<Schema, Schema> & { readonly version: string; readonly capabilities: readonly string[] },
): void {
  const { key, version, capabilities, pure } = options;
  const refuse = (message: string, fix: string): never => {
    throw new InputError("bad_executor", `executor ${JSON.stringify(key)}: ${message}`, { fix });
  };
  if (typeof key !== "string" || key.length > KEY_LIMIT || !KEY.test(key))
    refuse("this is no key", `Lower case words with dots and dashes, 1 to ${KEY_LIMIT} characters, such as "stripe.charge".`);
  if (typeof version !== "string" || version === "") refuse("its version is no text or empty", 'Give one, such as "2".');
  for (const side of ["input", "output"] as const)
    if (!isSchema(options[side]))
      refuse(`its ${side} is no schema`, "Give a schema of a library that speaks Standard Schema, such as zod: z.object({ … }).");
  if (typeof options.run !== "function") refuse("its run is no function", "Give run: (input, ctx) => ….");
  const odd = capabilities.find((capability) => typeof capability !== "string" || !CAPABILITY.test(capability));
  if (odd !== undefined)
    refuse(`${JSON.stringify(odd)} is no capability`, 'Write what is touched and where: "net:api.stripe.com", "fs:read".');
  const touched = capabilities.map((each) => `"${each}"`).join(", ");
  if (pure === true && touched !== "")
    refuse(`it is pure and touches ${touched}`, "Pure code touches nothing outside: leave out pure, or the capabilities.");
}

function isSchema(schema: unknown): boolean {
  const isSomething = (typeof schema === "object" && schema !== null) || typeof schema === "function";
  if (!isSomething || !("~standard" in schema)) return false;
  const standard = schema["~standard"];
  return typeof standard === "object" && standard !== null && "validate" in standard && typeof standard.validate === "function";
}
