// Acts on the world, once: what it rests on is durable before it begins, the same key goes with every try, and what it did can be taken back.

import { toMilliseconds } from "../graph/duration.ts";
import type { NodeFinding } from "../graph/graph.ts";
import type { MaybePromise, Needs, Node, Values } from "../graph/node.ts";
import { isExecutor } from "../graph/executor.ts";
import type { CallContext, NeedValues } from "../graph/work.ts";
import type { JsonValue } from "../json.ts";
import { answerOf, shownAnswer } from "./callback.ts";
import { readCode } from "./code.ts";
import { CALL_FORMS, EXECUTOR, NEEDS, optional, type KindForm } from "./form.ts";
import {
  namesOf,
  authorContext,
  badOption,
  checkCallOptions,
  codeOf,
  retryPolicy,
  untyped,
  type AuthorContext,
  type CallOptions,
  type NodeKind,
} from "./kind.ts";

export interface EffectOptions<N extends Needs, T> extends CallOptions {
  readonly needs: N;
  /** Acts, and gives what shall be known of it, as JSON. It may be called again after a crash: hand `context.idempotencyKey` on to whoever does it. */
  readonly run: (needs: Values<N>, context: AuthorContext) => MaybePromise<T>;
  /** The key by which a repetition is known; default: one for this node of this run. Give one of your own where several runs may mean the same action. */
  readonly idempotencyKey?: (needs: Values<N>) => string;
  /** Takes back what was done when the run fails or is cancelled after it. Tried as often as `run`; with a key of its own. */
  readonly compensate?: (value: NoInfer<T>, needs: Values<N>, context: AuthorContext) => MaybePromise<unknown>;
  /** What happens when its needs change after it was done (update, fork): it stands (`keep`, default), or it is done `again` under another key. */
  readonly onUpdate?: "keep" | "again";
  /** What it acts on, e.g. `stripe`: calls of one resource share its limit of calls at once. */
  readonly resource?: string;
}

export interface EffectMethods {
  /** Does something outside. Tried 5 times unless `retry` says otherwise; when all fail it is a dead letter, which can be retried. It runs though no output needs it. */
  effect<N extends Needs, T>(name: string, options: EffectOptions<N, T>): Node<T>;
}

const DEFAULT_ATTEMPTS = 5;
const KEY_LIMIT = 255;

export const effect: NodeKind<EffectMethods> = {
  kind: "effect",
  methods: ({ declare }) => ({
    effect: (name, options) => {
      const { resource, idempotencyKey, compensate } = options;
      const code = readCode(options.run, { option: "run", outside: true, needs: namesOf(options.needs) });
      const keyed = keyedBy(name, idempotencyKey === undefined ? undefined : untyped(idempotencyKey));
      // What `run` gave was recorded as JSON; the author's types say that this is what they called it.
      const takeBack =
        compensate === undefined
          ? undefined
          : untyped((needs: Values<typeof options.needs>, value: JsonValue | undefined, context: CallContext) =>
              compensate(value as Parameters<typeof compensate>[0], needs, authorContext(context)),
            );
      return declare({
        kind: "effect",
        name,
        needs: options.needs,
        options,
        behaviour: {
          work: {
            type: "call",
            outside: true,
            patient: true,
            resource: () => resource,
            run: (needs, context) => code.call(needs, keyed(needs, context, "")),
            ...(takeBack === undefined
              ? {}
              : {
                  takesBack: "done" as const,
                  compensate: (needs: NeedValues, value: JsonValue | undefined, context: CallContext) =>
                    takeBack(needs, value, keyed(needs, context, ":compensate")),
                }),
          },
          detail: {
            ...code.detail,
            ...(idempotencyKey === undefined ? {} : { idempotencyKey: codeOf(idempotencyKey) }),
            ...(compensate === undefined ? {} : { compensate: codeOf(compensate) }),
          },
          picture: {
            shape: "world",
            lines: [
              ...(resource === undefined ? [] : [resource]),
              ...code.lines,
              ...(compensate === undefined ? [] : ["can be taken back"]),
            ],
          },
          always: true,
          onChange: options.onUpdate ?? "keep",
          timeoutMs: options.timeout === undefined ? undefined : toMilliseconds(options.timeout),
          retry: retryPolicy(options.retry, DEFAULT_ATTEMPTS),
          check: () => [
            ...checkCallOptions(options),
            ...(resource === "" ? [badOption("resource is empty", 'Give a name that the calls share, such as "stripe".')] : []),
            ...code.findings,
            ...checkKey(options),
          ],
          ...code.named,
          declared: () => options,
        },
      });
    },
  }),
};

/** The context with the author's own key in it, another one for each renewal and for taking back. */
function keyedBy(
  name: string,
  keyOf: ((needs: NeedValues) => string) | undefined,
): (needs: NeedValues, context: CallContext, purpose: string) => CallContext {
  if (keyOf === undefined) return (_needs, context) => context;
  return (needs, context, purpose) => {
    const key: unknown = answerOf("idempotencyKey", () => keyOf(needs));
    if (typeof key !== "string" || key === "" || key.length > KEY_LIMIT)
      throw new TypeError(`effect "${name}": idempotencyKey gave ${shownAnswer(key)}, and a key is a text of 1 to ${KEY_LIMIT} characters`);
    const idempotencyKey = `${key}${context.renewal === 1 ? "" : `#${context.renewal}`}${purpose}`;
    // The same context in everything but the key.
    return Object.create(context, { idempotencyKey: { value: idempotencyKey, enumerable: true } }) as CallContext;
  };
}

function checkKey<N extends Needs, T>({ run, idempotencyKey }: EffectOptions<N, T>): NodeFinding[] {
  // A function that takes no context cannot hand the key on.
  if (idempotencyKey !== undefined || isExecutor(run) || typeof run !== "function" || run.length >= 2) return [];
  return [
    {
      code: "effect_without_idempotency_key",
      severity: "warning",
      message: "takes no context, so it hands no idempotency key on: after a crash in the middle it is done twice",
      hint: "Take the second parameter and pass context.idempotencyKey to whoever acts.",
    },
  ];
}

const IN_CODE = "Declare the node in a contract written in code, and run that as a child by its name.";

export const effectForm: KindForm = {
  about: "Acts on the world, once; the executor is handed an idempotency key. It runs though nothing needs it.",
  options: {
    needs: NEEDS,
    run: EXECUTOR,
    onUpdate: optional({ type: "text", values: ["keep", "again"] }),
    resource: optional({ type: "text" }),
    idempotencyKey: optional({ type: "code", cure: IN_CODE }),
    compensate: optional({ type: "code", cure: IN_CODE }),
    ...CALL_FORMS,
  },
  declare: (g, name, options) => g.effect(name, options),
};
