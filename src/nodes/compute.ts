// A pure function of its needs, sync or async. It may run again after a crash, so it must not act on the world.

import { toMilliseconds } from "../graph/duration.ts";
import type { MaybePromise, Needs, Node, Values } from "../graph/node.ts";
import { readCode } from "./code.ts";
import { CALL_FORMS, REUSE_FORMS, EXECUTOR, NEEDS, type KindForm } from "./form.ts";
import {
  namesOf,
  checkCallOptions,
  retryPolicy,
  type AuthorContext,
  type CallOptions,
  type NodeKind,
  checkReuse,
  reuseOf,
  type ReuseOptions,
} from "./kind.ts";

export interface ComputeOptions<N extends Needs, T> extends CallOptions, ReuseOptions {
  readonly needs: N;
  /** Gives the node's value, which must be JSON: a function of the needs, or an executor without capabilities that takes them. */
  readonly run: (needs: Values<N>, context: AuthorContext) => MaybePromise<T>;
}

export interface ComputeMethods {
  /** Derives a value from other values. */
  compute<N extends Needs, T>(name: string, options: ComputeOptions<N, T>): Node<T>;
}

export const compute: NodeKind<ComputeMethods> = {
  kind: "compute",
  methods: ({ declare }) => ({
    compute: (name, options) => {
      const code = readCode(options.run, { option: "run", outside: false, needs: namesOf(options.needs) });
      return declare({
        kind: "compute",
        name,
        needs: options.needs,
        options,
        behaviour: {
          work: { type: "call", outside: false, run: code.call },
          detail: code.detail,
          picture: { shape: "box", lines: code.lines },
          always: false,
          ...reuseOf(options),
          onChange: "again",
          timeoutMs: options.timeout === undefined ? undefined : toMilliseconds(options.timeout),
          retry: retryPolicy(options.retry),
          check: () => [...checkCallOptions(options), ...checkReuse(options), ...code.findings],
          ...code.named,
          declared: () => options,
        },
      });
    },
  }),
};

export const computeForm: KindForm = {
  about: "Derives a value from other values; touches nothing outside.",
  options: { needs: NEEDS, run: EXECUTOR, ...CALL_FORMS, ...REUSE_FORMS },
  declare: (g, name, options) => g.compute(name, options),
};
