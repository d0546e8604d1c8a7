// What a node takes besides code: each value is a node that gives it, a function of the needs, or written down. Knows no kind.

import { atOnce } from "../graph/at-once.ts";
import type { NodeFinding } from "../graph/graph.ts";
import { isHandle } from "../graph/handle.ts";
import type { Needs, Node, Values } from "../graph/node.ts";
import type { NeedValues } from "../graph/work.ts";
import { type JsonObject, type JsonValue, toJson } from "../json.ts";
import { answerOf } from "./callback.ts";
import { badOption, codeOf, untyped } from "./kind.ts";

/** A value that a node takes: from another node, or from a function of its needs. */
export type Operand<N extends Needs, T> = Node<T> | ((needs: Values<N>) => T);

/** The operands of one node. */
export interface Operands {
  /** The node's needs, with the nodes among the operands under the operands' names. */
  readonly needs: Needs;
  /** What enters the fingerprint: code as its text, what is written down as it is, a node as `true`. */
  readonly detail: JsonObject;
  readonly findings: readonly NodeFinding[];
  /** The value of an operand; undefined for one that was left out. */
  readonly valueOf: (operand: string, values: NeedValues) => unknown;
}

/** Reads operands by their names. `needed` are those that must be there. */
export function readOperands(needs: Needs | undefined, given: Readonly<Record<string, unknown>>, needed: readonly string[]): Operands {
  const own = needs ?? {};
  const there = Object.entries(given).filter(([, operand]) => operand !== undefined);
  const nodes = there.flatMap(([name, operand]) => (isHandle(operand) ? [[name, operand] as const] : []));
  return {
    needs: { ...own, ...Object.fromEntries(nodes) },
    detail: Object.fromEntries(there.map(([name, operand]) => [name, detailOf(operand)])),
    findings: [
      ...needed.filter((name) => given[name] === undefined).map((name) => missing(name)),
      ...nodes
        .filter(([name]) => Object.hasOwn(own, name))
        .map(([name]) => badOption(`needs has "${name}", which the node itself gives`, "Give it another name.")),
      ...there.filter(([, operand]) => !isFit(operand)).map(([name]) => missing(name)),
    ],
    valueOf: (name, values) => {
      const operand = given[name];
      if (isHandle(operand)) return values[name];
      return isCode(operand)
        ? atOnce(
            name,
            answerOf(name, () => untyped(operand)(values)),
          )
        : operand;
    },
  };
}

function missing(name: string): NodeFinding {
  return badOption(`${name} is missing or nothing that can be a value`, `Give a node, or a function of the needs: ${name}: ({ … }) => ….`);
}

function isFit(operand: unknown): boolean {
  return isHandle(operand) || isCode(operand) || toJson(operand).ok;
}

/** The types of a kind's options say what it is given and gives. */
function isCode(operand: unknown): operand is (values: NeedValues) => unknown {
  return typeof operand === "function";
}

function detailOf(operand: unknown): JsonValue {
  if (isHandle(operand)) return true;
  if (isCode(operand)) return codeOf(operand);
  const json = toJson(operand);
  return json.ok ? json.value : null;
}
