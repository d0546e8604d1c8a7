// Stores and histories as tools of conversations: each call is a run of its own, whose reading and recording are facts. A model reads what it is given, and writes only where the author says so.

import { InputError } from "../errors.ts";
import type { Contract } from "../graph/contract.ts";
import type { Node } from "../graph/node.ts";
import { asTool, type Approval, type Tool } from "../graph/tool.ts";
import type { JsonObject } from "../json.ts";
import type { GraphBuilder } from "../nodes/index.ts";
import type { ReadFact } from "../nodes/read.ts";
import type { Schema } from "../schema.ts";
import { assertDefinition, assertKnown, assertList, assertObject, assertOneOf } from "../graph/given.ts";
import type { History, ReadableStore, Store } from "../store/store.ts";
import { contract, isContractName } from "./contract.ts";
import { INDEX_VALUE, keyInput, valueInput } from "./store-tool-inputs.ts";

/** What holds for all tools of a store or a history. */
interface StoredToolOptions<K extends string> {
  /** What stands there and when to look, told to the model with each tool: "Customers of the shop, by their number." The name of the store when left out. */
  readonly about?: string;
  /** The beginning of the tools' names; the name of the store when left out. */
  readonly name?: string;
  /**
   * The need of the node that gives the key (of a history: the partition): the model neither sees nor fills it, and reaches nothing else.
   * @example { given: "customer" }
   */
  readonly given?: K;
  /** Values that one call gives at most: 1 to 100, 20 when left out. */
  readonly limit?: number;
  /** Characters of JSON that one call gives at most: 200 to 100,000, 10,000 when left out. What is beyond is left out, and the model is told. */
  readonly resultLimit?: number;
}

/** Whether a model may record something, and who must allow it. */
export type WriteAccess = boolean | { readonly approve: true | Approval<JsonObject> };

/** Which tools of a store there are. */
export interface StoreToolOptions<Index extends string, K extends string> extends StoredToolOptions<K> {
  /** `<name>_get` gives the value of a key. On when left out. */
  readonly read?: boolean;
  /** For each of these indexes and relations `<name>_by_<index>` gives the values that stand in it under a value. None when left out; none together with `given`. */
  readonly query?: readonly Index[];
  /** `<name>_write` writes a value. Off when left out. */
  readonly write?: WriteAccess;
  /** `<name>_remove` takes a key's value away; its past stays. Off when left out. */
  readonly remove?: WriteAccess;
}

/** Which tools of a history there are. */
export interface HistoryToolOptions<K extends string> extends StoredToolOptions<K> {
  /** `<name>_read` gives the last events, newest first; of a history in parts those of one. On when left out. */
  readonly read?: boolean;
  /** `<name>_append` adds an event. Off when left out; not together with `given`, since an event says itself to which part it belongs. */
  readonly append?: WriteAccess;
}

/** Tools that want their key of the node that offers them. */
type StoredTool<K extends string> = Tool<{ readonly [P in K]: string }>;

/** A name beside these may be one that was to hold a model back: `approve` stands inside `write`. */
const OF_BOTH = ["about", "name", "given", "limit", "resultLimit"] as const;

const LIMIT = 20;
const LIMIT_MOST = 100;
const RESULT_LIMIT = 10_000;
const RESULT_LEAST = 200;
const RESULT_MOST = 100_000;

/**
 * A store as tools of an `llm` node: reading by default, writing only where it is said.
 * @throws InputError `bad_tool`, `bad_options`, `unknown_index`
 * @example g.llm("answer", { …, tools: [...storeTools(customers, { about: "Customers by their number.", query: ["city"], limit: 10 })] })
 */
export function storeTools<T, Index extends string, Links, K extends string = never>(
  store: Store<T, Index, Links> | ReadableStore<T, Index, Links>,
  given: StoreToolOptions<NoInfer<Index | (keyof Links & string)>, K> = {},
): readonly StoredTool<K>[] {
  assertDefinition("storeTools", store, "store");
  assertObject("storeTools", given);
  assertKnown("storeTools", given, ["read", "query", "write", "remove", ...OF_BOTH]);
  assertOneOf("storeTools: read", given.read, [true, false]);
  const { read = true, query = [], write = false, remove = false, ...options } = given;
  assertList("storeTools: query", query);
  const made = { ...partsOf(store.name, options), key: options.given ?? "key" };
  if (options.given !== undefined && query.length > 0)
    throw refused(made.name, "query is given, and would find other keys than that of given", "Leave one of them out.");
  if (options.given === "value" && write !== false)
    throw refused(made.name, 'given is "value", and so is what the model writes', "Call the need something else.");
  const writable = write === false && remove === false ? undefined : writableOf(made.name, store);
  return [
    ...(read ? [offer(made, "get", "Gives the value of a key.", false, getter(store, made))] : []),
    ...query.map((index) =>
      offer(made, `by_${index}`, `Gives the values whose ${index} is a value.`, false, finder(store, assertIndex(store, index), made)),
    ),
    ...(write === false || writable === undefined
      ? []
      : [offer(made, "write", "Writes the value of a key.", write, writer(writable, made))]),
    ...(remove === false || writable === undefined
      ? []
      : [offer(made, "remove", "Takes the value of a key away.", remove, remover(writable, made))]),
  ];
}

/**
 * A history as tools of an `llm` node.
 * @throws InputError `bad_tool`, `bad_options`
 */
export function historyTools<T, K extends string = never>(
  history: History<T>,
  given: HistoryToolOptions<K> = {},
): readonly StoredTool<K>[] {
  assertDefinition("historyTools", history, "history");
  assertObject("historyTools", given);
  assertKnown("historyTools", given, ["read", "append", ...OF_BOTH]);
  assertOneOf("historyTools: read", given.read, [true, false]);
  const { read = true, append = false, ...options } = given;
  const made = { ...partsOf(history.name, options), key: options.given ?? "part" };
  if (options.given !== undefined && append !== false)
    throw refused(made.name, "append stands beside given, and an event says its part itself", "Leave one of them out.");
  if (options.given !== undefined && history.partitionBy === undefined)
    throw refused(made.name, "given names the part, and the history has none", "Leave given out.");
  return [
    ...(read ? [offer(made, "read", "Gives the last events, newest first.", false, eventReader(history, made))] : []),
    ...(append === false ? [] : [offer(made, "append", "Adds an event.", append, appender(history, made))]),
  ];
}

/** What the tools of one call of `storeTools` have in common. */
interface Parts {
  readonly name: string;
  readonly about: string;
  readonly given: string | undefined;
  readonly limit: number;
  readonly resultLimit: number;
  /** The name of the input that has the key. */
  readonly key: string;
}

function partsOf(
  store: string,
  { name = store, about = `It stands in "${store}".`, given, limit = LIMIT, resultLimit = RESULT_LIMIT }: StoredToolOptions<string>,
): Omit<Parts, "key"> {
  assertWithin(name, "limit", limit, 1, LIMIT_MOST);
  assertWithin(name, "resultLimit", resultLimit, RESULT_LEAST, RESULT_MOST);
  return { name, about, given, limit, resultLimit };
}

function offer<K extends string>(
  { name, about, given }: Parts,
  act: string,
  does: string,
  access: WriteAccess,
  run: Contract<never, unknown>,
): StoredTool<K> {
  const approve = approvalOf(name, access);
  const takesKey = given !== undefined && run.graph.inputs.some((input) => input.name === given);
  // The inputs of the contract are made by name, so the types know nothing of them; `given` is one that takes a text.
  const offered = asTool<Record<string, unknown>, string>(run as Contract<Record<string, unknown>, unknown>, {
    name: `${name}_${act}`,
    description: `${does} ${about}`.trim(),
    ...(takesKey ? { given: [given] } : {}),
    ...(approve === undefined ? {} : { approve }),
  });
  return offered;
}

/** A person who is asked by mistake costs a minute; one who is not asked by mistake costs what was recorded. */
function approvalOf(name: string, access: unknown): true | Approval<JsonObject> | undefined {
  if (typeof access === "boolean") return undefined;
  const { approve }: { readonly approve?: unknown } = access ?? {};
  // Its options are looked at where the tool is made.
  if (approve === true || (typeof approve === "object" && approve !== null)) return approve;
  throw refused(name, `what may be recorded is neither true nor { approve }`, "Say true, false, or { approve: true }.");
}

type Inputs = Readonly<Record<string, Schema>>;
type Handles = Readonly<Record<string, Node<unknown>>>;

function toolRun(
  { name }: Parts,
  act: string,
  inputs: Inputs,
  define: (g: GraphBuilder, handles: Handles) => Node<unknown>,
): Contract<never, unknown> {
  const run = `${name}-${act}`.replaceAll("_", "-").toLowerCase();
  if (!isContractName(run))
    throw refused(
      name,
      `there can be no tool "${name}_${act.replaceAll("-", "_")}"`,
      'Give a shorter name, of letters, digits and dashes: name: "notes".',
    );
  return contract(run, { inputs, define: (g, handles) => define(g, handles) });
}

/** The handle of an input whose schema says what it is. */
function input<T>(handles: Handles, name: string): Node<T> {
  return handles[name] as Node<T>;
}

function getter<T, Index extends string>(store: ReadableStore<T, Index>, parts: Parts): Contract<never, unknown> {
  return toolRun(parts, "get", { [parts.key]: keyInput("The key.") }, (g, handles) => {
    const found = g.read("found", store, { key: input<string>(handles, parts.key), optional: true, fact: true });
    return g.map("told", found, (found) => (found === null ? { found: false } : oneOf(found, parts.resultLimit)));
  });
}

function finder<T>(store: ReadableStore<T>, index: string, parts: Parts): Contract<never, unknown> {
  return toolRun(parts, `by-${index}`, { value: INDEX_VALUE }, (g, handles) => {
    const found = g.query("found", store, { index, is: input(handles, "value"), limit: parts.limit, fact: true });
    return g.map("told", found, (found) => listOf(found, parts, ({ key }) => ({ key })));
  });
}

function eventReader<T>(history: History<T>, parts: Parts): Contract<never, unknown> {
  const inParts = history.partitionBy !== undefined;
  return toolRun(parts, "read", inParts ? { [parts.key]: keyInput("The part: whose events.") } : {}, (g, handles) => {
    const part = inParts ? { partition: input<string>(handles, parts.key) } : {};
    const found = g.events("found", history, { ...part, limit: parts.limit, newestFirst: true, fact: true });
    return g.map("told", found, (found) => listOf(found, parts, ({ time }) => ({ at: new Date(time).toISOString() })));
  });
}

function writer<T, Index extends string>(store: Store<T, Index>, parts: Parts): Contract<never, unknown> {
  return toolRun(parts, "write", { [parts.key]: keyInput("The key."), value: valueInput(store.schema) }, (g, handles) => {
    const written = g.write("written", store, { key: input<string>(handles, parts.key), value: input<T>(handles, "value") });
    return g.map("told", written, ({ number }) => ({ written: true, number }));
  });
}

function remover<T, Index extends string>(store: Store<T, Index>, parts: Parts): Contract<never, unknown> {
  return toolRun(parts, "remove", { [parts.key]: keyInput("The key.") }, (g, handles) => {
    const removed = g.remove("removed", store, { key: input<string>(handles, parts.key) });
    return g.map("told", removed, () => ({ removed: true }));
  });
}

function appender<T>(history: History<T>, parts: Parts): Contract<never, unknown> {
  return toolRun(parts, "append", { event: valueInput(history.schema) }, (g, handles) => {
    const added = g.append("added", history, { event: input<T>(handles, "event") });
    return g.map("told", added, ({ number }) => ({ added: true, number }));
  });
}

/** One value for the model; one that is too long is not told in parts, which would be no value. */
function oneOf<T>({ value }: ReadFact<T>, resultLimit: number): object {
  const length = JSON.stringify(value).length;
  return length <= resultLimit
    ? { found: true, value }
    : { found: true, tooLong: `the value has ${length} characters, and ${resultLimit} are the limit` };
}

/** As many whole values as there is room for. */
function listOf<T>(found: readonly ReadFact<T>[], { limit, resultLimit }: Parts, beside: (fact: ReadFact<T>) => JsonObject): object {
  const items: object[] = [];
  let room = resultLimit;
  for (const fact of found) {
    const item = { ...beside(fact), value: fact.value };
    room -= JSON.stringify(item).length;
    if (room < 0) break;
    items.push(item);
  }
  if (items.length < found.length) return { items, leftOut: `${found.length - items.length} more, which are too long` };
  return found.length < limit ? { items } : { items, leftOut: `there may be more than ${limit}` };
}

/** A derived store is written by nobody. */
function writableOf<T, Index extends string>(name: string, store: Store<T, Index> | ReadableStore<T, Index>): Store<T, Index> {
  if ("write" in store) return store;
  throw refused(name, `${store.name} is a store that is only read`, "Leave write and remove out.");
}

function assertIndex<T>({ name, indexes }: ReadableStore<T>, index: string): string {
  if (Object.hasOwn(indexes, index)) return index;
  throw new InputError("unknown_index", `${name} has no index ${JSON.stringify(index)}`, {
    fix: `There ${Object.keys(indexes).length === 0 ? "are none: name some in defineStore" : `are ${Object.keys(indexes).join(", ")}`}.`,
  });
}

function assertWithin(name: string, option: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw refused(name, `${option} is ${value}`, `Give a whole number from ${least} to ${most}.`);
}

function refused(name: string, message: string, fix: string): InputError {
  return new InputError("bad_tool", `tools of "${name}": ${message}`, { fix });
}
