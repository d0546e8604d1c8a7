// Groups nodes: a beginning of their names, and a box in the picture. It is no node and changes nothing in a run.

import type { GraphBuilder } from "./index.ts";
import type { NodeKind } from "./kind.ts";

export interface ScopeMethods {
  /** Declares nodes whose names begin with `<name>.`, and gives what `define` gives. Scopes may stand in scopes. */
  scope<R>(name: string, define: (g: GraphBuilder) => R): R;
}

export const scope: NodeKind<ScopeMethods> = {
  kind: "scope",
  methods: ({ within }) => ({ scope: within }),
};
