// A ledger folder whose writer tells the naive ledger of everything it appends, so that all it says can be compared at any time.

import { rm } from "node:fs/promises";
import { type Compaction, COMPACTIONS, type CompactOptions } from "../../src/ledger/compaction.ts";
import type { Disk } from "../../src/ledger/disk.ts";
import { type FileLedgerOptions, fileLedger } from "../../src/ledger/file.ts";
import type { Commit, Ledger, LedgerAccess } from "../../src/ledger/ledger.ts";
import { differences, KEYS, LISTS, PLACES } from "./compared.ts";
import { NaiveLedger } from "./naive-ledger.ts";

/** One for each test. */
export class PlayedLedger {
  readonly naive = new NaiveLedger();
  readonly folder: string;
  #options: FileLedgerOptions;
  #now = 1_763_700_000_000;
  #writer: Ledger | undefined;

  constructor(folder: string, options: FileLedgerOptions = {}) {
    this.folder = folder;
    this.#options = { segmentBytes: 6_000, indexBytes: 8_000, ...options };
  }

  open(access: LedgerAccess): Promise<Ledger> {
    return fileLedger(this.folder, this.#options).open({ access, now: () => (this.#now += 1) });
  }

  async writer(): Promise<Ledger> {
    this.#writer ??= await this.open("write");
    return this.#writer;
  }

  /** Appends some commits as one list: they stand in one segment. */
  async say(...commits: readonly Commit[]): Promise<void> {
    const receipts = await (await this.writer()).append(commits);
    for (const [index, commit] of commits.entries()) {
      const receipt = receipts[index];
      if (receipt !== undefined) this.naive.take(this.naive.entryOf(commit, receipt));
    }
  }

  /** So many facts of a stream, one after the other, as one list. */
  async begin(run: string, count: number, more: Partial<Commit> = {}): Promise<void> {
    const from = this.naive.version(run);
    await this.say(...Array.from({ length: count }, (_, index) => noted(run, from + index, more)));
  }

  /** Replaces what a stream said, or gives it up. */
  replace(run: string, replaces: "before" | "all"): Promise<void> {
    return this.say(noted(run, this.naive.version(run), { replaces }));
  }

  async compact(options?: CompactOptions): Promise<Compaction> {
    const done = await (await this.writer()).compact(options);
    await this.learn();
    return done;
  }

  /** Takes in what the ledger has said of its compactions. Of anything else it tells. */
  async learn(): Promise<void> {
    const ledger = await this.writer();
    for await (const entry of ledger.changes({ after: this.naive.position })) {
      if (entry.run !== COMPACTIONS) throw new Error(`${entry.run} was never appended`);
      this.naive.take(entry);
    }
  }

  async close(): Promise<void> {
    await this.#writer?.close();
    this.#writer = undefined;
  }

  /** Goes on as another process would, with its own access to the disk; the one before does nothing more. */
  moveTo(disk: Disk): void {
    this.#options = { ...this.#options, disk };
    this.#writer = undefined;
  }

  async deleteIndex(): Promise<void> {
    await this.close();
    await rm(`${this.folder}/index`, { recursive: true });
  }

  /** Everything in which the writer, or another reader of the folder, says something else than it must. */
  async wrong(of?: Ledger): Promise<readonly string[]> {
    return differences(of ?? (await this.writer()), this.naive);
  }

  /** A round, as one list: a run that is given up, one that is replaced, one that stays now and then, and a stream that grows for ever. */
  async round(number: number): Promise<void> {
    const long = this.naive.version("long");
    const stays = number % 7 === 0 ? [noted(`kept-${number}`, 0), noted(`kept-${number}`, 1)] : [];
    await this.say(
      ...[0, 1, 2, 3].map((expected) => noted(`gone-${number}`, expected)),
      ...[0, 1, 2].map((expected) => noted(`cut-${number}`, expected)),
      ...stays,
      noted("long", long),
      noted(`gone-${number}`, 4, { replaces: "all" }),
      noted(`cut-${number}`, 3, { replaces: "before" }),
    );
  }
}

/** A commit of one fact with a head. */
export function noted(run: string, expected: number, more: Partial<Commit> = {}): Commit {
  const number = expected + 1;
  return {
    run,
    expected,
    facts: [{ type: "noted", number, text: `${run} said this `.repeat(6) }],
    head: {
      open: number % 3 > 0,
      keys: KEYS.filter((_, index) => (number + index) % 2 === 0),
      note: { number },
      due: number * 10,
      ranks: LISTS.map((list, index) => ({ list, place: PLACES[(number + index) % PLACES.length] ?? "" })),
    },
    ...more,
  };
}
