// Runs one child: a contract used inside another, or a group of nodes that is one thing.

import type { AnyContract } from "../graph/contract.ts";
import type { Needs, Node } from "../graph/node.ts";
import { reviveCollections } from "./collection-result.ts";
import { onlyValue } from "./branch.ts";
import type { GraphBuilder } from "./index.ts";
import { checkChildInputs, type ChildValue, type InputsOf } from "./child.ts";
import { type CommonOptions, type NodeKind, RUNS_NO_CODE } from "./kind.ts";

/** The needs, which must be the inputs of a contract. */
type NeedsFor<In, N> = In extends undefined ? N : { readonly [P in keyof In]: Node<In[P]> };

export interface ComposeOptions<N extends Needs, C extends Composed<N>> extends CommonOptions {
  readonly needs: NeedsFor<InputsOf<C>, N>;
  readonly child: C;
}

/** What runs: an inline definition, or a contract, whose inputs the needs are then measured by. */
export type Composed<N extends Needs> = ((g: GraphBuilder, needs: N) => Node<unknown> | Needs) | AnyContract;

export interface ComposeMethods {
  /** Runs a child with the needs as its inputs; its outputs are the node's value. */
  compose<N extends Needs, C extends Composed<N>>(name: string, options: ComposeOptions<N, C>): Node<ChildValue<C>>;
}

const PART = "child";

export const compose: NodeKind<ComposeMethods> = {
  kind: "compose",
  methods: ({ declare, child }) => ({
    compose: (name, options) => {
      const given = Object.keys(options.needs);
      const graph = child(name, PART, options.child, given);
      return declare({
        kind: "compose",
        name,
        needs: options.needs,
        options,
        behaviour: {
          work: {
            type: "children",
            parts: { [PART]: graph },
            list: () => ({ part: PART, keys: [""] }),
            inputs: (needs) => needs,
            correlation: () => ({}),
            concurrency: 1,
            failFast: true,
            outcome: onlyValue,
          },
          detail: {},
          picture: { shape: "part", lines: [] },
          ...RUNS_NO_CODE,
          check: () => checkChildInputs(PART, graph, given, { exact: true }),
          revive: reviveCollections,
        },
      });
    },
  }),
};
