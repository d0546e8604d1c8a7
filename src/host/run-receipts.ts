// The receipts of runs that were compacted: one, or all of them page by page.

import { BugError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { compactedNote } from "../run/compacted.ts";
import { keys } from "../run/head.ts";
import { readFact } from "../run/read-fact.ts";
import type { RunReceipt } from "../run/run-receipt.ts";
import type { Page } from "./client.ts";
import { afterCursor, pageSize } from "./page.ts";
import { rootNote } from "./known-run.ts";

/** Which receipts to list. */
export interface CompactedQuery {
  readonly contract?: string;
  readonly status?: RunReceipt["status"];
  /** 1 to 1,000; default 50. */
  readonly limit?: number;
  /** From the page before. */
  readonly cursor?: string;
}

/** The receipt of a run; undefined for one that was not compacted. @throws InputError `run_not_found`, `run_erased` */
export async function receiptOf(ledger: Ledger, run: string): Promise<RunReceipt | undefined> {
  const head = ledger.head(run);
  if (head !== undefined && compactedNote(head.note) !== undefined) return readReceipt(ledger, run);
  rootNote(ledger, run);
  return undefined;
}

/** Receipts, those of the runs that were started last first. @throws InputError `bad_cursor` */
export async function listReceipts(ledger: Ledger, query: CompactedQuery): Promise<Page<RunReceipt>> {
  const { contract, status, limit, cursor } = query;
  const size = pageSize(limit);
  const after = afterCursor(cursor);
  const wanted = [
    keys.compacted,
    ...(contract === undefined ? [] : [keys.contract(contract)]),
    ...(status === undefined ? [] : [keys.status(status)]),
  ];
  const found = ledger.find({ keys: wanted, newestFirst: true, limit: size + 1, ...(after === undefined ? {} : { after }) });
  const shown = found.slice(0, size);
  const last = shown.at(-1);
  return {
    items: await Promise.all(shown.map(({ run }) => readReceipt(ledger, run))),
    cursor: found.length > size && last !== undefined ? String(last.started) : undefined,
  };
}

/** The receipt of a run that was compacted. */
export async function readReceipt(ledger: Ledger, run: string): Promise<RunReceipt> {
  for (const { facts } of await ledger.read(run)) {
    for (const json of facts) {
      const fact = readFact(json, run);
      if (fact.type === "run.compacted") return fact.receipt;
    }
  }
  throw new BugError(`run ${run} was compacted, and there is no receipt of it`);
}
