// `store history`: all that a key was, or what happened in a part of a history; without one, the keys or parts there are.

import { InputError, type Page } from "../../../index.ts";
import type { Answer } from "../../answer.ts";
import { type AsOfOption, pastOf } from "../../moment-option.ts";
import type { GlobalOptions } from "../../project.ts";
import { keyNotFound, type MeantStore, type PartOptions, partOf, type Shape, storeMeant, type ToldFact, withStores } from "../../stores.ts";
import type { Shell } from "../../shell.ts";
import { factRow, keySummaryRow, moreLines, shapeLines } from "../../view/store-lines.ts";
import { table } from "../../view/text.ts";
import { visibleCopy } from "../../view/visible.ts";

/** What `store history` takes. */
export interface StoreHistoryOptions extends GlobalOptions, AsOfOption, PartOptions {
  readonly raw?: boolean;
}

type Part = ReturnType<typeof partOf> & ReturnType<typeof pastOf>;

/** Tells the facts of a key or a part, or which there are. */
export function storeHistory(shell: Shell, name: string, key: string | undefined, options: StoreHistoryOptions): Promise<Answer> {
  const part = { ...partOf(options), ...pastOf(options) };
  return withStores(shell, options, async ({ kindling }): Promise<Answer> => {
    const store = await storeMeant(kindling, name);
    const wanted = key ?? ((await hasNoParts(store)) ? "" : undefined);
    return wanted === undefined
      ? listKeys(shell, store, part)
      : listFacts(shell, store, { key: wanted, part, isRaw: options.raw === true });
  });
}

/** True for a history all of whose events stand in one row. */
async function hasNoParts({ kind, named, recorded }: MeantStore): Promise<boolean> {
  if (kind === "store") return false;
  if (named?.kind === "history") return named.definition.partitionBy === undefined;
  const [only] = (await recorded.keys({ limit: 1 })).items;
  return only?.key === "";
}

async function listFacts(
  shell: Shell,
  store: MeantStore,
  { key, part, isRaw }: { readonly key: string; readonly part: Part; readonly isRaw: boolean },
): Promise<Answer> {
  const shape: Shape = store.named === undefined || isRaw ? "recorded" : "current";
  const { items, cursor } = await factsOf(store, key, part, shape);
  if (items.length === 0 && part.cursor === undefined && part.asOf === undefined) throw await keyNotFound(store, key, shell.program);
  const { paint } = shell.out;
  const rows = visibleCopy(items).map((fact) => factRow(fact, { paint, now: shell.now() }));
  return {
    ok: true,
    result: { facts: items, cursor: cursor ?? null, shape },
    lines: [
      ...(rows.length === 0 ? [paint("faint", "nothing then")] : table(rows)),
      ...moreLines(cursor, paint),
      ...shapeLines(shape, store.name, store.named !== undefined, paint),
    ],
  };
}

function factsOf({ named, recorded }: MeantStore, key: string, part: Part, shape: Shape): Promise<Page<ToldFact>> {
  if (shape === "recorded" || named === undefined) return recorded.history(key, part);
  if (named.kind === "store") return named.handle.history(key, part);
  return named.handle.read({ ...part, ...(key === "" ? {} : { partition: key }) });
}

async function listKeys(shell: Shell, { kind, name, recorded }: MeantStore, part: Part): Promise<Answer> {
  if (part.asOf !== undefined)
    throw new InputError("key_needed", "--as-of is about one key or one part", { fix: `${shell.program} store history ${name} <key>` });
  const { items, cursor } = await recorded.keys(part);
  const { paint } = shell.out;
  const rows = visibleCopy(items).map((each) => keySummaryRow(each, { paint, now: shell.now() }));
  const none = paint("faint", `${name} has no ${kind === "store" ? "keys" : "parts"} yet`);
  return {
    ok: true,
    result: { keys: items, cursor: cursor ?? null },
    lines: rows.length === 0 ? [none] : [...table(rows), ...moreLines(cursor, paint)],
  };
}
