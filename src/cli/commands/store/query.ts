// `store query`: values that stand in an index under a value, or in a part of it. Needs the definition, since what an index holds is a function in it.

import { didYouMean, type IndexRange, type IndexValue, InputError } from "../../../index.ts";
import type { Answer } from "../../answer.ts";
import { type AsOfOption, pastOf } from "../../moment-option.ts";
import { UsageError } from "../../problem.ts";
import type { GlobalOptions } from "../../project.ts";
import { withProject } from "../../runs.ts";
import { configuredStore, limitOf, withStores } from "../../stores.ts";
import type { Shell } from "../../shell.ts";
import { keyRow, moreLines } from "../../view/store-lines.ts";
import { counted, table } from "../../view/text.ts";
import { visible, visibleCopy } from "../../view/visible.ts";

/** What `store query` takes. */
export interface StoreQueryOptions extends GlobalOptions, AsOfOption {
  readonly from?: string;
  readonly above?: string;
  readonly to?: string;
  readonly below?: string;
  readonly startsWith?: string;
  readonly descending?: boolean;
  readonly scan?: boolean;
  readonly limit?: string;
  readonly cursor?: string;
}

/** Tells the values found, in the order of the index. */
export function queryStore(
  shell: Shell,
  name: string,
  index: string,
  value: string | undefined,
  options: StoreQueryOptions,
): Promise<Answer> {
  const { limit: asked, cursor: after, descending, scan } = options;
  const limit = limitOf(asked, 1_000);
  const wanted = {
    ...pastOf(options),
    order: descending === true ? "descending" : "ascending",
    scan: scan === true,
    ...(limit === undefined ? {} : { limit }),
    ...(after === undefined ? {} : { cursor: after }),
  } as const;
  const looked = wantedOf(value, options);
  return withStores(shell, options, async ({ kindling }): Promise<Answer> => {
    const store = await configuredStore(kindling, name, "by what its values are found, only its definition says");
    if (store.kind === "history")
      throw new UsageError("not_a_store", `${name} is a history, and has parts in place of indexes`, {
        fix: `${shell.program} store history ${name}`,
      });
    assertIndex(name, Object.keys(store.definition.indexes), index);
    const { items, cursor } = await orReindex(store.handle.query(index, looked, wanted), `${shell.program} store reindex ${name}`);
    const { paint } = shell.out;
    const rows = visibleCopy(items).map((fact) => keyRow(fact, { paint, now: shell.now() }));
    const part = isAll(looked) ? "" : ` under ${visible(JSON.stringify(looked))}`;
    const none = paint("faint", `nothing in ${name} stands in "${index}"${part}`);
    return {
      ok: true,
      result: { facts: items, cursor: cursor ?? null, shape: "current" },
      lines: rows.length === 0 ? [none] : [...table(rows), ...moreLines(cursor, paint)],
    };
  });
}

/** Records values anew that were recorded before the definition had all its indexes. */
export function reindexStore(shell: Shell, name: string, options: GlobalOptions): Promise<Answer> {
  return withProject(shell, options, "shared", async ({ kindling }): Promise<Answer> => {
    const store = await configuredStore(kindling, name, "by what its values are found, only its definition says");
    if (store.kind === "history")
      throw new UsageError("not_a_store", `${name} is a history, and has no indexes`, { fix: `${shell.program} store list` });
    const recorded = await store.handle.reindex();
    const { paint } = shell.out;
    const what = recorded === 0 ? "every value stands in all indexes" : `recorded ${counted(recorded, "value")} anew`;
    return { ok: true, result: { recorded }, lines: [`${paint("good", "✓")} ${name}: ${what}`] };
  });
}

/** What people here do about an index that is not whole is a command. */
async function orReindex<T>(work: Promise<T>, fix: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof InputError && error.code === "index_incomplete")
      throw new InputError(error.code, error.message, { fix: `Record them anew once: ${fix}`, details: error.details, cause: error });
    throw error;
  }
}

function isAll(looked: IndexValue | IndexRange): boolean {
  return typeof looked === "object" && looked !== null && Object.keys(looked).length === 0;
}

const ENDS = ["from", "above", "to", "below"] as const;

/** A value, or a part of the index. */
function wantedOf(value: string | undefined, options: StoreQueryOptions): IndexValue | IndexRange {
  const ends = ENDS.flatMap((end) => {
    const text = options[end];
    return text === undefined ? [] : [[end, indexValueOf(text)] as const];
  });
  const { startsWith } = options;
  if (value === undefined) return { ...Object.fromEntries(ends), ...(startsWith === undefined ? {} : { startsWith }) };
  if (ends.length === 0 && startsWith === undefined) return indexValueOf(value);
  throw new UsageError("bad_option", "a value and a part of the index were asked for", { fix: "Give the one or the other." });
}

/** @throws InputError `unknown_index` */
export function assertIndex(store: string, indexes: readonly string[], index: string): void {
  if (indexes.includes(index)) return;
  throw new InputError("unknown_index", `${store} has no index "${index}"`, {
    fix: didYouMean(index, indexes),
    details: { store, index, indexes },
  });
}

/** JSON when it is a number, true, false, null or a quoted text; any other text as it stands. */
export function indexValueOf(text: string): IndexValue {
  if (!/^(-?\d+(\.\d+)?([eE][+-]?\d+)?|true|false|null|".*")$/s.test(text)) return text;
  try {
    // The pattern lets nothing else through.
    return JSON.parse(text) as IndexValue;
  } catch {
    // `"` at both ends makes no JSON text of everything between: then it is a text that has them.
    return text;
  }
}
