// `contract()`: where a definition becomes frozen data, or one error with everything that is wrong with it.

import { checkGraph } from "../compile/check.ts";
import type { Contract } from "../graph/contract.ts";
import { budgetProblem, type Budget } from "../graph/budget.ts";
import { toMilliseconds, type Duration } from "../graph/duration.ts";
import { DefinitionError, type Finding, type FindingCode } from "../graph/finding.ts";
import type { Failure } from "../errors.ts";
import type { InputDefinition, RunEnd } from "../graph/graph.ts";
import type { Given, MaybePromise, Needs, Node, Simplify } from "../graph/node.ts";
import { markSource } from "../graph/source.ts";
import { toJson } from "../json.ts";
import type { GraphBuilder } from "../nodes/index.ts";
import type { AuthorContext } from "../nodes/kind.ts";
import { check, jsonSchemaOf, type InferOutput, type Schema } from "../schema.ts";
import { declareGuards, type ContractGuards } from "./contract-guards.ts";
import { exitsOf } from "./contract-ends.ts";
import { ANYTHING, buildGraph } from "./graph-builder.ts";
import { checkMigrations, migrationsOf, type MigrationOptions } from "./migration.ts";
import { checkSchedule, scheduleOf, type ScheduleOptions } from "./schedule.ts";
import { checkStart, startRuleOf, type StartOptions } from "./start.ts";

/** Inputs by name; each is a Standard Schema, whose description and default are used. */
export type InputSchemas = Readonly<Record<string, Schema>>;

/** The type of the inputs as callbacks see them. */
export type InputValues<S extends InputSchemas> = Simplify<{ readonly [K in keyof S]: InferOutput<S[K]> }>;

/** The type of the inputs as callers give them: those with a default may be left out. */
export type InputArguments<S extends InputSchemas> = Simplify<
  { readonly [K in keyof S as undefined extends InferInput<S[K]> ? never : K]: InferInput<S[K]> } & {
    readonly [K in keyof S as undefined extends InferInput<S[K]> ? K : never]?: InferInput<S[K]>;
  }
>;

type InferInput<S extends Schema> = NonNullable<S["~standard"]["types"]>["input"];

/** The handles of the inputs. */
export type InputHandles<S extends InputSchemas> = { readonly [K in keyof S]: Node<InferOutput<S[K]>> } & {};

/** What a contract is made of. */
export interface ContractOptions<S extends InputSchemas, R extends Node<unknown> | Needs, E = unknown> {
  /** Changes when the meaning changes; recorded with every run. Default `"1"`. */
  readonly version?: string;
  readonly description?: string;
  readonly inputs: S;
  /** The inputs by which events find a run. */
  readonly correlate?: readonly (keyof S & string)[];
  /** Keeps events that come before their run, and offers them to the run that starts; without it they are refused. */
  readonly early?: { readonly keepFor: Duration };
  /** What a run of it may spend on models, its children included; as a child of another contract it keeps its own beside that of the run around it. */
  readonly budget?: Budget;
  /** How agents see it over MCP. */
  readonly mcp?: { readonly expose?: boolean };
  /** Checks of the inputs, by name: nothing else of a run begins before all of them hold. */
  readonly guards?: ContractGuards<S>;
  /** Starts a run for each event of a history, while a process writes the ledger: once, in their order, also for events that came while none did. */
  readonly start?: StartOptions<S, E>;
  /** Starts runs by itself, while a process writes the ledger. Times are kept over restarts, and each starts one run. */
  readonly schedule?: ScheduleOptions<S>;
  /**
   * Called once when a run of this contract succeeds, also if the process ends in between; tried 5 times. Not for runs that are parts of others. Stands after `define`,
   * whose outputs it is given.
   */
  readonly onSuccess?: (outputs: Given<NoInfer<R>>, context: AuthorContext) => MaybePromise<unknown>;
  /** The same when it fails. */
  readonly onFailure?: (error: Failure, context: AuthorContext) => MaybePromise<unknown>;
  /** The same when it ends, however that is. */
  readonly onExit?: (end: { readonly status: RunEnd["status"]; readonly error?: Failure }, context: AuthorContext) => MaybePromise<unknown>;
  /** What runs of older versions are, seen from this one. */
  readonly migrate?: MigrationOptions | readonly MigrationOptions[];
  /** Declares the nodes; runs once, now. What it returns is what the contract gives. */
  readonly define: (g: GraphBuilder, inputs: InputHandles<S>) => R;
}

const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** True for what can name a contract. */
export function isContractName(name: unknown): boolean {
  return typeof name === "string" && NAME.test(name);
}

/**
 * Defines a contract.
 * @param name lower case letters, digits and dashes; durable, since it stands in every run's record
 * @throws DefinitionError with every finding: unknown names, bad options, missing inputs of children, prompt variables without a need
 */
export function contract<const S extends InputSchemas, R extends Node<unknown> | Needs, E = unknown>(
  name: string,
  options: ContractOptions<S, R, E>,
): Contract<InputArguments<S>, Given<R>> {
  const isName = isContractName(name);
  return define(isName ? name : String(name), isName, options);
}

function define<const S extends InputSchemas, R extends Node<unknown> | Needs, E>(
  name: string,
  isName: boolean,
  options: ContractOptions<S, R, E>,
): Contract<InputArguments<S>, Given<R>> {
  const findings: Finding[] = [];
  const version = options.version ?? "1";
  const heading = {
    name,
    version,
    description: options.description,
    correlate: Object.freeze([...(options.correlate ?? [])]),
    early: options.early === undefined ? undefined : { keepForMs: toMilliseconds(options.early.keepFor) ?? 0 },
    budget: options.budget === undefined ? undefined : Object.freeze({ ...options.budget }),
    mcp: { expose: options.mcp?.expose ?? false },
    schedule: scheduleOf(options.schedule),
    start: startRuleOf(options.start),
    exits: exitsOf(options),
    migrations: migrationsOf(options.migrate),
    inline: false,
  };
  const inputs = Object.entries(options.inputs).map(([input, schema]) => inputDefinition(name, input, schema, findings));
  // Built from `options.inputs`, so the handles have just the names and types that `define` expects.
  const declare = (g: GraphBuilder, handles: Needs) => {
    declareGuards(g, handles, options.guards ?? {});
    return options.define(g, handles as InputHandles<S>);
  };
  const graph = buildGraph(heading, inputs, declare, { findings, first: Object.keys(options.guards ?? {}) });
  if (!isName) {
    findings.unshift({
      code: "bad_name",
      severity: "error",
      contract: name,
      message: `"${name}" is no name for a contract`,
      hint: "Lower case letters, digits and dashes, up to 64, starting with a letter.",
    });
  }
  if (options.early !== undefined && toMilliseconds(options.early.keepFor) === undefined) {
    findings.push({
      code: "bad_option",
      severity: "error",
      contract: name,
      message: `early.keepFor is ${JSON.stringify(options.early.keepFor)}`,
      hint: 'Give milliseconds, or a number with ms, s, m, h, d or w, such as "10m".',
    });
  }
  const badBudget = options.budget === undefined ? undefined : budgetProblem(options.budget);
  if (badBudget !== undefined)
    findings.push({ code: "bad_option", severity: "error", contract: name, message: badBudget.message, hint: badBudget.fix });
  findings.push(...checkSchedule(name, options.schedule), ...checkStart(name, options.start, options.inputs));
  findings.push(...checkMigrations(name, options.migrate, graph));
  findings.push(...checkGraph(graph).filter(({ severity }) => severity === "error"));
  if (findings.length > 0) throw new DefinitionError(name, findings);
  return Object.freeze({ name, version, graph });
}

function inputDefinition(contract: string, name: string, schema: Schema, findings: Finding[]): InputDefinition {
  const report = (code: FindingCode, message: string, hint: string) => {
    const source = markSource().locate();
    findings.push({ code, severity: "error", contract, node: name, message, hint, ...(source === undefined ? {} : { source }) });
  };
  if (!isSchema(schema)) {
    report(
      "bad_schema",
      "the input's schema is no Standard Schema",
      "Give a schema of a library that speaks Standard Schema, such as zod: z.string().",
    );
    return { name, schema: ANYTHING, hasDefault: true };
  }
  const fallback = defaultOf(schema);
  if (fallback.problem !== undefined) report("default_invalid", `the default ${fallback.problem}`, "Inputs are recorded as JSON.");
  const description = jsonSchemaOf(schema)?.["description"];
  return { name, schema, hasDefault: fallback.exists, ...(typeof description === "string" ? { description } : {}) };
}

function isSchema(schema: unknown): schema is Schema {
  const isSomething = (typeof schema === "object" && schema !== null) || typeof schema === "function";
  if (!isSomething || !("~standard" in schema)) return false;
  const standard = schema["~standard"];
  return typeof standard === "object" && standard !== null && "validate" in standard && typeof standard.validate === "function";
}

/** Whether an input may be left out: when its schema accepts nothing. One that validates asynchronously must be given. */
function defaultOf(schema: Schema): { readonly exists: boolean; readonly problem: string | undefined } {
  const checked = validateNothing(schema);
  if (checked === undefined || checked instanceof Promise || !checked.ok) return { exists: false, problem: undefined };
  const json = checked.value === undefined ? undefined : toJson(checked.value);
  return {
    exists: true,
    problem: json === undefined || json.ok ? undefined : `${json.problem.at.slice(1)} ${json.problem.message}`.trim(),
  };
}

function validateNothing(schema: Schema): ReturnType<typeof check> | undefined {
  try {
    const checked = check(schema, undefined);
    if (checked instanceof Promise) checked.catch(() => undefined);
    return checked;
  } catch {
    // A schema that throws at nothing does not accept it.
    return undefined;
  }
}
