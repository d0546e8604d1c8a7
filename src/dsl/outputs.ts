// Reads what a definition returned: one handle, or a record of them.

import type { NodeFinding, Outputs } from "../graph/graph.ts";
import { isHandle } from "../graph/handle.ts";
import { describe, foreign, ownName, type Owner } from "./ownership.ts";

/** What reading needs to know of the graph. */
export interface OutputContext {
  readonly owner: Owner;
  /** Who gives: `define`, or `the child`. */
  readonly giver: string;
  readonly known: ReadonlySet<string>;
  readonly report: (finding: NodeFinding) => void;
}

const NONE: Outputs = Object.freeze({ type: "record", nodes: Object.freeze({}) });
const HINT = "Return a handle, or a record of handles: what the contract gives.";

/** The outputs of a graph; what cannot be one is reported and left out. */
export function readOutputs(given: unknown, { owner, giver, known, report }: OutputContext): Outputs {
  const error = (code: NodeFinding["code"], message: string, hint: string) => report({ code, severity: "error", message, hint });
  if (isHandle(given)) {
    const node = ownName(owner, given);
    if (node !== undefined) return Object.freeze({ type: "one", node });
    report(foreign(owner, "gives", given, known));
    return NONE;
  }
  if (given instanceof Promise) {
    // It may be rejected later, when nobody listens any more.
    given.catch(() => undefined);
    error("define_async", `${giver} is async`, "Nodes are declared at once; leave async out, and await inside callbacks such as run.");
    return NONE;
  }
  if (given === undefined || given === null || (typeof given === "object" && Object.keys(given).length === 0)) {
    error("no_outputs", `${giver} gives nothing`, HINT);
    return NONE;
  }
  if (typeof given !== "object") {
    error("bad_output", `${giver} gives ${describe(given)}`, HINT);
    return NONE;
  }
  const nodes: [string, string][] = [];
  for (const [name, value] of Object.entries<unknown>({ ...given })) {
    const node = ownName(owner, value);
    if (name === "__proto__")
      error("bad_name", 'the output "__proto__" has a name that no object of values can have', "Give it another name.");
    else if (node !== undefined) nodes.push([name, node]);
    else if (isHandle(value)) report(foreign(owner, `the output "${name}" is`, value, known));
    else error("bad_output", `the output "${name}" is no node, but ${describe(value)}`, "Outputs are handles; wrap a literal in g.const.");
  }
  return Object.freeze({ type: "record", nodes: Object.freeze(Object.fromEntries(nodes)) });
}
