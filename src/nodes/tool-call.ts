// One call of a function that a model asked for, as a node: recorded before it is made, checked on both sides, cut to size, and never silently repeated.

import { atOnce } from "../graph/at-once.ts";
import type { Node, Needs } from "../graph/node.ts";
import type { ToolContext, ToolFunction } from "../graph/tool.ts";
import { ValueError } from "../graph/value-error.ts";
import type { CallContext, NeedValues } from "../graph/work.ts";
import { failureOf } from "../errors.ts";
import { toJson, type JsonValue } from "../json.ts";
import { check, describeIssues, type Schema } from "../schema.ts";
import { authorContext, codeOf, retryPolicy, RUNS_NO_CODE, schemaDetail, type Builder } from "./kind.ts";

/** A function with the name that models know it by. */
export interface NamedFunction {
  readonly name: string;
  readonly work: ToolFunction;
}

/** What a call with `reports` gives: a crash may have cut it off, and then somebody else decides. */
export type Reported = { readonly status: "known"; readonly result: JsonValue } | { readonly status: "uncertain" };

/** Declares the call. Its needs are `input`, `which` (the key of the call), what the tool is given, and `approval` where a person was asked. */
export function declareToolCall(builder: Builder, name: string, tool: NamedFunction, needs: Needs, reports: boolean): Node<unknown> {
  const { work } = tool;
  return builder.declare({
    kind: "tool",
    name,
    needs,
    options: {},
    behaviour: {
      work: {
        type: "call",
        outside: true,
        recordsFirst: true,
        resource: () => `tool:${tool.name}`,
        // Whether it happened must be known, unless it may happen twice.
        ...(work.repeatable ? {} : { patient: true as const }),
        run: (values, context) => callTool(tool, reports, values, context),
      },
      detail: {
        tool: tool.name,
        run: codeOf(work.run),
        input: schemaDetail(work.input),
        output: work.output === undefined ? null : schemaDetail(work.output),
        reports,
      },
      tool: tool.name,
      picture: { shape: "world", lines: [work.repeatable ? "may be repeated" : `when uncertain: ${work.onUncertain}`] },
      always: false,
      onChange: work.repeatable ? "again" : "keep",
      timeoutMs: work.timeoutMs,
      retry: retryPolicy(work.retry),
      check: () => [],
    },
  });
}

/** Declares a node that only fails: a call that is not made. */
export function declareRefusal(
  builder: Builder,
  name: string,
  needs: Needs,
  refusal: { readonly code: string; readonly message: string },
): Node<unknown> {
  return declarePure(builder, name, needs, { refuses: refusal.code }, (values) => {
    throw refused(refusal.code, refusal.message, values["decision"]);
  });
}

/** Declares a node that asks an author's function for one of two words, by which a branch goes on. */
export function declareQuestion(
  builder: Builder,
  name: string,
  needs: Needs,
  when: (input: never) => boolean,
  of: string | undefined,
): Node<unknown> {
  return declarePure(builder, name, needs, { when: codeOf(when) }, (values) => {
    // The tool's types say what it looks at: what its schema gives, or a contract's inputs.
    const asked = atOnce("approve.when", (when as (input: unknown) => unknown)(of === undefined ? values : values[of]));
    if (typeof asked === "boolean") return asked ? "ask" : "go";
    throw new ValueError("not_a_boolean", `approve.when gave ${typeof asked}, and must give true or false`, {
      fix: "Compare explicitly: `amount > 100`.",
    });
  });
}

function declarePure(
  builder: Builder,
  name: string,
  needs: Needs,
  detail: Readonly<Record<string, JsonValue>>,
  run: (values: NeedValues) => unknown,
): Node<unknown> {
  return builder.declare({
    kind: "tool",
    name,
    needs,
    options: {},
    behaviour: {
      work: { type: "call", outside: false, run },
      detail,
      picture: { shape: "check", lines: [] },
      ...RUNS_NO_CODE,
      check: () => [],
    },
  });
}

async function callTool({ name, work }: NamedFunction, reports: boolean, values: NeedValues, context: CallContext): Promise<unknown> {
  const { input, which, approval, ...rest } = values;
  const call = String(which);
  if (memberOf(approval, "decision") === "reject") throw refused("tool_rejected", `a person refused the call of "${name}"`, approval);
  const fit = await fitting(name, "input", work.input, input);
  const given = await givenTo(name, work.given, rest);

  // Who was asked before and said that it shall be made again is not asked once more.
  const decided = reports || work.onUncertain !== "ask" ? work.onUncertain : "fail";
  if (wasCut(context) && !work.repeatable) {
    await context.record({ type: "tool.uncertain", tool: name, call, decided });
    if (decided === "fail") throw uncertain(name, "a crash cut the call off");
    if (decided === "ask") return { status: "uncertain" } satisfies Reported;
  }
  // R3: that the call is made is durable before it is made.
  const version = work.version === undefined ? {} : { version: work.version };
  await context.record({ type: "tool.called", tool: name, call, attempt: context.attempt, ...version });
  const startedAt = context.models.now();
  const told = { type: "tool.returned" as const, tool: name, call };
  try {
    const run = work.run as (input: unknown, context: ToolContext<unknown>) => unknown;
    const result = await resultOf(name, work, await run(fit, toolContext(context, call, given)));
    context.note({ ...told, durationMs: context.models.now() - startedAt, ...result.size });
    return reports ? ({ status: "known", result: result.value } satisfies Reported) : result.value;
  } catch (error) {
    const { code, message } = failureOf(error);
    const isUncertain = code === "tool_uncertain" && !work.repeatable;
    if (isUncertain) await context.record({ type: "tool.uncertain", tool: name, call, decided });
    context.note({ ...told, durationMs: context.models.now() - startedAt, characters: 0, error: code });
    if (isUncertain && decided === "ask") return { status: "uncertain" } satisfies Reported;
    if (isUncertain && decided === "fail") throw uncertain(name, message);
    throw error;
  }
}

/** True when the last call of this node has no end on record. */
function wasCut({ journal }: CallContext): boolean {
  const last = journal.findLast(({ type }) => type.startsWith("tool."));
  return last !== undefined && last.type !== "tool.returned";
}

/** What the author's function is given besides the input. Its key is the same wherever in the tool's part the call is made. */
function toolContext(context: CallContext, call: string, given: object): ToolContext<unknown> {
  const place = context.path.slice(0, context.path.lastIndexOf(`[${call}]`) + call.length + 2);
  const { renewal } = context;
  const idempotencyKey = `${context.runId}:${place}${renewal === 1 ? "" : `#${renewal}`}`;
  // The same context in everything but the key.
  const keyed = Object.create(context, { idempotencyKey: { value: idempotencyKey, enumerable: true } }) as CallContext;
  const { trace, connection } = context;
  return Object.assign(authorContext(keyed), { given, trace, connection });
}

async function givenTo(tool: string, schemas: Readonly<Record<string, Schema>>, values: NeedValues): Promise<object> {
  const given: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(schemas)) given[name] = await fitting(tool, name, schema, values[name]);
  return given;
}

async function fitting(tool: string, what: string, schema: Schema, value: unknown): Promise<unknown> {
  const checked = await check(schema, value);
  if (checked.ok) return checked.value;
  throw new ValueError(
    "tool_input_invalid",
    `${what === "input" ? "the input" : `what "${tool}" is given as ${what}`} does not fit: ${describeIssues(checked.issues)}`,
    {
      fix: "Call it again with what its schema asks for.",
    },
  );
}

interface Result {
  readonly value: JsonValue;
  readonly size: { readonly characters: number; readonly cut?: number };
}

async function resultOf(name: string, { output, resultLimit }: ToolFunction, result: unknown): Promise<Result> {
  const checked = output === undefined ? ({ ok: true, value: result } as const) : await check(output, result);
  if (!checked.ok)
    throw new ValueError("tool_output_invalid", `what "${name}" gave does not fit its output schema: ${describeIssues(checked.issues)}`);
  const json = toJson(checked.value ?? null);
  if (!json.ok)
    throw new ValueError("not_json", `what "${name}" gave at ${json.problem.at} ${json.problem.message}`, {
      fix: "Give JSON: texts, numbers, lists, objects.",
    });
  const text = typeof json.value === "string" ? json.value : JSON.stringify(json.value);
  if (text.length <= resultLimit) return { value: json.value, size: { characters: text.length } };
  return {
    value: `${text.slice(0, resultLimit)}\n[cut: the result has ${text.length} characters, and ${resultLimit} are the limit]`,
    size: { characters: resultLimit, cut: text.length },
  };
}

function uncertain(name: string, why: string): ValueError {
  return new ValueError("tool_uncertain", `"${name}" was called and ${why}: nobody knows whether it took effect`, {
    fix: "Find out whether it happened; `kindling retry` calls it again with the same idempotency key. Declare repeatable or onUncertain to decide it beforehand.",
  });
}

function refused(code: string, message: string, decision: unknown): ValueError {
  const reason = memberOf(decision, "reason");
  return new ValueError(code, typeof reason === "string" ? `${message}: ${reason}` : message);
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}
