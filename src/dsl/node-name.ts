// Names of nodes: what one may look like, and that each is used once.

import type { NodeFinding } from "../graph/graph.ts";

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** What is wrong with a name as its author wrote it. */
export function nameProblem(name: unknown): NodeFinding | undefined {
  if (typeof name === "string" && NAME.test(name)) return undefined;
  return {
    code: "bad_name",
    severity: "error",
    message: `${typeof name === "string" ? `"${name}"` : String(name)} is no name for a node`,
    hint: "A name starts with a letter and has up to 64 letters, digits, _ and -.",
  };
}

/** What is wrong with a name that is used already. */
export function taken(name: string, names: ReadonlySet<string>, scopes: ReadonlySet<string>): NodeFinding | undefined {
  if (!names.has(name) && !scopes.has(name)) return undefined;
  return {
    code: "duplicate_node",
    severity: "error",
    message: names.has(name) ? `there are two nodes "${name}"` : `"${name}" is a scope already`,
    hint: "Names are durable and must be unique in their graph.",
  };
}

/** A name with what it belongs to before it. */
export function dotted(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(".");
}
