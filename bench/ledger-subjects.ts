// What the ledger's appends are measured against, all behind one shape: the same records, durable when the promise resolves.

import { open, type FileHandle } from "node:fs/promises";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { fileLedger, type JsonObject, type Ledger } from "../src/index.ts";

/** Something that keeps records. */
export interface Subject {
  /** Resolves when the record, the client's n-th, is durable. */
  append(client: number, number: number): Promise<unknown>;
  close(): Promise<void>;
}

/** Ways to keep records, by name; each makes a subject at a path of its own. */
export const SUBJECTS = { ledger: ledgerSubject, group: groupSubject, each: eachSubject, sqlite: sqliteSubject } as const;

export type SubjectName = keyof typeof SUBJECTS;

/** A group is cut here, as the ledger cuts it. */
const GROUP_LIMIT_LINES = 1_024;
const GROUP_LIMIT_BYTES = 1024 * 1024;

/** What the ledger puts around a fact of `fact` in a line, measured: the raw subjects write as many bytes. */
const FRAME_BYTES = 165;

/** A fact of about 1 kB. */
export function fact(number: number): JsonObject {
  return {
    id: `fact-${number}`,
    kind: "model.replied",
    path: "posts[en]/draft",
    usage: { input: 812, output: 214 },
    text: "Lorem ipsum dolor sit amet. ".repeat(32),
  };
}

async function ledgerSubject(path: string): Promise<Subject> {
  const ledger: Ledger = await fileLedger(path).open({ access: "write" });
  return {
    append: (client, number) => ledger.append([{ run: `run-${client}`, expected: number, facts: [fact(number)] }]),
    close: () => ledger.close(),
  };
}

/** Bytes made before and written as they are: what is left is the disk and the waking up of those who wait. */
async function groupSubject(path: string): Promise<Subject> {
  const file = await open(path, "w");
  const record = rawRecord();
  const limit = Math.min(GROUP_LIMIT_LINES, Math.floor(GROUP_LIMIT_BYTES / record.length));
  const queue = new GroupQueue<undefined>(limit, async (group) => {
    await file.writev(group.map(() => record));
    await file.datasync();
  });
  return { append: () => queue.append(undefined), close: () => file.close() };
}

/** One write and one sync for each record, one after the other, however many clients there are. */
async function eachSubject(path: string): Promise<Subject> {
  const file: FileHandle = await open(path, "w");
  const record = rawRecord();
  const queue = new GroupQueue<undefined>(1, async () => {
    await file.write(record);
    await file.datasync();
  });
  return { append: () => queue.append(undefined), close: () => file.close() };
}

/** A table with an index on the run; everything queued in a turn is one transaction. */
async function sqliteSubject(path: string): Promise<Subject> {
  const { DatabaseSync } = await import("node:sqlite");
  const database: DatabaseSync = new DatabaseSync(path);
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE facts (position INTEGER PRIMARY KEY, run TEXT NOT NULL, body TEXT NOT NULL); CREATE INDEX facts_run ON facts (run, position)",
  );
  const insert: StatementSync = database.prepare("INSERT INTO facts (run, body) VALUES (?, ?)");
  const queue = new GroupQueue<readonly [string, number]>(Number.POSITIVE_INFINITY, async (group) => {
    // The calls block: a turn of the event loop lets everybody who was just answered ask again, so that one transaction takes them all.
    await new Promise((resolve) => setImmediate(resolve));
    database.exec("BEGIN IMMEDIATE");
    for (const [run, number] of group) insert.run(run, JSON.stringify(fact(number)));
    database.exec("COMMIT");
  });
  return { append: (client, number) => queue.append([`run-${client}`, number]), close: async () => database.close() };
}

function rawRecord(): Buffer {
  return Buffer.alloc(Buffer.byteLength(JSON.stringify(fact(10_000))) + FRAME_BYTES, "x");
}

/** What waits while one group is written goes into the next one. */
class GroupQueue<T> {
  readonly #limit: number;
  readonly #write: (group: readonly T[]) => Promise<void>;
  #waiting: { readonly record: T; readonly done: () => void; readonly failed: (error: unknown) => void }[] = [];
  #isRunning = false;

  constructor(limit: number, write: (group: readonly T[]) => Promise<void>) {
    this.#limit = limit;
    this.#write = write;
  }

  append(record: T): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ record, done, failed });
      if (this.#isRunning) return;
      this.#isRunning = true;
      queueMicrotask(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, this.#limit);
      try {
        await this.#write(group.map(({ record }) => record));
        for (const { done } of group) done();
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    this.#isRunning = false;
  }
}
