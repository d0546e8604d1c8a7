// `store activity`: what was recorded last in stores and histories, newest first, without values; with receipts of what was given up, taken out or erased.

import type { FactRef, KeepingReceipt, Kindling } from "../../../index.ts";
import type { Answer } from "../../answer.ts";
import type { GlobalOptions } from "../../project.ts";
import { limitOf, namesIn, storeMeant, withStores } from "../../stores.ts";
import type { Shell } from "../../shell.ts";
import { activityLines, moreLines } from "../../view/store-lines.ts";

/** What `store activity` takes. */
export interface StoreActivityOptions extends GlobalOptions {
  readonly store?: readonly string[];
  readonly limit?: string;
  readonly cursor?: string;
}

const ROWS = 30;

/** Tells the latest changes. */
export function storeActivity(shell: Shell, options: StoreActivityOptions): Promise<Answer> {
  const limit = limitOf(options.limit, 1_000) ?? ROWS;
  return withStores(shell, options, async ({ kindling }): Promise<Answer> => {
    const stores = namesIn(options.store);
    for (const name of stores ?? []) await storeMeant(kindling, name);
    const { items, cursor } = await kindling.activity({
      limit,
      ...(stores === undefined ? {} : { stores }),
      ...(options.cursor === undefined ? {} : { cursor: options.cursor }),
    });
    const receipts = (await receiptsOf(kindling, stores, limit)).filter(
      isWithin(items, { isFirst: options.cursor === undefined, isLast: cursor === undefined }),
    );
    const { paint } = shell.out;
    const lines = activityLines(items, receipts, { paint, now: shell.now() });
    const none = paint(
      "faint",
      cursor === undefined ? "nothing was recorded in stores or histories" : "nothing in the latest part of the ledger",
    );
    return {
      ok: true,
      result: { facts: items, receipts, cursor: cursor ?? null },
      lines: [...(lines.length === 0 ? [none] : lines), ...moreLines(cursor, paint)],
    };
  });
}

/** The latest receipts of what was given up, taken out or erased. */
async function receiptsOf(kindling: Kindling, stores: readonly string[] | undefined, limit: number): Promise<readonly KeepingReceipt[]> {
  const queries = stores === undefined ? [{ limit }] : stores.map((store) => ({ store, limit }));
  const pages = await Promise.all(queries.map((query) => kindling.factReceipts(query)));
  return pages.flatMap(({ items }) => items).sort((one, other) => other.time - one.time);
}

/** Those that stand among some facts: no later than the first one, unless that is the latest of all, and no earlier than the last one. */
function isWithin(facts: readonly FactRef[], { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean }) {
  const [newest, oldest] = [facts[0]?.time ?? 0, facts.at(-1)?.time ?? 0];
  return ({ time }: KeepingReceipt): boolean => (isFirst || time < newest) && (isLast || time >= oldest);
}
