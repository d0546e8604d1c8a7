// Random histories of a ledger that is compacted again and again, played beside the naive one that forgets nothing.

import type { Compaction } from "../../src/ledger/compaction.ts";
import { COMPACTIONS } from "../../src/ledger/compaction.ts";
import type { Disk } from "../../src/ledger/disk.ts";
import { ledgerFolder } from "../../src/ledger/folder.ts";
import type { Commit, Entry, Head, Ledger, LedgerAccess, Receipt } from "../../src/ledger/ledger.ts";
import { openFolder } from "../../src/ledger/open-folder.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { differences, KEYS, LISTS, PLACES } from "./compared.ts";
import { NaiveLedger } from "./naive-ledger.ts";

export const FOLDER = "/ledger";

/** Streams that may go on at a time. */
const RUNS = 9;

/** How small the pieces of a history are. */
export interface HistoryShape {
  readonly segmentBytes: number;
  readonly indexBytes: number;
  /** Others have the folder open for reading, before compactions and after, and it is verified at the end. */
  readonly isWatched: boolean;
}

/** A ledger that is open for writing, and what it must say. */
export class CompactionHistory {
  readonly naive = new NaiveLedger();
  readonly told: Compaction[] = [];
  readonly wrong: string[] = [];
  readonly #disk: Disk;
  readonly #random: () => number;
  readonly #shape: HistoryShape;
  #ledger: Ledger | undefined;
  #readers: Ledger[] = [];
  #now = 1_000;

  constructor(disk: Disk, random: () => number, shape: HistoryShape) {
    this.#disk = disk;
    this.#random = random;
    this.#shape = shape;
  }

  /** Plays so many random steps, and asks everything in between and at the end. */
  async play(steps: number): Promise<void> {
    for (let step = 0; step < steps && this.wrong.length === 0; step++) await this.#step();
    await this.#check("the end");
    await this.#compact();
    await this.#check("the last compaction");
    await this.#reopen(true);
    await this.#check("an index made anew");
    if (this.#shape.isWatched) await this.#verify();
    await this.close();
  }

  async close(): Promise<void> {
    for (const reader of this.#readers) await reader.close();
    await this.#ledger?.close();
    this.#ledger = undefined;
    this.#readers = [];
  }

  async #step(): Promise<void> {
    const chance = this.#random();
    if (chance < 0.74) return this.#append();
    if (chance < 0.83) return this.#compact();
    if (chance < 0.87) return this.#compactAndAppend();
    if (chance < 0.92) return this.#reopen(this.#random() < 0.5);
    return this.#shape.isWatched ? this.#watch() : this.#check("some steps");
  }

  async #open(access: LedgerAccess): Promise<Ledger> {
    return openFolder(FOLDER, access, {
      disk: this.#disk,
      newId: () => "a ledger",
      now: () => (this.#now += Math.floor(this.#random() * 3)),
      pause: async () => undefined,
      ...this.#shape,
    });
  }

  async #writer(): Promise<Ledger> {
    this.#ledger ??= await this.#open("write");
    return this.#ledger;
  }

  /** A few commits at once. */
  async #append(): Promise<void> {
    const ledger = await this.#writer();
    await this.#learn(ledger, this.#commits(ledger));
  }

  /** Appends some commits, and takes in what the ledger has then. Of itself it may have said something of compactions only. */
  async #learn(ledger: Ledger, commits: readonly Commit[]): Promise<void> {
    const receipts = await Promise.all(commits.map((commit) => ledger.append([commit])));
    const acknowledged = new Map(receipts.flat().map((receipt, index) => [receipt.position, { receipt, commit: commits[index] }]));
    for await (const entry of ledger.changes({ after: this.naive.position })) {
      const { commit, receipt } = acknowledged.get(entry.position) ?? {};
      acknowledged.delete(entry.position);
      this.#take(entry, commit, receipt);
    }
    if (acknowledged.size > 0) this.wrong.push(`${acknowledged.size} commits were acknowledged and are not told`);
  }

  #take(entry: Entry, commit: Commit | undefined, receipt: Receipt | undefined): void {
    if (entry.position !== this.naive.position + 1) this.wrong.push(`commit ${entry.position} is told behind ${this.naive.position}`);
    const isOwn = commit !== undefined && receipt !== undefined;
    if (!isOwn && entry.run !== COMPACTIONS) this.wrong.push(`commit ${entry.position} was never appended`);
    this.naive.take(isOwn ? this.naive.entryOf(commit, receipt) : entry);
  }

  #commits(ledger: Ledger): readonly Commit[] {
    const versions = new Map<string, number>();
    return Array.from({ length: 1 + this.#below(4) }, (): Commit => {
      const run = this.#random() < 0.1 ? `run-${this.naive.position}` : `run-${this.#below(RUNS)}`;
      const expected = versions.get(run) ?? ledger.head(run)?.version ?? 0;
      const facts = Array.from({ length: 1 + this.#below(2) }, (_, index) => this.#fact(`${run}:${expected + index + 1}`));
      const replaces = this.#replaces(expected);
      versions.set(run, replaces === "all" ? 0 : expected + facts.length);
      return {
        run,
        expected,
        facts,
        ...(this.#random() < 0.6 ? { head: this.#head() } : {}),
        ...(replaces === undefined ? {} : { replaces }),
      };
    });
  }

  #fact(id: string): Entry["facts"][number] {
    const large = this.#random() < 0.04 ? { large: `${this.#below(4)}`.repeat(33_000) } : {};
    return { id, text: "ü".repeat(this.#below(120)), ...large };
  }

  #head(): Head {
    const keys = KEYS.filter(() => this.#random() < 0.4);
    return {
      open: this.#random() < 0.6,
      keys,
      note: { step: this.naive.position },
      ...(this.#random() < 0.4 ? { due: this.#below(100) } : {}),
      ...(this.#random() < 0.5 ? { ranks: LISTS.map((list) => ({ list, place: PLACES[this.#below(PLACES.length)] ?? "" })) } : {}),
    };
  }

  #replaces(expected: number): "before" | "all" | undefined {
    const chance = this.#random() + (expected > 3 ? 0.1 : 0);
    return chance < 0.72 ? undefined : chance < 0.86 ? "before" : "all";
  }

  async #compact(): Promise<void> {
    const ledger = await this.#writer();
    const told = await ledger.compact({ dryRun: true });
    const done = await ledger.compact();
    await this.#learn(ledger, []);
    this.told.push(done);
    if (JSON.stringify(told) !== JSON.stringify(done))
      this.wrong.push(`a dry run tells ${JSON.stringify(told)} of ${JSON.stringify(done)}`);
    if (done.oldest !== ledger.oldest) this.wrong.push(`the oldest is ${ledger.oldest} and not ${done.oldest}`);
  }

  async #compactAndAppend(): Promise<void> {
    const ledger = await this.#writer();
    const compacted = ledger.compact();
    for (let more = this.#below(4); more > 0; more--) await this.#append();
    this.told.push(await compacted);
    await this.#learn(ledger, []);
  }

  async #reopen(withoutIndex: boolean): Promise<void> {
    await this.#ledger?.close();
    this.#ledger = undefined;
    const { index } = ledgerFolder(FOLDER);
    if (withoutIndex) for (const name of await this.#disk.list(index)) await this.#disk.remove(`${index}/${name}`);
    const ledger = await this.#writer();
    await this.#learn(ledger, []);
    await this.#check(withoutIndex ? "opening without an index" : "opening");
  }

  /** Another reader, or all there are look again. */
  async #watch(): Promise<void> {
    await this.#writer();
    if (this.#random() < 0.4) {
      this.#readers.push(await this.#open("read"));
      return;
    }
    for (const reader of this.#readers) {
      await reader.refresh();
      this.#note("a reader", await differences(reader, this.naive));
    }
  }

  async #check(when: string): Promise<void> {
    this.#note(when, await differences(await this.#writer(), this.naive));
    if (!this.#shape.isWatched) return;
    await using reader = await this.#open("read");
    this.#note(`a reader opened after ${when}`, await differences(reader, this.naive));
  }

  async #verify(): Promise<void> {
    const { faults } = await verifyFolder(FOLDER, this.#disk);
    this.wrong.push(...faults.map(({ file, message }) => `verify: ${file} ${message}`));
  }

  #note(when: string, wrong: readonly string[]): void {
    this.wrong.push(...wrong.map((each) => `${when}: ${each}`));
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
