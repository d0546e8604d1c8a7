// `store receipts` and `store resolve`: what was given up, taken out or erased, by whom and why; and what an id of a fact leads to.

import { InputError, type KeepingKind } from "../../../index.ts";
import type { Answer } from "../../answer.ts";
import { UsageError } from "../../problem.ts";
import type { GlobalOptions } from "../../project.ts";
import type { Shell } from "../../shell.ts";
import { limitOf, storeMeant, withStores } from "../../stores.ts";
import { receiptRows, resolvedLines } from "../../view/keeping-lines.ts";
import { moreLines } from "../../view/store-lines.ts";
import { table } from "../../view/text.ts";
import { visible, visibleCopy } from "../../view/visible.ts";

/** What `store receipts` takes. */
export interface StoreReceiptsOptions extends GlobalOptions {
  readonly store?: string;
  readonly kind?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

/** What `store resolve` takes. */
export interface StoreResolveOptions extends GlobalOptions {
  readonly boundary?: boolean;
}

const KINDS: readonly KeepingKind[] = ["compact", "prune", "purge", "erase", "late"];

/** Lists receipts, newest first. */
export function storeReceipts(shell: Shell, options: StoreReceiptsOptions): Promise<Answer> {
  const limit = limitOf(options.limit, 1_000);
  const kind = kindOf(options.kind);
  return withStores(shell, options, async ({ kindling }): Promise<Answer> => {
    const { store, cursor: after } = options;
    if (store !== undefined) await storeMeant(kindling, store);
    const { items, cursor } = await kindling.factReceipts({
      ...(store === undefined ? {} : { store }),
      ...(kind === undefined ? {} : { kind }),
      ...(limit === undefined ? {} : { limit }),
      ...(after === undefined ? {} : { cursor: after }),
    });
    const { paint } = shell.out;
    const rows = receiptRows(visibleCopy(items), paint);
    const lines = rows.length === 0 ? [paint("faint", "nothing was given up, taken out or erased")] : table(rows);
    return { ok: true, result: { receipts: items, cursor: cursor ?? null }, lines: [...lines, ...moreLines(cursor, paint)] };
  });
}

/** Tells what an id leads to. */
export function resolveId(shell: Shell, id: string, { boundary = false, ...options }: StoreResolveOptions): Promise<Answer> {
  return withStores(shell, options, async ({ kindling }): Promise<Answer> => {
    const resolved = await kindling.resolve(id, { fidelity: boundary ? "boundary" : "raw" });
    if (resolved.status === "not_found")
      throw new InputError("fact_not_found", `there is no fact ${visible(id)}`, {
        fix: "Give it whole, as it was told: store:NAME:KEY@NUMBER#DIGITS. It may belong to another ledger.",
      });
    return { ok: true, result: { resolved }, lines: resolvedLines(visibleCopy(resolved), shell.out.paint) };
  });
}

function kindOf(given: string | undefined): KeepingKind | undefined {
  const kind = KINDS.find((each) => each === given);
  if (given === undefined || kind !== undefined) return kind;
  throw new UsageError("bad_option", `--kind ${given} is none of ${KINDS.join(", ")}`, { fix: "Give one of them." });
}
