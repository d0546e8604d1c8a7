// What somebody wants to record in a store or a history: said against its definition, checked, and made into an order that any process can carry out.

import { InputError } from "../errors.ts";
import { type JsonValue, toJson } from "../json.ts";
import { check, describeIssues } from "../schema.ts";
import type { Producer } from "./fact.ts";
import { assertKey, headKeys, shortly, type StoreKind } from "./names.ts";
import { type History, indexedBy, partitionOf, type Store } from "./store.ts";
import { timeOf } from "./valid-time.ts";

/** What may be said with a fact. */
export interface ChangeOptions {
  /** Ids of facts it rests on: of stores, histories or runs. At most 100. */
  readonly causedBy?: readonly string[];
  /** Since when it holds in the world: a date, milliseconds since 1970, or ISO 8601 with a time zone. When it is recorded, if left out. */
  readonly validFrom?: Date | number | string;
  readonly producer?: Producer;
}

/** What may be said with a value of a store. */
export interface WriteOptions extends ChangeOptions {
  /** Refuses the write unless this is how the key stands: `absent` without a value, or the id of its latest fact. */
  readonly expect?: string;
}

/** A change of a store or a history, not recorded yet: made by `store.write`, `store.remove` and `history.append`, taken by `kindling.record`. */
export type StoreChange =
  | { readonly act: "write"; readonly store: Store<unknown>; readonly key: string; readonly value: unknown; readonly options: WriteOptions }
  | { readonly act: "remove"; readonly store: Store<unknown>; readonly key: string; readonly options: WriteOptions }
  | { readonly act: "append"; readonly history: History<unknown>; readonly event: unknown; readonly options: ChangeOptions };

/** A change as the process that writes takes it: checked against its definition, which that process need not have. */
export interface FactOrder {
  readonly kind: StoreKind;
  readonly store: string;
  readonly key: string;
  /** None for a removal. */
  readonly value?: JsonValue;
  readonly version: number;
  readonly causes: readonly string[];
  readonly validFrom?: number;
  readonly producer?: Producer;
  readonly expect?: string;
  /** What the key is found by from now on. */
  readonly headKeys: readonly string[];
}

const CAUSES_LIMIT = 100;
const ID_LIMIT = 400;

/** @throws InputError `bad_key`, `bad_value`, `bad_index_value`, `bad_valid_time`, `bad_causes` */
export async function orderOf(change: StoreChange): Promise<FactOrder> {
  if (change.act === "append") {
    const { history, event, options } = change;
    const { checked, value } = await checkedValue(history, event);
    const key = partitionOf(history, checked);
    return {
      kind: "history",
      store: history.name,
      key,
      value,
      ...commonOf(history, options),
      headKeys: [headKeys.all("history", history.name)],
    };
  }
  const { store, key, options } = change;
  assertKey(store.name, key);
  const all = headKeys.all("store", store.name);
  const order = { kind: "store", store: store.name, key, ...commonOf(store, options), ...expected(store.name, options) } as const;
  if (change.act === "remove") return { ...order, headKeys: [all] };
  const { checked, value } = await checkedValue(store, change.value);
  const indexed = indexedBy(store, checked).map(([index, text]) => headKeys.indexed(store.name, index, text));
  return { ...order, value, headKeys: [all, headKeys.present(store.name), ...indexed] };
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

function commonOf(
  { name, version }: { readonly name: string; readonly version: number },
  { causedBy = [], validFrom, producer }: ChangeOptions,
) {
  const given: readonly unknown[] = causedBy;
  const bad = given.find((id) => typeof id !== "string" || id === "" || id.length > ID_LIMIT);
  if (bad !== undefined || given.length > CAUSES_LIMIT)
    throw new InputError("bad_causes", `${name}: ${bad === undefined ? `${given.length} causes` : `a cause is ${shortly(bad)}`}`, {
      fix: `Give ids of facts, at most ${CAUSES_LIMIT}: receipt.id of what was recorded.`,
    });
  return {
    version,
    causes: [...new Set(causedBy)],
    ...(validFrom === undefined ? {} : { validFrom: timeOf(validFrom, `${name}: validFrom`) }),
    ...(producer === undefined ? {} : { producer: { kind: producer.kind, name: producer.name } }),
  };
}

function expected(store: string, { expect }: WriteOptions): { readonly expect?: string } {
  if (expect === undefined) return {};
  if (typeof expect === "string" && expect !== "") return { expect };
  throw new InputError("bad_expectation", `${store}: expect is ${shortly(expect)}`, {
    fix: 'Give "absent", or the id of the latest fact: expect: fact.id.',
  });
}
