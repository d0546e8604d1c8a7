// Brings values into indexes that their definition did not have when they were recorded. What an index holds follows from facts, so they are recorded anew.

import { InputError } from "../errors.ts";
import { latestOf } from "./fact-reader.ts";
import type { FactAccess } from "./handle.ts";
import { unindexed } from "./query.ts";
import type { Store } from "./store.ts";
import { readWritten } from "./value.ts";

/** Values recorded in one go. */
const PAGE = 100;

/** Goes on until every value stands in all indexes; gives how many it has recorded. */
export async function reindexStore<T, Index extends string, Links>(store: Store<T, Index, Links>, access: FactAccess): Promise<number> {
  let recorded = 0;
  for (;;) {
    const { ledger } = await access.asked();
    const heads = unindexed(store, ledger, PAGE);
    if (heads.length === 0) return recorded;
    const facts = await latestOf(ledger, heads);
    const outcomes = await Promise.all(
      facts.map(async (raw) => {
        const fact = await readWritten(store, raw);
        if (fact === undefined) return 0;
        const { key, value, id, validFrom } = fact;
        const change = store.write(key, value, { expect: id, causedBy: [id], validFrom, producer: PRODUCER });
        return access.record([change], {}).then(() => 1, unlessChanged);
      }),
    );
    recorded += outcomes.reduce((sum, each) => sum + each, 0);
  }
}

const PRODUCER = { kind: "program", name: "reindex" } as const;

/** Of what somebody else has changed meanwhile the latest fact is another one. */
function unlessChanged(error: unknown): number {
  if (error instanceof InputError && error.code === "write_conflict") return 0;
  throw error;
}
