// The limits of a runtime as its author writes them, and everything that can be wrong with them, told at once.

import { ConfigError } from "../../errors.ts";
import { type Duration, toMilliseconds } from "../../graph/duration.ts";
import { didYouMean } from "../../graph/nearest.ts";

/** When calls to a model are not tried for a while. */
export interface BreakerOptions {
  /** Faults of the provider in a row (overloaded, a fault of its own, network, timeout, a stream that was cut) after which calls fail at once. Default 5. */
  readonly faults?: number;
  /** For how long, until one call tries it out; doubled each time that one fails as well, up to 5 minutes. Default `"30s"`. */
  readonly pause?: Duration;
}

/** The limits of a provider, over all its models, or of one model. Whole numbers, at least 1; what is left out is not limited. */
export interface ModelLimits {
  /** Calls at once. For a provider `perResource` when left out. */
  readonly concurrency?: number;
  /** Calls that begin within any minute. */
  readonly requestsPerMinute?: number;
  /** Tokens in and out of calls that begin within any minute: estimated before a call, corrected by what its reply says. */
  readonly tokensPerMinute?: number;
  /** For these calls instead of the runtime's; false for none. */
  readonly breaker?: BreakerOptions | false;
}

/** How much a runtime does at once, over all its runs. */
export interface LimitOptions {
  /** Calls to the outside at once. Default 64. */
  readonly calls?: number;
  /** Calls at once per resource, and per provider of models that says nothing else. Default 16. */
  readonly perResource?: number;
  /** By provider (`anthropic`) or model (`anthropic:claude-opus-5-5`); both count for a call. Providers with the same key of the API share theirs: the lower counts. */
  readonly models?: Readonly<Record<string, ModelLimits>>;
  /** When a model is not called for a while, whichever it is; false for never. */
  readonly breaker?: BreakerOptions | false;
}

/** What counts where an option is left out. */
export const DEFAULT_LIMITS = { calls: 64, perResource: 16, faults: 5, pauseMs: 30_000 } as const;

/** @throws ConfigError `bad_limits` with everything that is wrong */
export function assertLimits(limits: unknown, providers: readonly string[]): void {
  const problems = [...limitProblems(limits, providers)];
  if (problems.length === 0) return;
  throw new ConfigError("bad_limits", `the limits of the runtime cannot be meant:\n${problems.map((each) => `  ${each}`).join("\n")}`, {
    fix: 'Give whole numbers from 1 on: limits: { calls: 64, perResource: 16, models: { "anthropic": { concurrency: 8, requestsPerMinute: 500 } } }.',
    details: { problems },
  });
}

type Fields = Readonly<Record<string, unknown>>;

const MODEL_COUNTS = ["concurrency", "requestsPerMinute", "tokensPerMinute"];

function* limitProblems(limits: unknown, providers: readonly string[]): Generator<string> {
  if (limits === undefined) return;
  if (!isRecord(limits)) {
    yield `limits is ${shown(limits)}, and must be an object`;
    return;
  }
  yield* unknownFields("limits", limits, ["calls", "perResource", "models", "breaker"]);
  yield* countProblems("limits", limits, ["calls", "perResource"]);
  yield* breakerProblems("limits.breaker", limits["breaker"]);
  const models = limits["models"];
  if (models === undefined) return;
  if (!isRecord(models)) {
    yield `limits.models is ${shown(models)}, and must be an object by provider or model`;
    return;
  }
  for (const [name, of] of Object.entries(models)) yield* modelProblems(name, of, limits, models, providers);
}

function* modelProblems(name: string, of: unknown, limits: Fields, models: Fields, providers: readonly string[]): Generator<string> {
  const at = `limits.models[${JSON.stringify(name)}]`;
  const [provider = "", model] = name.split(/:(.*)/s);
  if (!providers.includes(provider)) yield `${at}: the runtime has no provider "${provider}". ${didYouMean(provider, providers)}`;
  if (model === "") yield `${at} names no model. Write "${provider}" for all of its models`;
  if (!isRecord(of)) {
    yield `${at} is ${shown(of)}, and must be an object`;
    return;
  }
  yield* unknownFields(at, of, [...MODEL_COUNTS, "breaker"]);
  yield* countProblems(at, of, MODEL_COUNTS);
  yield* breakerProblems(`${at}.breaker`, of["breaker"]);
  yield* concurrencyProblems(at, of, model === undefined ? undefined : models[provider], limits);
}

/** A concurrency that another one keeps from ever being reached is not meant. */
function* concurrencyProblems(at: string, of: Fields, ofProvider: unknown, limits: Fields): Generator<string> {
  const { concurrency } = of;
  if (!isCount(concurrency)) return;
  const calls = limits["calls"] ?? DEFAULT_LIMITS.calls;
  if (isCount(calls) && concurrency > calls)
    yield `${at}.concurrency is ${concurrency}, and limits.calls lets only ${calls} calls run at once`;
  if (!at.includes(":")) return;
  const given = isRecord(ofProvider) ? ofProvider["concurrency"] : undefined;
  const own = given ?? limits["perResource"] ?? DEFAULT_LIMITS.perResource;
  const where = given === undefined ? "limits.perResource" : "the concurrency of its provider";
  if (isCount(own) && concurrency > own) yield `${at}.concurrency is ${concurrency}, and ${where} lets only ${own} of them run at once`;
}

function* breakerProblems(at: string, breaker: unknown): Generator<string> {
  if (breaker === undefined || breaker === false) return;
  if (!isRecord(breaker)) {
    yield `${at} is ${shown(breaker)}, and must be false or an object such as { faults: 5, pause: "30s" }`;
    return;
  }
  yield* unknownFields(at, breaker, ["faults", "pause"]);
  yield* countProblems(at, breaker, ["faults"]);
  const { pause } = breaker;
  if (pause !== undefined && !((toMilliseconds(pause as Duration) ?? 0) > 0))
    yield `${at}.pause is ${shown(pause)}, and must be a duration such as "30s"`;
}

function* unknownFields(at: string, fields: Fields, known: readonly string[]): Generator<string> {
  for (const name of Object.keys(fields)) if (!known.includes(name)) yield `${at} has no "${name}". ${didYouMean(name, known)}`;
}

function* countProblems(at: string, fields: Fields, names: readonly string[]): Generator<string> {
  for (const name of names) {
    const value = fields[name];
    if (value !== undefined && !isCount(value)) yield `${at}.${name} is ${shown(value)}, and must be a whole number from 1 on`;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? typeof value);
}
