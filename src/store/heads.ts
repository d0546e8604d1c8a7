// Walks over all streams that a key finds, a page at a time.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Ledger, StreamHead } from "../ledger/ledger.ts";

const PAGE = 256;

/** Those that began first before the others. */
export function* headsOf(ledger: Ledger, key: string): Generator<StreamHead> {
  for (let after = 0; ; ) {
    const heads = ledger.find({ keys: [key], after, limit: PAGE });
    yield* heads;
    const last = heads.at(-1);
    if (last === undefined || heads.length < PAGE) return;
    after = last.started;
  }
}

/** The same, with a turn for everything else in this process between pages: where there may be many. */
export async function* headsInTurns(
  ledger: Ledger,
  key: string,
  { newestFirst = false }: { readonly newestFirst?: boolean } = {},
): AsyncGenerator<StreamHead, void> {
  for (let behind: { readonly after?: number } = {}; ; ) {
    const heads = ledger.find({ keys: [key], ...behind, newestFirst, limit: PAGE });
    yield* heads;
    const last = heads.at(-1);
    if (last === undefined || heads.length < PAGE) return;
    behind = { after: last.started };
    await nextTurn();
  }
}
