// How fast the file ledger is on this disk, and how much of that is the disk: every figure stands beside a raw write + fdatasync loop of the same run.
// node bench/ledger.ts [seconds per row, default 1]

import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileLedger } from "../src/ledger/file.ts";
import type { JsonObject } from "../src/json.ts";

const SECONDS = Number(process.argv[2] ?? 1);
const ROUNDS = 3;
const STREAMS = 10_000;

/** What one measurement showed, per second. */
interface Rate {
  readonly appends: number;
  readonly syncs: number;
}

const folder = await mkdtemp(join(process.env.BENCH_DIR ?? tmpdir(), "kindling-bench-"));
try {
  console.log(`node ${process.version}, ${ROUNDS} rounds of ${SECONDS} s, medians; facts of about 1 kB\n`);
  console.log("clients   appends/s   syncs/s   raw write+fdatasync/s   ratio");
  for (const clients of [1, 16, 256]) {
    const rounds: { readonly raw: number; readonly ledger: Rate }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const place = join(folder, `${clients}-${round}`);
      rounds.push({ raw: await rawSyncs(`${place}.raw`), ledger: await appends(place, clients) });
    }
    const [appended, synced, raw, ratio] = [
      median(rounds.map(({ ledger }) => ledger.appends)),
      median(rounds.map(({ ledger }) => ledger.syncs)),
      median(rounds.map((round) => round.raw)),
      median(rounds.map((round) => round.ledger.appends / round.raw)),
    ];
    console.log([pad(clients, 7), pad(appended, 12), pad(synced, 10), pad(raw, 24), ratio.toFixed(2).padStart(8)].join(""));
  }
  await reopening(join(folder, "streams"));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Appends of a ledger with some clients, each waiting for its last one. */
async function appends(place: string, clients: number): Promise<Rate> {
  await using ledger = await fileLedger(place).open({ access: "write" });
  const end = performance.now() + (SECONDS * 1_000) / 2;
  const started = performance.now();
  let count = 0;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let number = 0; performance.now() < end; number++) {
        await ledger.append([{ run: `run-${client}`, expected: number, facts: [fact(number)] }]);
        count += 1;
      }
    }),
  );
  const seconds = (performance.now() - started) / 1_000;
  return { appends: count / seconds, syncs: (await groupsIn(place)) / seconds };
}

/** The sync groups in a log: the group number of its last line. */
async function groupsIn(place: string): Promise<number> {
  const file = await open(join(place, "segments", "000000000001-e0001.jsonl"));
  try {
    const text = await file.readFile("latin1");
    const last = text.lastIndexOf("\n", text.length - 2) + 1;
    return Number.parseInt(text.slice(last + 39, last + 49), 16);
  } finally {
    await file.close();
  }
}

/** What the disk allows: one record, one sync, one after the other. */
async function rawSyncs(path: string): Promise<number> {
  const file = await open(path, "w");
  try {
    const record = Buffer.from(JSON.stringify(fact(0)));
    const started = performance.now();
    const end = started + (SECONDS * 1_000) / 2;
    let count = 0;
    for (; performance.now() < end; count++) {
      await file.write(record, 0, record.length, count * record.length);
      await file.datasync();
    }
    return count / ((performance.now() - started) / 1_000);
  } finally {
    await file.close();
  }
}

async function reopening(place: string): Promise<void> {
  const ledger = await fileLedger(place).open({ access: "write" });
  const head = (index: number) => ({ open: true, keys: ["status:waiting", `request:${index}`], note: { contract: "press-release" } });
  await Promise.all(
    Array.from({ length: STREAMS }, (_, index) =>
      ledger.append([
        { run: `run-${index}`, expected: 0, facts: [fact(0), fact(1)], head: head(index) },
        { run: `run-${index}`, expected: 2, facts: [fact(2)], head: head(index) },
      ]),
    ),
  );
  await ledger.close();
  const bytes = (await stat(join(place, "segments", "000000000001-e0001.jsonl"))).size;
  const factBytes = Buffer.byteLength(JSON.stringify(fact(0)));
  console.log(`\nlog: ${Math.round(bytes / (STREAMS * 3))} bytes per fact of ${factBytes}, with frames and heads (2 commits for 3 facts)`);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    const reopened = await fileLedger(place).open({ access: "write" });
    times.push(performance.now() - started);
    await reopened.close();
  }
  console.log(
    `reopening ${STREAMS} open streams (${(bytes / 1e6).toFixed(0)} MB, ${STREAMS * 2} commits): ${Math.round(median(times))} ms`,
  );
}

function fact(number: number): JsonObject {
  return {
    id: `fact-${number}`,
    kind: "model.replied",
    path: "posts[en]/draft",
    usage: { input: 812, output: 214 },
    text: "Lorem ipsum dolor sit amet. ".repeat(32),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function pad(value: number, width: number): string {
  return Math.round(value).toLocaleString("en").padStart(width);
}
