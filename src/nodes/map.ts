// A pure function of one value: the short form of a computation with one need.

import { toMilliseconds } from "../graph/duration.ts";
import type { MaybePromise, Node } from "../graph/node.ts";
import { readCode } from "./code.ts";
import { checkCallOptions, retryPolicy, type AuthorContext, type CallOptions, type NodeKind } from "./kind.ts";

export interface MapMethods {
  /** Derives a value from one other: `run` is a function of it, or an executor without capabilities that takes it as it is. */
  map<T, R>(name: string, from: Node<T>, run: (value: T, context: AuthorContext) => MaybePromise<R>, options?: CallOptions): Node<R>;
}

const FROM = "from";

export const map: NodeKind<MapMethods> = {
  kind: "map",
  methods: ({ declare }) => ({
    map: (name, from, run, options = {}) => {
      const code = readCode(run, { option: "run", outside: false });
      return declare({
        kind: "map",
        name,
        needs: { [FROM]: from },
        options,
        behaviour: {
          work: { type: "call", outside: false, run: (needs, context) => code.call(needs[FROM], context) },
          detail: code.detail,
          picture: { shape: "box", lines: code.lines },
          always: false,
          onChange: "again",
          timeoutMs: options.timeout === undefined ? undefined : toMilliseconds(options.timeout),
          retry: retryPolicy(options.retry),
          check: () => [...checkCallOptions(options), ...code.findings],
          ...code.named,
        },
      });
    },
  }),
};
