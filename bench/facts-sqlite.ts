// The same facts in node:sqlite: every fact a row that stays, the latest of each key in a table with the same indexes, sums kept in the transaction that records.

import type { DatabaseSync } from "node:sqlite";
import type { FactSubject, Item, Visit } from "./facts-subject.ts";

const TABLES = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS facts (position INTEGER PRIMARY KEY, key TEXT NOT NULL, time INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS facts_key ON facts (key, position);
  CREATE TABLE IF NOT EXISTS items (key TEXT PRIMARY KEY, owner TEXT NOT NULL, due INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS items_owner ON items (owner);
  CREATE INDEX IF NOT EXISTS items_due ON items (due);
  CREATE TABLE IF NOT EXISTS visits (position INTEGER PRIMARY KEY, part TEXT NOT NULL, time INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS visits_part ON visits (part, position);
  CREATE TABLE IF NOT EXISTS sums (part TEXT PRIMARY KEY, sum INTEGER NOT NULL)`;

/** Opens or makes one. Calls block, so those who write at once are one transaction only when they come in one turn. */
export async function sqliteFacts(path: string): Promise<FactSubject> {
  const { DatabaseSync: Database } = await import("node:sqlite");
  const database = new Database(path);
  database.exec(TABLES);
  const insertFact = database.prepare("INSERT INTO facts (key, time, body) VALUES (?, ?, ?)");
  const putItem = database.prepare("INSERT OR REPLACE INTO items (key, owner, due, body) VALUES (?, ?, ?, ?)");
  const insertVisit = database.prepare("INSERT INTO visits (part, time, body) VALUES (?, ?, ?)");
  const addSum = database.prepare("INSERT INTO sums (part, sum) VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET sum = sum + excluded.sum");
  const getItem = database.prepare("SELECT body FROM items WHERE key = ?");
  const lastFact = database.prepare("SELECT max(position) AS last FROM facts");
  const getThen = database.prepare("SELECT body FROM facts WHERE key = ? AND position <= ? ORDER BY position DESC LIMIT 1");
  const part = database.prepare("SELECT body FROM visits WHERE part = ? ORDER BY position LIMIT 100");
  const owner = database.prepare("SELECT body FROM items WHERE owner = ? LIMIT 20");
  const due = database.prepare("SELECT body FROM items WHERE due >= ? ORDER BY due LIMIT 20");
  const sum = database.prepare("SELECT sum FROM sums WHERE part = ?");
  let isSumming = false;
  const durable = transactionsOf(database);
  const item = (key: string, value: Item): void => {
    const body = JSON.stringify(value);
    insertFact.run(key, Date.now(), body);
    putItem.run(key, value.owner, value.due, body);
  };
  const visit = (event: Visit): void => {
    insertVisit.run(event.part, Date.now(), JSON.stringify(event));
    if (isSumming) addSum.run(event.part, event.minutes);
  };
  const bodies = (rows: readonly Record<string, unknown>[]): number => rows.map(({ body }) => JSON.parse(String(body)) as unknown).length;
  const one = (row: Record<string, unknown> | undefined): Item | undefined =>
    row === undefined ? undefined : (JSON.parse(String(row["body"])) as Item);
  let last: number | undefined;
  return {
    fill: (items, events) => {
      last = undefined;
      return durable(() => {
        for (const [key, value] of items) item(key, value);
        for (const event of events) visit(event);
      });
    },
    write: (key, value) => durable(() => item(key, value)),
    get: (key) => Promise.resolve(one(getItem.get(key))),
    getThen: (key, permille) => {
      last ??= Number(lastFact.get()?.["last"]);
      return Promise.resolve(one(getThen.get(key, Math.floor((last * permille) / 1_000))));
    },
    part: (of) => Promise.resolve(bodies(part.all(of))),
    ofOwner: (of) => Promise.resolve(bodies(owner.all(of))),
    dueFrom: (from) => Promise.resolve(bodies(due.all(from))),
    deriveSums: () => {
      isSumming = true;
      return durable(() => {
        database.exec("INSERT INTO sums SELECT part, sum(json_extract(body, '$.minutes')) FROM visits GROUP BY part");
      });
    },
    visit: (event) => durable(() => visit(event)),
    sum: (of) => {
      const found = sum.get(of)?.["sum"];
      return Promise.resolve(found === undefined ? undefined : Number(found));
    },
    close: () => {
      database.close();
      return Promise.resolve();
    },
  };
}

/** Whoever comes in the same turn is in the same transaction. */
function transactionsOf(database: DatabaseSync): (write: () => void) => Promise<void> {
  const waiting: { readonly write: () => void; readonly done: () => void }[] = [];
  const flush = (): void => {
    const group = waiting.splice(0);
    database.exec("BEGIN IMMEDIATE");
    for (const { write } of group) write();
    database.exec("COMMIT");
    for (const { done } of group) done();
  };
  return (write) =>
    new Promise((done) => {
      if (waiting.push({ write, done }) === 1) setImmediate(flush);
    });
}
