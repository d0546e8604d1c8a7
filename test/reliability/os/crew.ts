// Some calling processes on one ledger, of which one is killed every so often and comes back: a crew that never rests.

import { setTimeout } from "node:timers/promises";
import { type SpokenProcess, speak } from "./spoken-process.ts";

const CALLER = new URL("caller-process.ts", import.meta.url);

/** Callers in each process. */
const CALLERS = 4;

/** How many of the processes that are killed may not even have opened the ledger. */
const OPENING_SHARE = 0.2;

/** What the crew was told. */
export interface CrewLog {
  /** Runs by their orders' ids: every acknowledged start. */
  readonly started: Map<string, Set<string>>;
  /** Ids of orders whose payment was acknowledged. */
  readonly paid: Set<string>;
  readonly refused: string[];
  /** What processes wrote to stderr. */
  readonly errors: string[];
  /** Processes that ended though nobody killed them. */
  gone: number;
}

/** Where a crew works, and how it is treated. */
export interface CrewOptions {
  readonly folder: string;
  readonly address: string;
  readonly size: number;
  readonly kills: number;
  readonly everyMs: number;
  readonly random: () => number;
}

/** Lets a crew work while one after the other is killed; in the end all are. */
export async function workUnderKills({ folder, address, size, kills, everyMs, random }: CrewOptions): Promise<CrewLog> {
  const log: CrewLog = { started: new Map(), paid: new Set(), refused: [], errors: [], gone: 0 };
  const places: Place[] = [];
  for (let index = 0; index < size; index++) {
    const place = new Place(`p${index}`, folder, address, log);
    places.push(place);
    // The first one makes the ledger; the others may come all at once.
    if (index === 0) await place.process.says("open");
  }
  await Promise.all(places.map(({ process }) => process.says("open")));
  for (let kill = 0; kill < kills; kill++) {
    const place = places[Math.floor(random() * size)];
    // Most are killed at work, some while they open: on a slow machine, a process would otherwise never come to its work.
    if (random() > OPENING_SHARE) await place?.process.says("open");
    await setTimeout(everyMs * (0.5 + random()));
    await place?.killAndReturn();
  }
  await Promise.all(places.map((place) => place.leave()));
  return log;
}

/** One place in the crew: a process, and after it the next one. */
class Place {
  readonly #name: string;
  readonly #folder: string;
  readonly #address: string;
  readonly #log: CrewLog;
  /** The next order of each caller. */
  readonly #next: number[] = Array.from({ length: CALLERS }, () => 0);
  process: SpokenProcess;

  constructor(name: string, folder: string, address: string, log: CrewLog) {
    this.#name = name;
    this.#folder = folder;
    this.#address = address;
    this.#log = log;
    this.process = this.#arrive();
  }

  async killAndReturn(): Promise<void> {
    await this.leave();
    this.process = this.#arrive();
  }

  async leave(): Promise<void> {
    if (!this.process.isAlive) this.#log.gone += 1;
    const { errors } = await this.process.kill();
    if (errors !== "") this.#log.errors.push(errors);
  }

  #arrive(): SpokenProcess {
    const args = [this.#folder, this.#address, this.#name, this.#next.join(",")];
    return speak(CALLER, args, { onLine: (line) => this.#hear(line) });
  }

  #hear(line: string): void {
    const [word, id = "", more = "", number = ""] = line.split(" ");
    if (word === "started") this.#log.started.set(id, (this.#log.started.get(id) ?? new Set()).add(more));
    if (word === "refused") this.#log.refused.push(id);
    if (word !== "paid") return;
    this.#log.paid.add(id);
    this.#next[Number(more.slice(more.lastIndexOf("-") + 1))] = Number(number) + 1;
  }
}
