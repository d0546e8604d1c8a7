// A process of its own for one number of facts: fills both subjects, measures each operation in turns, and prints its figures as JSON. `node --expose-gc facts-child.ts <folder> <facts> <rounds>`

import { join } from "node:path";
import { bytesIn, readThrough } from "./ledger-folder.ts";
import { concurrently, inTurns, liveHeapBytes, msOf } from "./engine-measure.ts";
import { kindlingFacts } from "./facts-kindling.ts";
import { sqliteFacts } from "./facts-sqlite.ts";
import { type FactSubject, HOT, itemOf, PART_FACTS, spread } from "./facts-subject.ts";

/** What one operation took, in microseconds. */
export interface FactFigure {
  readonly name: string;
  readonly kindling: number;
  readonly sqlite: number;
}

/** All of one number of facts. */
export interface FactFigures {
  readonly facts: number;
  readonly figures: readonly FactFigure[];
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly bytes: Readonly<Record<"kindling" | "sqlite", number>>;
}

/** Changes recorded as one while a subject is filled. */
const AT_ONCE = 500;
/** Every so many items one is for the key with the long past. */
const HOT_EVERY = 47;
const READS = 1_000;
const WRITES = 100;
const WRITERS = 64;

const [folder = "", facts = "0", turns = "3"] = process.argv.slice(2);
const count = Number(facts);
const half = Math.floor(count / 2);
const keys = Math.max(1, Math.floor(half / 2));
const parts = Math.max(1, Math.floor(half / PART_FACTS));
const owners = Math.max(1, Math.floor(keys / PART_FACTS));

/** Half of them items, two to a key and many to one; half of them events. */
async function fill(subject: FactSubject): Promise<void> {
  for (let first = 0; first < half; first += AT_ONCE / 2) {
    const numbers = Array.from({ length: Math.min(AT_ONCE / 2, half - first) }, (_, index) => first + index);
    await subject.fill(
      numbers.map((number) => [number % HOT_EVERY === 0 ? HOT : `key-${number % keys}`, itemOf(number, owners)]),
      numbers.map((number) => ({ part: `part-${spread(number, parts)}`, minutes: 1 })),
    );
  }
}

const paths = { kindling: join(folder, "kindling"), sqlite: join(folder, "facts.db") };
const kindling = await kindlingFacts(paths.kindling);
const kindlingFill = await msOf(() => fill(kindling));
const heapBytes = liveHeapBytes();
const rssBytes = process.memoryUsage.rss();
const sqlite = await sqliteFacts(paths.sqlite);
const sqliteFill = await msOf(() => fill(sqlite));
let next = half;
const figures: FactFigure[] = [
  { name: `write, ${AT_ONCE} at once`, kindling: (kindlingFill * 1_000) / count, sqlite: (sqliteFill * 1_000) / count },
];

/**
 * Every round does its work with other numbers: what was read before is known, and says nothing of what is asked for the first time. The files are in the
 * system's cache before, so that it is not measured what of them was there by chance.
 */
async function measure(
  name: string,
  times: number,
  work: (subject: FactSubject, index: number) => Promise<unknown>,
  atOnce = 1,
): Promise<void> {
  await readThrough(folder);
  const subjects = { kindling, sqlite };
  const round = (whose: keyof typeof subjects): (() => Promise<unknown>) => {
    let begin = next;
    return () => {
      const first = begin;
      begin += times;
      return concurrently(times, atOnce, (index) => work(subjects[whose], first + index));
    };
  };
  const costs = await inTurns(Number(turns), { kindling: round("kindling"), sqlite: round("sqlite") });
  next += times * Number(turns);
  figures.push({ name, kindling: (costs.kindling.ms * 1_000) / times, sqlite: (costs.sqlite.ms * 1_000) / times });
}

const keyOf = (index: number): string => `key-${spread(index, keys)}`;
await measure("write, 1 writer", WRITES, (subject, index) => subject.write(keyOf(index), itemOf(index, owners)));
await measure(`write, ${WRITERS} writers`, WRITES * 10, (subject, index) => subject.write(keyOf(index), itemOf(index, owners)), WRITERS);
await measure("read a key", READS, (subject, index) => found(subject.get(keyOf(index))));
await measure("read a key with a long past, as of then", READS, (subject, index) => subject.getThen(HOT, 100 + spread(index, 900)));
await measure(`read a part of ${PART_FACTS}`, READS, (subject, index) => subject.part(`part-${spread(index, parts)}`));
await measure("query by value, 20 of them", READS, (subject, index) => subject.ofOwner(`owner-${spread(index, owners)}`));
await measure("query by range, 20 of them", READS, (subject, index) => subject.dueFrom(spread(index, 900_000)));
const anew = { kindling: await msOf(() => kindling.deriveSums()), sqlite: await msOf(() => sqlite.deriveSums()) };
figures.push({ name: "derive anew, per event", kindling: (anew.kindling * 1_000) / half, sqlite: (anew.sqlite * 1_000) / half });
await measure("write and derive, 1 writer", WRITES, (subject, index) =>
  subject.visit({ part: `part-${spread(index, parts)}`, minutes: 1 }),
);
await measure(
  `write and derive, ${WRITERS} writers`,
  WRITES * 10,
  (subject, index) => subject.visit({ part: `part-${spread(index, parts)}`, minutes: 1 }),
  WRITERS,
);
for (let index = 0; index < parts; index += Math.ceil(parts / 20)) {
  const [one, other] = [await kindling.sum(`part-${index}`), await sqlite.sum(`part-${index}`)];
  if (one !== other) throw new Error(`the sums of part-${index} are ${one} and ${other}`);
}
await kindling.close();
await sqlite.close();
const result: FactFigures = {
  facts: count,
  figures,
  rssBytes,
  heapBytes,
  bytes: { kindling: await bytesIn(paths.kindling), sqlite: (await bytesIn(folder)) - (await bytesIn(paths.kindling)) },
};
process.stdout.write(JSON.stringify(result));

async function found(item: Promise<unknown>): Promise<void> {
  if ((await item) === undefined) throw new Error("a key that was written is not there");
}
