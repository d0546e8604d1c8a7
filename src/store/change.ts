// What somebody wants to record in a store or a history: said against its definition, checked, and made into an order that any process can carry out.

import { InputError } from "../errors.ts";
import { type JsonValue, toJson } from "../json.ts";
import type { Moment } from "../moment.ts";
import { check, describeIssues } from "../schema.ts";
import type { ForeignFact } from "./exported-fact.ts";
import type { Derivation, Producer } from "./fact.ts";
import { assertObject, isStore, whatIs } from "../graph/given.ts";
import { assertKey, headKeys, placeOf, shortly, type StoreKind } from "./names.ts";
import { foundBy, type FoundBy } from "./ranks.ts";
import { type History, partitionOf, type Store } from "./store.ts";
import { timeOf } from "./valid-time.ts";

/** What may be said with a fact. */
export interface ChangeOptions {
  /** Ids of facts it rests on: of stores, histories or runs. At most 100. */
  readonly causedBy?: readonly string[];
  /** Since when it holds in the world. When it is recorded, if left out. */
  readonly validFrom?: Moment;
  readonly producer?: Producer;
}

/** What may be said with a value of a store, or with an event. */
export interface WriteOptions extends ChangeOptions {
  /** Refuses the write unless this is how the key stands: `absent` without a value, or the id of its latest fact. Of a history, how the part of the event stands: without events, or with that one as its last. */
  readonly expect?: string;
}

/** A change of a store or a history, not recorded yet: made by `store.write`, `store.remove` and `history.append`, taken by `kindling.record`. */
export type StoreChange =
  | { readonly act: "write"; readonly store: Store<unknown>; readonly key: string; readonly value: unknown; readonly options: WriteOptions }
  | { readonly act: "remove"; readonly store: Store<unknown>; readonly key: string; readonly options: WriteOptions }
  | { readonly act: "append"; readonly history: History<unknown>; readonly event: unknown; readonly options: WriteOptions };

/** A change as the process that writes takes it: checked against its definition, which that process need not have. */
export interface FactOrder extends FoundBy {
  readonly kind: StoreKind;
  readonly store: string;
  readonly key: string;
  /** None for a removal. */
  readonly value?: JsonValue;
  readonly version: number;
  readonly causes: readonly string[];
  readonly validFrom?: number;
  readonly producer?: Producer;
  readonly derivation?: Derivation;
  readonly expect?: string;
  /** It was recorded in another ledger, and must be the very same fact here. */
  readonly foreign?: ForeignFact;
}

/** A value without what a project leaves out of its ledger. */
export type Given = <T>(value: T) => T;

/** Causes of one fact. */
export const CAUSES_LIMIT = 100;
const ID_LIMIT = 400;

/** What was made by `store.write`, `store.remove` and `history.append`, and a list of it. @throws InputError `bad_changes` */
export function assertChanges(changes: readonly unknown[]): void {
  const strange = Array.isArray(changes) ? changes.findIndex((change) => !isChange(change)) : undefined;
  if (strange === -1) return;
  throw new InputError(
    "bad_changes",
    strange === undefined
      ? `record: ${whatIs(changes)} is no list of changes`
      : `record: changes[${strange}] is ${whatIs(changes[strange])}, and no change`,
    {
      fix: 'Give what the definitions make, not recorded yet: record([customers.write("c1", value), calls.append(event)]).',
    },
  );
}

function isChange(change: unknown): boolean {
  const { act, store, history }: { readonly [Name in "act" | "store" | "history"]?: unknown } = change ?? {};
  return isStore(act === "append" ? history : act === "write" || act === "remove" ? store : undefined);
}

/**
 * @param given makes of a value what may be recorded of it: before it is checked, so that it is found by nothing that is not recorded
 * @throws InputError `bad_key`, `bad_value`, `bad_index_value`, `bad_valid_time`, `bad_causes`, `bad_producer`, `bad_expectation`, `bad_options`
 */
export async function orderOf(change: StoreChange, given: Given = (value) => value): Promise<FactOrder> {
  if (change.act === "append") {
    const { history, event, options } = change;
    const { checked, value } = await checkedValue(history, given(event));
    const key = partitionOf(history, checked);
    return {
      kind: "history",
      store: history.name,
      key,
      value,
      ...commonOf(history, options),
      ...expected(history.name, options),
      headKeys: [headKeys.all("history", history.name)],
      ranks: [],
    };
  }
  const { store, key, options } = change;
  assertKey(store.name, key);
  const order = { kind: "store", store: store.name, key, ...commonOf(store, options), ...expected(store.name, options) } as const;
  if (change.act === "remove") return { ...order, ...foundBy(store, undefined) };
  const { checked, value } = await checkedValue(store, given(change.value));
  return { ...order, value, ...foundBy(store, { is: checked }) };
}

async function checkedValue(
  store: Store<unknown> | History<unknown>,
  given: unknown,
): Promise<{ readonly checked: unknown; readonly value: JsonValue }> {
  const checked = await check(store.schema, given);
  if (!checked.ok) {
    throw new InputError("bad_value", `${store.name}: ${describeIssues(checked.issues)}`, {
      fix: `Give what the schema of ${store.name} wants.`,
      details: { store: store.name, issues: checked.issues.map((issue) => ({ ...issue })) },
    });
  }
  const json = toJson(checked.value);
  if (!json.ok)
    throw new InputError("bad_value", `${store.name}: ${json.problem.at} ${json.problem.message}`, {
      fix: "What is recorded is JSON: let the schema give that.",
      details: { store: store.name, at: json.problem.at },
    });
  return { checked: checked.value, value: json.value };
}

function commonOf({ name, version }: { readonly name: string; readonly version: number }, options: ChangeOptions) {
  assertObject(`${name}: what is said with a fact`, options);
  const { causedBy = [], validFrom, producer } = options;
  const given: unknown = causedBy;
  const causes: readonly unknown[] = Array.isArray(given) ? given : [undefined];
  const bad = causes.findIndex((id) => !isCause(id));
  if (bad >= 0 || causes.length > CAUSES_LIMIT)
    throw new InputError("bad_causes", `${name}: ${bad < 0 ? `${causes.length} causes` : `a cause is ${shortly(causes[bad])}`}`, {
      fix: `Give a list of ids of facts or runs, at most ${CAUSES_LIMIT}: causedBy: [receipt.id].`,
    });
  if (producer !== undefined) assertProducer(name, producer);
  return {
    version,
    causes: [...new Set(causedBy)],
    ...(validFrom === undefined ? {} : { validFrom: timeOf(validFrom, `${name}: validFrom`) }),
    ...(producer === undefined ? {} : { producer: { kind: producer.kind, name: producer.name } }),
  };
}

/** The id of a fact of the application, of a run, or of a fact of one: anything else would lead nowhere. */
export function isCause(id: unknown): id is string {
  return typeof id === "string" && id.length <= ID_LIMIT && (RUN.test(id) || placeOf(id) !== undefined);
}

const RUN = /^run_\w+(?::\d+)?$/;

/** What is not all text would not be what the hash of the fact covers. */
function assertProducer(store: string, producer: Producer): void {
  const { kind, name }: { readonly kind?: unknown; readonly name?: unknown } = producer ?? {};
  if (PRODUCERS.has(kind) && typeof name === "string" && name !== "") return;
  throw new InputError("bad_producer", `${store}: the producer has the kind ${shortly(kind)} and the name ${shortly(name)}`, {
    fix: `Give a kind (${[...PRODUCERS].join(", ")}) and a name: producer: { kind: "person", name: "cli:ada" }.`,
    details: { store },
  });
}

const PRODUCERS: ReadonlySet<unknown> = new Set<Producer["kind"]>(["program", "person", "run", "derivation", "import"]);

function expected(store: string, { expect }: WriteOptions): { readonly expect?: string } {
  if (expect === undefined) return {};
  if (typeof expect === "string" && expect !== "") return { expect };
  throw new InputError("bad_expectation", `${store}: expect is ${shortly(expect)}`, {
    fix: 'Give "absent", or the id of the latest fact: expect: fact.id.',
  });
}
