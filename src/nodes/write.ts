// Records facts of the application, once: a value of a key, that it has none any more, an event. What the run knew then stands with the fact as its causes.

import { toMilliseconds } from "../graph/duration.ts";
import type { NodeFinding } from "../graph/graph.ts";
import { isHandle } from "../graph/handle.ts";
import type { Needs, Node, Values } from "../graph/node.ts";
import type { JsonObject } from "../json.ts";
import type { Moment } from "../moment.ts";
import type { StoreChange } from "../store/change.ts";
import { assertObject, assertStore } from "../graph/given.ts";
import type { History, Store } from "../store/store.ts";
import { CALL_FORMS, NEEDS, optional, type KindForm } from "./form.ts";
import { badOption, checkCallOptions, checkMeant, retryPolicy, type Builder, type CallOptions, type NodeKind } from "./kind.ts";
import type { Operand } from "./operand.ts";
import type { ReadNode } from "./read.ts";
import { appending, changing, type Recording, recordOnce, removing, writing } from "./recording.ts";
import { asSaid } from "./refused-once.ts";
import { undo } from "./take-back.ts";

/** What was recorded, as the value of a node: where it stands. */
export interface StoreReceipt {
  readonly id: string;
  /** The name of the store or the history. */
  readonly store: string;
  /** Of a history: the partition. */
  readonly key: string;
  /** Of the facts of this key, from 1. */
  readonly number: number;
  readonly position: number;
}

interface RecordOptions<N extends Needs> extends CallOptions {
  /** What the functions among the options read. */
  readonly needs?: N;
  /** Since when it holds in the world: ISO 8601 with a time zone, a date, or milliseconds since 1970. */
  readonly validFrom?: string | Operand<N, Moment>;
  /** Facts it rests on besides those of the run and what the run has read. */
  readonly causedBy?: Operand<N, readonly string[]>;
  /** What happens when its needs change after it was recorded (update, fork): it stands (`keep`, default), or it is recorded `again`. */
  readonly onUpdate?: "keep" | "again";
}

interface OfKeyOptions<N extends Needs> extends RecordOptions<N> {
  /** Which key. */
  readonly key: string | Operand<N, string>;
  /**
   * How the key must stand, or the node fails with `write_conflict`: without a value (`absent`), as a node has read it, or with this fact as the latest one. Where the
   * function gives nothing, nothing is expected.
   */
  readonly expect?: "absent" | ReadNode<unknown> | ((needs: Values<N>) => string | undefined);
  /** Takes it back when the run fails or is cancelled after it: the key gets the value it had, or none. Not where somebody has written it since. */
  readonly takeBack?: boolean;
}

/** How a value is written. */
export interface WriteOptions<T, N extends Needs> extends OfKeyOptions<N> {
  /** The value, as the schema of the store takes it. */
  readonly value: Operand<N, T>;
}

/** How a value becomes the next one. */
export interface ChangeValueOptions<T, N extends Needs> extends RecordOptions<N> {
  /** Which key. */
  readonly key: string | Operand<N, string>;
  /** The next value, from the one there is (undefined for none). Called again where somebody has written the key meanwhile, up to 10 times; so it must not act. */
  readonly change: (current: T | undefined, needs: Values<N>) => T;
  /** Takes it back when the run fails or is cancelled after it: the key gets the value it had, or none. Not where somebody has written it since. */
  readonly takeBack?: boolean;
}

/** How a key loses its value. */
export interface RemoveOptions<N extends Needs> extends OfKeyOptions<N> {}

/** How an event is added. */
export interface AppendOptions<T, N extends Needs> extends RecordOptions<N> {
  /**
   * How the part of the event must stand, or the node fails with `write_conflict`: without events (`absent`), with the latest of those that a node has read as its last,
   * or with this fact. Where the function gives nothing, nothing is expected.
   */
  readonly expect?: "absent" | ReadNode<unknown> | ((needs: Values<N>) => string | undefined);
  /** The event, as the schema of the history takes it. */
  readonly event: Operand<N, T>;
}

export interface WriteMethods {
  /** Writes a value, once: also over a crash in the middle. It runs though no output needs it, and gives the receipt. */
  write<T, Index extends string, N extends Needs = {}>(
    name: string,
    store: Store<T, Index>,
    options: WriteOptions<NoInfer<T>, N>,
  ): Node<StoreReceipt>;
  /** Makes the next value of the one there is, in the same way, with nobody between the reading and the writing: a counter, a list that grows. */
  change<T, Index extends string, N extends Needs = {}>(
    name: string,
    store: Store<T, Index>,
    options: ChangeValueOptions<NoInfer<T>, N>,
  ): Node<StoreReceipt>;
  /** Records that a key has no value any more, in the same way. Its past stays. */
  remove<T, Index extends string, N extends Needs = {}>(
    name: string,
    store: Store<T, Index>,
    options: RemoveOptions<N>,
  ): Node<StoreReceipt>;
  /** Adds an event to a history, in the same way. */
  append<T, N extends Needs = {}>(name: string, history: History<T>, options: AppendOptions<NoInfer<T>, N>): Node<StoreReceipt>;
}

const DEFAULT_ATTEMPTS = 5;

/** The options of all methods: which are there, their types made sure of. */
export type Given = Partial<
  WriteOptions<unknown, Needs> & AppendOptions<unknown, Needs> & Pick<ChangeValueOptions<unknown, Needs>, "change">
>;

export const write: NodeKind<WriteMethods> = {
  kind: "write",
  methods: (builder) => ({
    write: (name, store, options) => declareWrite(builder, name, writing(store, optionsOf("g.write", store, options))),
    change: (name, store, options) => declareWrite(builder, name, changing(store, optionsOf("g.change", store, options))),
    remove: (name, store, options) => declareWrite(builder, name, removing(store, optionsOf("g.remove", store, options))),
    append: (name, history, options) => declareWrite(builder, name, appending(history, optionsOf("g.append", history, options))),
  }),
};

/** The options, when there is a definition to go with them. @throws InputError `bad_store`, `bad_options` */
function optionsOf(method: string, definition: unknown, options: unknown): Given {
  assertStore(method, definition);
  assertObject(method, options);
  // Which are there and of which types is checked one by one.
  return options;
}

function declareWrite(builder: Builder, name: string, recording: Recording): Node<StoreReceipt> {
  const { act, definition, options, operands, takeBack } = recording;
  return builder.declare({
    kind: "write",
    name,
    needs: operands.needs,
    options,
    behaviour: {
      work: {
        type: "call",
        outside: true,
        // Whether it was recorded must be known.
        patient: true,
        run: (values, context) => asSaid(options, () => recordOnce(recording, values, context)),
        ...(takeBack === undefined
          ? {}
          : { takesBack: "done" as const, compensate: (_values, value, context) => undo(takeBack, value, context) }),
      },
      detail: {
        act,
        [definition.kind]: definition.name,
        version: definition.version,
        ...operands.detail,
        ...(takeBack === undefined ? {} : { takeBack: true }),
      },
      picture: {
        shape: "world",
        lines: [`${act === "append" ? "to" : act} ${definition.name}`, ...(takeBack === undefined ? [] : ["can be taken back"])],
      },
      always: true,
      onChange: options.onUpdate ?? "keep",
      timeoutMs: options.timeout === undefined ? undefined : toMilliseconds(options.timeout),
      retry: retryPolicy(options.retry, DEFAULT_ATTEMPTS),
      check: () => [
        ...checkCallOptions(options),
        ...operands.findings,
        ...checkExpectation(options, definition),
        ...checkDefinition(act, definition),
        ...checkMeant(`g.${act}`, options, STRANGE[act]),
      ],
      gives: RECEIPT,
      store: { name: definition.name, kind: definition.kind },
      declared: () => ({ store: definition, act, ...options }),
    },
  });
}

const RECEIPT: JsonObject = {
  type: "object",
  properties: {
    id: { type: "string" },
    store: { type: "string" },
    key: { type: "string" },
    number: { type: "integer" },
    position: { type: "integer" },
  },
  required: ["id", "store", "key", "number", "position"],
};

/** What only other methods know. */
const STRANGE = {
  write: ["change", "event"],
  change: ["value", "event", "expect"],
  remove: ["value", "change", "event"],
  append: ["key", "value", "change", "takeBack"],
} as const satisfies Record<Recording["act"], readonly string[]>;

/** Documents name stores and histories alike, and derived stores among them. */
function checkDefinition(act: Recording["act"], definition: Recording["definition"]): NodeFinding[] {
  const { name, kind } = definition;
  if ("rule" in definition) return [badOption(`${name} is derived, so nobody writes it`, "Write what it is derived from.")];
  const wanted = act === "append" ? "history" : "store";
  return kind === wanted ? [] : [badOption(`${name} is a ${kind}, and ${act} wants a ${wanted}`, `Name a ${wanted}.`)];
}

function checkExpectation({ expect }: Given, { name, kind }: Recording["definition"]): NodeFinding[] {
  if (expect === undefined || expect === "absent" || (typeof expect === "function" && !isHandle(expect))) return [];
  if (isHandle(expect) && "reads" in expect && expect.reads === name) return [];
  return [
    badOption(
      `expect is no node that reads ${kind === "store" ? "a key" : "events"} of ${name}`,
      `Give the node of g.${kind === "store" ? "read" : "events"}, "absent", or a function that gives the id of a fact.`,
    ),
  ];
}

export const writeForm: KindForm = {
  about:
    "Records facts of the application, once: a value of a key, that it has none any more, or an event of a history. It runs though nothing needs it.",
  options: {
    needs: optional(NEEDS),
    store: { type: "store", about: "A store, or the history that an event is added to." },
    act: { type: "text", values: ["write", "remove", "append"] },
    key: optional({ type: "node", about: "Of a store: which key." }),
    value: optional({ type: "node", about: "What is written." }),
    change: optional({ type: "code", cure: "Read the key, compute the value, and write it with expect." }),
    event: optional({ type: "node", about: "What is added to a history." }),
    expect: optional({
      type: "either",
      of: [{ type: "text", values: ["absent"] }, { type: "node" }],
      about: "How the key, or the part of an event, must stand: absent, or as a node has read it.",
    }),
    validFrom: optional({ type: "node", about: "Since when it holds in the world." }),
    causedBy: optional({ type: "node", about: "Ids of further facts it rests on." }),
    takeBack: optional({ type: "boolean", about: "Takes it back when the run fails or is cancelled after it." }),
    onUpdate: optional({ type: "text", values: ["keep", "again"] }),
    ...CALL_FORMS,
  },
  declare: (g, name, { act, store, ...options }: { readonly act: StoreChange["act"]; readonly store: never; readonly key: never }) =>
    act === "append"
      ? g.append(name, store, options as never)
      : act === "remove"
        ? g.remove(name, store, options)
        : g.write(name, store, options as never),
};
