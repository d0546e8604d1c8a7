// How a kind takes code: a function with the node's needs, or an executor whose input they are. Knows no kind.

import { isExecutor, type Executor } from "../graph/executor.ts";
import type { Behaviour, NodeFinding } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { MaybePromise } from "../graph/node.ts";
import type { CallContext } from "../graph/work.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { jsonSchemaOf, outputSchemaOf, type Schema } from "../schema.ts";
import { authorContext, badOption, codeOf, schemaDetail, type AuthorContext } from "./kind.ts";

/** What an author may give as code. An executor is such a function too, and is known by what stands beside it. */
export type Code<In, Out> = (needs: In, context: AuthorContext) => MaybePromise<Out>;

/** Code as a behaviour needs it, whichever form it had. */
export interface ReadCode {
  /** Runs it. `given` is what it takes: the values of the node's needs, or of one of them. */
  readonly call: (given: unknown, context: CallContext) => unknown;
  /** What it adds to the node's fingerprint: its source text under the option's name, or what the executor is. */
  readonly detail: JsonObject;
  /** For the picture: the executor's key. */
  readonly lines: readonly string[];
  /** To be spread into the behaviour: which executor it is, when it is one. */
  readonly named: Pick<Behaviour, "executor" | "gives">;
  readonly findings: readonly NodeFinding[];
}

/** How a kind reads its code. */
export interface CodeUse {
  /** The option it was given as, for messages: `run`. */
  readonly option: string;
  /** True for a kind that may touch the world; others take no executor with capabilities. */
  readonly outside: boolean;
  /** The local names of the needs that are its input; left out when its input is one value. */
  readonly needs?: readonly string[];
}

/** Reads what an author gave as code. */
export function readCode<In, Out>(code: Code<In, Out>, use: CodeUse): ReadCode {
  const { option } = use;
  const given: unknown = code;
  if (typeof given !== "function") {
    const finding = badOption(
      `${option} is neither a function nor an executor`,
      "Give a function of the needs, or what defineExecutor gave.",
    );
    return { call: () => undefined, detail: {}, lines: [], named: {}, findings: [finding] };
  }
  // The builder's types made sure that the code's parameter is what the node's needs hold.
  const call = (values: unknown, context: CallContext) => code(values as In, authorContext(context));
  if (!isExecutor(given)) return { call, detail: { [option]: codeOf(code) }, lines: [], named: {}, findings: [] };
  const { key, version, capabilities, input, output } = given;
  return {
    call,
    detail: { executor: key, version, input: schemaDetail(input), output: schemaDetail(output) },
    lines: [key],
    named: { executor: { key, capabilities }, ...givesOf(output) },
    findings: [...checkCapabilities(given, use), ...checkInput(given, use)],
  };
}

function givesOf(output: Schema): Pick<Behaviour, "gives"> {
  const gives = outputSchemaOf(output);
  return gives === undefined ? {} : { gives };
}

type AnyExecutor = Executor<never, unknown>;

/** Finds an executor that touches the world, given to a kind that does not. */
export function checkCapabilities({ key, capabilities }: AnyExecutor, { option, outside }: CodeUse): NodeFinding[] {
  if (outside || capabilities.length === 0) return [];
  const touched = capabilities.map((each) => `"${each}"`).join(", ");
  return [
    {
      code: "capability_denied",
      severity: "error",
      message: `${option} is the executor "${key}", which has ${touched}, and this kind touches nothing outside`,
      hint: "Use g.lookup to read from outside, or an effect to act on it.",
    },
  ];
}

/** The needs against the executor's input schema, as far as its JSON Schema tells names. */
function checkInput({ key, input }: AnyExecutor, { needs }: CodeUse): NodeFinding[] {
  const schema = jsonSchemaOf(input);
  if (needs === undefined || schema === undefined) return [];
  const { type, properties, required, additionalProperties } = schema;
  if (typeof type === "string" && type !== "object") {
    return [
      {
        code: "executor_input_type",
        severity: "error",
        message: `the executor "${key}" takes a value of type ${type}, and a node gives it its needs, an object`,
        hint: "Make its input an object with a member for each need; g.map hands over one value as it is.",
      },
    ];
  }
  // What is put together from several schemas does not list all its members in one place.
  if (!isJsonObject(properties) || ["$ref", "allOf", "anyOf", "oneOf", "patternProperties"].some((keyword) => keyword in schema)) return [];
  const known = Object.keys(properties);
  const asked = Array.isArray(required) ? required.flatMap((name: JsonValue) => (typeof name === "string" ? [name] : [])) : [];
  const missing = asked.filter((name) => !needs.includes(name));
  const takesOthers = additionalProperties === true || isJsonObject(additionalProperties);
  const unknown = takesOthers ? [] : needs.filter((name) => !known.includes(name));
  return [
    ...missing.map(
      (name): NodeFinding => ({
        code: "executor_input_missing",
        severity: "error",
        message: `the executor "${key}" takes "${name}", and the node has no such need`,
        hint: didYouMean(name, needs),
      }),
    ),
    ...unknown.map(
      (name): NodeFinding => ({
        code: "executor_input_unknown",
        severity: "error",
        message: `the executor "${key}" takes no "${name}"`,
        hint: didYouMean(name, known),
      }),
    ),
  ];
}
