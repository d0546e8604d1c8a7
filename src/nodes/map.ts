// A pure function of one value: the short form of a computation with one need.

import { toMilliseconds } from "../graph/duration.ts";
import type { MaybePromise, Node } from "../graph/node.ts";
import { readCode } from "./code.ts";
import { CALL_FORMS, EXECUTOR, type KindForm } from "./form.ts";
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
          declared: () => ({ ...options, from, run }),
        },
      });
    },
  }),
};

type MapDeclared = CallOptions & { readonly from: Node<unknown>; readonly run: (value: unknown, context: AuthorContext) => unknown };

export const mapForm: KindForm = {
  about: "Derives a value from one other, which the executor takes as it is.",
  options: { from: { type: "node" }, run: EXECUTOR, ...CALL_FORMS },
  declare: (g, name, { from, run, ...options }: MapDeclared) => g.map(name, from, run, options),
};
