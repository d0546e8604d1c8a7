// Reads the outside world and changes nothing there. The answer is recorded before anything rests on it.

import { toMilliseconds } from "../graph/duration.ts";
import type { MaybePromise, Needs, Node, Values } from "../graph/node.ts";
import { readCode } from "./code.ts";
import { CALL_FORMS, REUSE_FORMS, EXECUTOR, NEEDS, optional, type KindForm } from "./form.ts";
import {
  namesOf,
  badOption,
  checkCallOptions,
  retryPolicy,
  type AuthorContext,
  type CallOptions,
  type NodeKind,
  checkReuse,
  reuseOf,
  type ReuseOptions,
} from "./kind.ts";

export interface LookupOptions<N extends Needs, T> extends CallOptions, ReuseOptions {
  readonly needs: N;
  /** Reads the value, which must be JSON: a function of the needs, or an executor that takes them. It may be called several times. */
  readonly run: (needs: Values<N>, context: AuthorContext) => MaybePromise<T>;
  /** What it asks, e.g. `crm`: calls of one resource share its limit of calls at once. */
  readonly resource?: string;
}

export interface LookupMethods {
  /** Reads a value from outside. Tried 3 times unless `retry` says otherwise; an error whose `retryable` is false is not tried again. */
  lookup<N extends Needs, T>(name: string, options: LookupOptions<N, T>): Node<T>;
}

const DEFAULT_ATTEMPTS = 3;

export const lookup: NodeKind<LookupMethods> = {
  kind: "lookup",
  methods: ({ declare }) => ({
    lookup: (name, options) => {
      const { resource } = options;
      const code = readCode(options.run, { option: "run", outside: true, needs: namesOf(options.needs) });
      return declare({
        kind: "lookup",
        name,
        needs: options.needs,
        options,
        behaviour: {
          work: { type: "call", outside: true, resource: () => resource, run: code.call },
          detail: code.detail,
          picture: { shape: "world", lines: [...(resource === undefined ? [] : [resource]), ...code.lines] },
          always: false,
          ...reuseOf(options),
          onChange: "again",
          timeoutMs: options.timeout === undefined ? undefined : toMilliseconds(options.timeout),
          retry: retryPolicy(options.retry, DEFAULT_ATTEMPTS),
          check: () => [
            ...checkCallOptions(options),
            ...checkReuse(options),
            ...(resource === "" ? [badOption("resource is empty", 'Give a name that the calls share, such as "crm".')] : []),
            ...code.findings,
          ],
          ...code.named,
          declared: () => options,
        },
      });
    },
  }),
};

export const lookupForm: KindForm = {
  about: "Reads from outside and changes nothing there.",
  options: { needs: NEEDS, run: EXECUTOR, resource: optional({ type: "text" }), ...CALL_FORMS, ...REUSE_FORMS },
  declare: (g, name, options) => g.lookup(name, options),
};
