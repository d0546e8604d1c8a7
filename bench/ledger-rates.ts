// Appends per second and how long one takes, for the ledger and what it is measured against, in the same rounds and in turns.

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { median } from "./engine-measure.ts";
import { fact, SUBJECTS, type SubjectName } from "./ledger-subjects.ts";
import { bytesIn } from "./ledger-folder.ts";

/** What one subject showed in one round. */
interface Rate {
  readonly appends: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of all threads for one append: what neighbours on the machine change least. */
  readonly cpuMicroseconds: number;
  /** Bytes on the disk for each fact. */
  readonly bytesEach: number;
}

/** How long and how often is measured. */
export interface RateOptions {
  readonly folder: string;
  readonly clients: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
}

const NAMES = Object.keys(SUBJECTS) as SubjectName[];

const LABELS: Readonly<Record<SubjectName, string>> = {
  ledger: "the ledger",
  group: "same bytes, group commit",
  each: "one fdatasync per record",
  sqlite: "node:sqlite, WAL, FULL",
};

/** Prints one table for each number of clients. */
export async function printRates({ folder, clients, rounds, seconds }: RateOptions): Promise<void> {
  for (const count of clients) {
    const rates = new Map<SubjectName, Rate[]>(NAMES.map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      // Another one begins in each round, so that none is always the first after a pause.
      for (let turn = 0; turn < NAMES.length; turn++) {
        const name = NAMES[(turn + round) % NAMES.length] ?? "ledger";
        const path = join(folder, `${name}-${count}-${round}`);
        rates.get(name)?.push(await measure(name, path, count, seconds));
        for (const suffix of ["", "-wal", "-shm"]) await rm(`${path}${suffix}`, { recursive: true, force: true });
      }
    }
    print(count, rates);
  }
}

async function measure(name: SubjectName, path: string, clients: number, seconds: number): Promise<Rate> {
  const subject = await SUBJECTS[name](path);
  const times: number[] = [];
  const cpu = process.cpuUsage();
  const started = performance.now();
  const end = started + seconds * 1_000;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let number = 0, asked = performance.now(); asked < end; number++) {
        await subject.append(client, number);
        const answered = performance.now();
        times.push(answered - asked);
        asked = answered;
      }
    }),
  );
  const took = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  await subject.close();
  times.sort((one, other) => one - other);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return {
    appends: times.length / took,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    cpuMicroseconds: (user + system) / times.length,
    bytesEach: (await bytesIn(path)) / times.length,
  };
}

function print(clients: number, rates: ReadonlyMap<SubjectName, readonly Rate[]>): void {
  const ledger = rates.get("ledger") ?? [];
  const title = `${clients} ${clients === 1 ? "writer" : "writers"}`;
  console.log(`\n${row(title, ["appends/s", "p50 ms", "p99 ms", "CPU us each", "ledger / this"])}`);
  for (const [name, rounds] of rates) {
    const ratios = rounds.map(({ appends }, round) => (ledger[round]?.appends ?? 0) / appends);
    const of = (figure: (rate: Rate) => number) => median(rounds.map(figure));
    const appends = Math.round(of((rate) => rate.appends)).toLocaleString("en");
    const times = [of(({ p50Ms }) => p50Ms), of(({ p99Ms }) => p99Ms), of(({ cpuMicroseconds }) => cpuMicroseconds)];
    const ratio = name === "ledger" ? "" : `${median(ratios).toFixed(2)} x`;
    console.log(row(`  ${LABELS[name]}`, [appends, ...times.map((time) => time.toFixed(2)), ratio]));
  }
  const payload = Buffer.byteLength(JSON.stringify(fact(0)));
  const each = median(ledger.map(({ bytesEach }) => bytesEach));
  console.log(`  bytes on the disk for a fact of ${payload}: ${Math.round(each)} (${(each / payload).toFixed(2)} x)`);
}

function row(title: string, cells: readonly string[]): string {
  return `${title.padEnd(28)}${cells.map((cell) => cell.padStart(14)).join("")}`.trimEnd();
}
