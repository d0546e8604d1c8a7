// To which graph a handle belongs, and what to say about one that is used in another.

import type { NodeFinding } from "../graph/graph.ts";
import { isHandle } from "../graph/handle.ts";
import type { Node } from "../graph/node.ts";

/** A graph under definition, as its handles know it. */
export interface Owner {
  readonly graph: string;
  /** For a child written in place: the graph around it, and the node it belongs to. */
  readonly outer: { readonly owner: Owner; readonly node: string } | undefined;
}

const owners = new WeakMap<object, Owner>();

/** Gives a handle to its graph. */
export function own(owner: Owner, handle: Node<unknown>): void {
  owners.set(handle, owner);
}

/** The node's name when the value is a handle of this very graph. */
export function ownName(owner: Owner, value: unknown): string | undefined {
  return isHandle(value) && owners.get(value) === owner ? value.name : undefined;
}

/** The finding about a value that is no handle of this graph; `subject` is what it was given as: `the need "draft" is`. `known` are the graph's own names. */
export function foreign(owner: Owner, subject: string, value: unknown, known: ReadonlySet<string>): NodeFinding {
  if (!isHandle(value))
    return {
      code: "foreign_handle",
      severity: "error",
      message: `${subject} no node, but ${describe(value)}`,
      hint: "Give a handle: what g gave for a node, or define for an input.",
    };
  const { name } = value;
  const home = owners.get(value);
  const around = nodeAround(owner, home);
  if (around === undefined) {
    const where = home === undefined ? "another contract" : `the contract "${home.graph}"`;
    return {
      code: "foreign_handle",
      severity: "error",
      message: `${subject} the node "${name}" of ${where}`,
      hint: "A handle is good in its own definition only. Run the other contract as a child with g.compose, and read its outputs.",
    };
  }
  const hint = known.has(name)
    ? `The child has its own handle "${name}": take it from the second parameter of the child.`
    : `Pass it in: add "${name}" to the needs (or with) of "${around}", and take it from the second parameter of the child.`;
  return { code: "foreign_handle", severity: "error", message: `${subject} the node "${name}" of the graph around this child`, hint };
}

/** What a value is, for messages: `a string`, `undefined`, `a list`. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** The node by which `inner` hangs in `home` or in a child of it; undefined when `home` is not around it. */
function nodeAround(inner: Owner, home: Owner | undefined): string | undefined {
  for (let { outer } = inner; outer !== undefined; { outer } = outer.owner) if (outer.owner === home) return outer.node;
  return undefined;
}
