// Heads of a ledger, however many there are: asked for page by page, so that nobody holds them all.

import type { FindQuery, Ledger, StreamHead } from "../ledger/ledger.ts";

/** Heads in a page. */
export const PAGE_HEADS = 256;

/** What is looked for, without how much at once. */
export type HeadQuery = Omit<FindQuery, "limit">;

/** The heads that match, in the order asked for; each page shows how it stands when it is asked for. */
export function* eachHead(ledger: Ledger, query: HeadQuery): Generator<StreamHead, void> {
  for (const page of eachPage(ledger, query)) yield* page;
}

/** The same in pages: who has much to do with each lets others go first between them. */
export function* eachPage(ledger: Ledger, query: HeadQuery): Generator<readonly StreamHead[], void> {
  for (let { after } = query; ; ) {
    const page = ledger.find({ ...query, limit: PAGE_HEADS, ...(after === undefined ? {} : { after }) });
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_HEADS) return;
    after = last.started;
  }
}

/** True when something matches. */
export function hasHead(ledger: Ledger, query: HeadQuery): boolean {
  return ledger.find({ ...query, limit: 1 }).length > 0;
}
