// `store activity`: what was recorded last in stores and histories, newest first, without values; with receipts of what was given up, taken out or erased.

import type { KeepingReceipt, Kindling } from "../../../index.ts";
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
    const receipts = await receiptsWithin(kindling, stores, { cursor: options.cursor, oldest: cursor === undefined ? 0 : Number(cursor) });
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

/** Receipts of what was given up, taken out or erased, newest first: those of the same part of the ledger. */
async function receiptsWithin(
  kindling: Kindling,
  stores: readonly string[] | undefined,
  { cursor, oldest }: { readonly cursor: string | undefined; readonly oldest: number },
): Promise<readonly KeepingReceipt[]> {
  const found: KeepingReceipt[] = [];
  for (const store of stores ?? [undefined]) {
    let after = cursor;
    do {
      const page = await kindling.factReceipts({
        limit: PAGE_RECEIPTS,
        ...(store === undefined ? {} : { store }),
        ...(after === undefined ? {} : { cursor: after }),
      });
      const those = page.items.filter(({ position }) => position >= oldest);
      found.push(...those);
      after = those.length === page.items.length ? page.cursor : undefined;
    } while (after !== undefined);
  }
  return found.sort((one, other) => other.position - one.position);
}

const PAGE_RECEIPTS = 200;
