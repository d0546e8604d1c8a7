// Reads facts of the application: the value of a key, what an index holds, the events of a history. What was read stands in the record of the run, so it is read once.

import { InputError } from "../errors.ts";
import { toMilliseconds } from "../graph/duration.ts";
import type { NodeFinding } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { Needs, Node, Values } from "../graph/node.ts";
import type { StoreAccess } from "../graph/store-access.ts";
import type { NeedValues } from "../graph/work.ts";
import type { JsonObject } from "../json.ts";
import type { AsOf } from "../ledger/moment.ts";
import type { Moment } from "../moment.ts";
import { outputSchemaOf } from "../schema.ts";
import { assertDefinition, assertObject } from "../graph/given.ts";
import type { GetOptions } from "../store/handle.ts";
import type { IndexValue } from "../store/index-value.ts";
import type { StoreKind } from "../store/names.ts";
import type { History, ReadableStore } from "../store/store.ts";
import type { Written } from "../store/value.ts";
import { CALL_FORMS, NEEDS, optional, type KindForm, type OptionForm } from "./form.ts";
import { badOption, checkCallOptions, checkMeant, retryPolicy, type Builder, type CallOptions, type NodeKind } from "./kind.ts";
import { type ListOptions, listOf, OF_LISTS, pageOf } from "./list-options.ts";
import { type Operand, type Operands, readOperands } from "./operand.ts";
import { asSaid } from "./refused-once.ts";

/** A fact of a store or a history as the value of a node. */
export interface ReadFact<T> {
  /** Names it in `causedBy`, `expect` and `kindling.fact`. */
  readonly id: string;
  /** Of a history: the partition. */
  readonly key: string;
  /** Of the facts of this key, from 1. */
  readonly number: number;
  readonly position: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly validFrom: number;
  readonly value: T;
}

/** A node that has read one key, or events of a history: what is recorded may expect that it still stands as it was found. */
export interface ReadNode<out T> extends Node<T> {
  /** The store or the history it reads. */
  readonly reads: string;
}

/** What a read gives: the value, or the fact with it. */
type Read<T, Fact extends boolean> = Fact extends true ? ReadFact<T> : T;

interface StoredOptions<N extends Needs, Fact extends boolean> extends CallOptions {
  /** What the functions among the options read. */
  readonly needs?: N;
  /** Gives facts, with their ids and times, in place of their values. */
  readonly fact?: Fact;
}

/** How one key is read. */
export interface ReadOptions<N extends Needs, Optional extends boolean, Fact extends boolean> extends StoredOptions<N, Fact> {
  /** Which key. */
  readonly key: string | Operand<N, string>;
  /** Gives null where the key has no value; without it the node fails with `value_absent`. */
  readonly optional?: Optional;
  /** As it was recorded then. */
  readonly asOf?: AsOf | ((needs: Values<N>) => AsOf);
  /** As it held in the world then. */
  readonly validAt?: string | Operand<N, Moment>;
}

/** How events of a history are read. */
export interface EventsOptions<N extends Needs, Fact extends boolean> extends StoredOptions<N, Fact>, ListOptions {
  /** Which part; left out for a history without parts. */
  readonly partition?: string | Operand<N, string>;
}

/** How an index is asked. */
export interface QueryOptions<Index extends string, N extends Needs, Fact extends boolean> extends StoredOptions<N, Fact>, ListOptions {
  /** Which index of the store, or which relation: each is an index, too. */
  readonly index: Index;
  /** What is to stand in it. */
  readonly is: IndexValue | Operand<N, IndexValue>;
}

export interface ReadMethods {
  /** Reads the value of a key. It fails with `value_absent` where there is none, unless it is `optional`. */
  read<T, Index extends string, N extends Needs = {}, Optional extends boolean = false, Fact extends boolean = false>(
    name: string,
    store: ReadableStore<T, Index>,
    options: ReadOptions<N, Optional, Fact>,
  ): ReadNode<Read<T, Fact> | (Optional extends true ? null : never)>;
  /** Reads events of a history, oldest first: at most `limit`. */
  events<T, N extends Needs = {}, Fact extends boolean = false>(
    name: string,
    history: History<T>,
    options: EventsOptions<N, Fact>,
  ): ReadNode<readonly Read<T, Fact>[]>;
  /** Reads the values that stand in an index under a value, in the order in which their keys were first written: at most `limit`. */
  query<T, Index extends string, Links, N extends Needs = {}, Fact extends boolean = false>(
    name: string,
    store: ReadableStore<T, Index, Links>,
    options: QueryOptions<NoInfer<Index | (keyof Links & string)>, N, Fact>,
  ): Node<readonly Read<T, Fact>[]>;
}

const DEFAULT_ATTEMPTS = 3;

type Definition = ReadableStore<unknown> | History<unknown>;
/** The options of all methods: which are there, their types made sure of. */
type Given = Partial<ReadOptions<Needs, boolean, boolean> & EventsOptions<Needs, boolean> & QueryOptions<string, Needs, boolean>>;

export const read: NodeKind<ReadMethods> = {
  kind: "read",
  methods: (builder) => {
    const by =
      <D extends Definition>(method: string, kind: StoreKind, wayOf: (definition: D, options: Given) => Way) =>
      (name: string, definition: D, options: Given): Node<unknown> => {
        assertDefinition(method, definition, kind);
        assertObject(method, options);
        return declareRead(builder, name, definition, options, wayOf(definition, options));
      };
    const methods = {
      read: by("g.read", "store", valueOf),
      query: by("g.query", "store", foundOf),
      events: by("g.events", "history", eventsOf),
    };
    // What each gives stands in the methods' types alone: a node carries it, and nothing at run time.
    return methods as unknown as ReadMethods;
  },
};

/** One way to read. */
interface Way {
  readonly operands: Operands;
  readonly detail: JsonObject;
  readonly line: string;
  readonly findings: readonly NodeFinding[];
  readonly gives: JsonObject | undefined;
  readonly members?: object;
  readonly run: (needs: NeedValues, stores: StoreAccess) => Promise<Found>;
}

/** What was found, and what the node gives. */
interface Found {
  readonly facts: readonly Written<unknown>[];
  readonly value: unknown;
  /** Why it has no value. */
  readonly lack?: InputError;
}

function declareRead(builder: Builder, name: string, definition: Definition, options: Given, way: Way): Node<unknown> {
  return builder.declare({
    kind: "read",
    name,
    needs: way.operands.needs,
    options,
    behaviour: {
      work: {
        type: "call",
        outside: true,
        // Nothing outside the ledger is asked, so nothing need be durable before.
        recordsFirst: true,
        run: async (needs, { stores, note }) => {
          if (options.asOf === undefined) await stores.upToDate(definition.name);
          const { position } = stores;
          const { facts, value, lack } = await asSaid(options, () => way.run(needs, stores));
          note({ type: "facts.read", store: definition.name, facts: facts.map(({ id }) => id), position });
          return lack === undefined ? value : asSaid(options, () => Promise.reject(lack));
        },
      },
      detail: {
        [definition.kind]: definition.name,
        version: definition.version,
        fact: options.fact ?? false,
        ...way.operands.detail,
        ...way.detail,
      },
      picture: { shape: "world", lines: [way.line] },
      always: false,
      onChange: "again",
      timeoutMs: options.timeout === undefined ? undefined : toMilliseconds(options.timeout),
      retry: retryPolicy(options.retry, DEFAULT_ATTEMPTS),
      check: () => [...checkCallOptions(options), ...way.operands.findings, ...way.findings],
      gives: way.gives,
      store: { name: definition.name, kind: definition.kind },
      declared: () => ({ store: definition, ...options }),
    },
    ...(way.members === undefined ? {} : { members: way.members }),
  });
}

function valueOf(store: ReadableStore<unknown>, options: Given): Way {
  const { needs, key, asOf, validAt, optional: isOptional = false, fact = false } = options;
  const operands = readOperands(needs, { key, asOf, validAt }, ["key"]);
  return {
    operands,
    detail: { optional: isOptional },
    line: store.name,
    findings: checkMeant("g.read", options, ["index", "is", "partition", ...OF_LISTS]),
    gives: isOptional || fact ? undefined : outputSchemaOf(store.schema),
    members: { reads: store.name },
    run: async (values, stores) => {
      // What is no key is refused by the store.
      const which = operands.valueOf("key", values) as string;
      const found = await stores.store(store).get(which, whenOf(operands, values));
      if (found !== undefined) return { facts: [found], value: shown(found, fact) };
      return { facts: [], value: null, ...(isOptional ? {} : { lack: absent(store.name, which) }) };
    },
  };
}

function whenOf({ valueOf: operand }: Operands, values: NeedValues): GetOptions {
  // What is no time is refused by the store.
  const [asOf, validAt] = [operand("asOf", values), operand("validAt", values)] as [GetOptions["asOf"], GetOptions["validAt"]];
  return { ...(asOf === undefined ? {} : { asOf }), ...(validAt === undefined ? {} : { validAt }) };
}

function absent(store: string, key: string): InputError {
  return new InputError("value_absent", `${store} has no value for ${JSON.stringify(key)}`, {
    fix: "See that it has one first, or say optional: true and go on with null.",
    details: { store, key },
  });
}

function eventsOf(history: History<unknown>, options: Given): Way {
  const { needs, partition, fact = false } = options;
  const operands = readOperands(needs, { partition }, history.partitionBy === undefined ? [] : ["partition"]);
  return {
    operands,
    ...listOf("g.events", options, ["index", "is", ...(history.partitionBy === undefined ? ["partition"] : [])]),
    line: history.name,
    members: { reads: history.name },
    gives: fact ? undefined : listSchema(history),
    run: async (values, stores) => {
      const part = operands.valueOf("partition", values) as string | undefined;
      const { items } = await stores.history(history).read({ ...pageOf(options), ...(part === undefined ? {} : { partition: part }) });
      return { facts: items, value: items.map((each) => shown(each, fact)) };
    },
  };
}

function foundOf(store: ReadableStore<unknown>, options: Given): Way {
  const { needs, index = "", is, fact = false } = options;
  const operands = readOperands(needs, { is }, ["is"]);
  const { detail, findings } = listOf("g.query", options, ["partition"]);
  return {
    operands,
    detail: { ...detail, index },
    line: `${store.name} by ${index}`,
    findings: Object.hasOwn(store.indexes, index)
      ? findings
      : [
          ...findings,
          badOption(`${store.name} has no index ${JSON.stringify(index)}`, didYouMean(String(index), Object.keys(store.indexes))),
        ],
    gives: fact ? undefined : listSchema(store),
    run: async (values, stores) => {
      const { items } = await stores.store(store).query(index, operands.valueOf("is", values) as IndexValue, pageOf(options));
      return { facts: items, value: items.map((each) => shown(each, fact)) };
    },
  };
}

function listSchema({ schema }: Definition): JsonObject | undefined {
  const items = outputSchemaOf(schema);
  return items === undefined ? undefined : { type: "array", items };
}

function shown({ id, key, number, position, time, validFrom, value }: Written<unknown>, fact: boolean): unknown {
  return fact ? ({ id, key, number, position, time, validFrom, value } satisfies ReadFact<unknown>) : value;
}

const TIME: OptionForm = { type: "either", of: [{ type: "number" }, { type: "text" }] };

export const readForm: KindForm = {
  about: "Reads facts of the application: the value of a key, what stands in an index, or events of a history.",
  options: {
    needs: optional(NEEDS),
    store: { type: "store", about: "A store or a history." },
    key: optional({ type: "node", about: "Of a store: which key." }),
    optional: optional({ type: "boolean", about: "Gives null where there is no value." }),
    validAt: optional({ type: "node" }),
    asOf: optional({ type: "object", members: { time: optional(TIME), position: optional({ type: "number" }) } }),
    index: optional({ type: "text", about: "Of a store: which index is asked." }),
    is: optional({ type: "node", about: "What is to stand in the index." }),
    partition: optional({ type: "node", about: "Of a history: which part." }),
    limit: optional({ type: "number", about: "How many are read at most; only a key has none." }),
    newestFirst: optional({ type: "boolean" }),
    fact: optional({ type: "boolean", about: "Gives facts in place of their values." }),
    ...CALL_FORMS,
  },
  declare: (g, name, { store, ...options }: { readonly store: Definition; readonly index?: string; readonly key: never }) => {
    if (store.kind === "history") return g.events(name, store, options as never);
    return options.index === undefined ? g.read(name, store, options) : g.query(name, store, options as never);
  },
};
