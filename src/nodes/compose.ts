// Runs one child: a contract used inside another, or a group of nodes that is one thing.

import type { Needs, Node } from "../graph/node.ts";
import { onlyValue, type Case } from "./branch.ts";
import type { ChildValue, CommonOptions, NodeKind } from "./kind.ts";

export interface ComposeOptions<N extends Needs, R> extends CommonOptions {
  readonly needs: N;
  readonly child: Case<N, R>;
}

export interface ComposeMethods {
  /** Runs a child with the needs as its inputs; its outputs are the node's value. */
  compose<N extends Needs, R>(name: string, options: ComposeOptions<N, R>): Node<ChildValue<R>>;
}

const PART = "child";

export const compose: NodeKind<ComposeMethods> = {
  kind: "compose",
  methods: ({ declare, child }) => ({
    compose: (name, options) =>
      declare({
        kind: "compose",
        name,
        needs: options.needs,
        options,
        behaviour: {
          work: {
            type: "children",
            parts: { [PART]: child(name, PART, options.child, Object.keys(options.needs)) },
            list: () => ({ part: PART, keys: [""] }),
            inputs: (needs) => needs,
            correlation: () => ({}),
            concurrency: 1,
            failFast: true,
            outcome: onlyValue,
          },
          detail: {},
          picture: { shape: "part", lines: [] },
          always: false,
          timeoutMs: undefined,
          retry: { attempts: 1, baseMs: 0, maxMs: 0 },
          check: () => [],
        },
      }),
  }),
};
