// The outputs of a composed child as handles: each is a node below the child's, declared when it is first read. Knows no values.

import type { NodeFinding, Outputs } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { Node } from "../graph/node.ts";

/** The outputs of a child, and what was wrong about reading them. */
export interface ChildOutputs {
  /** A handle for each output. Frozen; refuses to be used as a value, like a handle. */
  readonly output: object;
  /** A finding for each name that was read and is no output. */
  readonly check: () => readonly NodeFinding[];
  /** The outputs that were read, which are nodes now. */
  readonly made: () => readonly string[];
}

/** How the outputs come to be: `node` is the child's own handle, `make` declares the node of one output. */
export interface OutputNodes {
  readonly node: () => Node<unknown>;
  readonly make: (output: string) => Node<unknown>;
}

/** Makes the outputs of a child with these names. */
export function childOutputs(outputs: Outputs, { node, make }: OutputNodes): ChildOutputs {
  const names = outputs.type === "one" ? [] : Object.keys(outputs.nodes);
  const unknown = new Set<string>();
  const made = new Map<string, Node<unknown>>();
  const handleOf = (name: string): Node<unknown> => {
    const handle = made.get(name) ?? make(name);
    made.set(name, handle);
    return handle;
  };
  const getters = names.map((name) => [name, { enumerable: true, get: () => handleOf(name) }] as const);
  const known: object = Object.freeze(Object.defineProperties({}, Object.fromEntries(getters)));
  const output = new Proxy(known, {
    get: (target, name) => {
      if (Object.hasOwn(target, name)) return handleOf(String(name));
      // As text, as a number or as JSON it is used as a value: the handle tells that.
      if (name === Symbol.toPrimitive || name === "toJSON") return () => JSON.stringify(node());
      // Whatever is awaited is asked for `then`.
      if (typeof name === "symbol" || name === "then") return undefined;
      unknown.add(name);
      // The child's own handle, so that one mistake is told once.
      return node();
    },
  });
  return { output, check: () => [...unknown].map((name) => noOutput(name, names, outputs)), made: () => [...made.keys()] };
}

function noOutput(name: string, names: readonly string[], { type }: Outputs): NodeFinding {
  const hint = type === "one" ? `Take a part of the value with g.project("${name}", …, "${name}").` : didYouMean(name, names);
  const what = type === "one" ? "the child gives one value, which has no name" : "the child has no such output";
  return { code: "bad_output", severity: "error", message: `output.${name} is read, and ${what}`, hint };
}
