// Handles at run time: frozen objects that are known by identity and refuse to be read as values.

import { DefinitionError } from "./finding.ts";
import { DEPTH_LIMIT } from "../json.ts";
import type { Node } from "./node.ts";

const handles = new WeakSet<object>();
const misuses = new WeakSet<object>();

/**
 * A new handle, with what its kind puts on it. Printing it, comparing it by size or turning it into JSON throws, since a node has no value while a contract
 * is defined.
 */
export function makeHandle(kind: string, name: string, members: object = {}): Node<unknown> {
  const misuse = { enumerable: false, value: () => refuse(name) };
  const handle = Object.freeze(
    Object.defineProperties({ ...members, kind, name }, { [Symbol.toPrimitive]: misuse, toString: misuse, toJSON: misuse }),
  );
  handles.add(handle);
  // The value exists in the types only: nothing at run time could stand for it.
  return handle as Node<unknown>;
}

/** True for what `g` and `define` gave to an author. */
export function isHandle(value: unknown): value is Node<unknown> {
  return typeof value === "object" && value !== null && handles.has(value);
}

/** True for the error of a handle that was read as a value: the graph under definition tells it as a finding of its own. */
export function isMisuse(error: unknown): error is DefinitionError {
  return error instanceof DefinitionError && misuses.has(error);
}

/** The first handle inside a literal: its name and its place (`.list[0]`), or undefined. */
export function handleInside(
  value: unknown,
  at = "",
  seen = new Set<object>(),
  depth = 0,
): { readonly name: string; readonly at: string } | undefined {
  // What is nested deeper is no literal, which is told by its own finding.
  if (typeof value !== "object" || value === null || depth > DEPTH_LIMIT || seen.has(value)) return undefined;
  if (isHandle(value)) return { name: value.name, at };
  seen.add(value);
  for (const [key, member] of Object.entries(value)) {
    const found = handleInside(member, Array.isArray(value) ? `${at}[${key}]` : `${at}.${key}`, seen, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function refuse(name: string): never {
  const error = new DefinitionError(name, [
    {
      code: "handle_as_value",
      severity: "error",
      contract: name,
      node: name,
      message: `the handle "${name}" was used as a value`,
      hint: "A node has no value while the contract is defined. Read it in a callback: needs: { … }, run: ({ … }) => ….",
    },
  ]);
  misuses.add(error);
  throw error;
}
