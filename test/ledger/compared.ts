// Asks a ledger everything that can be asked, and compares each answer with what the naive one says.

import { isDeepStrictEqual } from "node:util";
import type { Entry, FindQuery, Ledger } from "../../src/ledger/ledger.ts";
import type { RankQuery } from "../../src/ledger/rank.ts";
import type { NaiveLedger } from "./naive-ledger.ts";

/** Keys that histories put into heads. */
export const KEYS = ["status:waiting", "status:done", "of:someone"] as const;

const QUERIES: readonly FindQuery[] = [
  { keys: [] },
  { keys: [], newestFirst: true },
  { keys: [], open: true, limit: 3 },
  ...KEYS.map((key) => ({ keys: [key] })),
  { keys: [KEYS[0], KEYS[2]] },
  { keys: [KEYS[1]], open: false, newestFirst: true },
];

/** Lists and places that histories put into heads. */
export const LISTS = ["by-size", "by-name"] as const;
export const PLACES = ["", "a", "a\u0001", "aa", "b\u{1f600}", "b\ue000"] as const;

const RANKED: readonly RankQuery[] = LISTS.flatMap((list) => [
  { list },
  { list, descending: true },
  { list, from: "a", before: "aa" },
  { list, from: "a\u0001", descending: true, limit: 2 },
  { list, after: { place: "a", started: 3 } },
  { list, after: { place: "b", started: 3 }, descending: true, limit: 3 },
]);

/** Everything in which a ledger differs from what it must say. */
export async function differences(ledger: Ledger, naive: NaiveLedger): Promise<readonly string[]> {
  const wrong: string[] = [];
  const compare = (question: string, found: unknown, right: unknown): void => {
    if (!isDeepStrictEqual(found, right)) wrong.push(`${question}: ${shown(found)} and not ${shown(right)}`);
  };
  compare("position", ledger.position, naive.position);
  for (const run of naive.names) {
    compare(`head of ${run}`, ledger.head(run), naive.head(run));
    compare(`entries of ${run}`, await ledger.read(run), naive.read(run));
    const from = Math.max(1, naive.version(run) - 1);
    compare(`entries of ${run} from ${from}`, await ledger.read(run, { from }), naive.read(run, from));
  }
  const middle = naive.position / 2;
  const pages = [0, Math.floor(middle), naive.position].map((after) => ({ keys: [], after, limit: 2 }));
  for (const query of [...QUERIES, ...pages, ...pages.map((page) => ({ ...page, newestFirst: true }))])
    compare(`find ${JSON.stringify(query)}`, ledger.find(query), naive.find(query));
  for (const query of RANKED) compare(`ranked ${JSON.stringify(query)}`, ledger.ranked(query), naive.ranked(query));
  for (const until of [0, 50, 100]) compare(`due until ${until}`, ledger.due({ until }), naive.due({ until }));
  const told: Entry[] = [];
  for await (const entry of ledger.changes({ after: ledger.oldest - 1 })) told.push(entry);
  compare(`changes from ${ledger.oldest} on`, told, naive.log.slice(ledger.oldest - 1));
  return wrong;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
