// How far the feed of a history is, for one rule of one contract: kept in a stream of its own, with what became of events that could not be taken.

import type { JsonObject } from "../json.ts";
import type { Commit, Ledger } from "../ledger/ledger.ts";

/** An event that nothing could be made of. */
export interface RefusedEvent {
  /** The fact's id. */
  readonly event: string;
  readonly contract: string;
  /** It was to start a run, or to answer awaits. */
  readonly what: "start" | "await";
  readonly code: string;
  readonly message: string;
}

/** Events that could not be taken are found by this, the streams of all rules. */
export const REFUSED_KEY = "refused-events";

/** Told at once. */
const REFUSED_LIMIT = 1_000;

/** One for each rule that a host keeps. */
export class FeedMark {
  readonly #ledger: Ledger;
  readonly #rule: string;
  #position: number;
  #saved: number;
  #hasTaken = false;

  /** @param rule its name, durable: the contract, or the event that its awaits are opened with */
  constructor(ledger: Ledger, rule: string) {
    this.#ledger = ledger;
    this.#rule = rule;
    const position = ledger.head(markStream(rule))?.note["position"];
    this.#saved = typeof position === "number" ? position : -1;
    this.#position = this.#saved;
  }

  /** False before the rule was kept for the first time. */
  get isKnown(): boolean {
    return this.#saved >= 0;
  }

  /** Everything up to here is done. */
  get position(): number {
    return this.#position;
  }

  /** How far the disk is behind. */
  get unsaved(): number {
    return this.#position - this.#saved;
  }

  /** True when an event was taken that the mark on the disk does not know of. */
  get hasTaken(): boolean {
    return this.#hasTaken;
  }

  /** Everything up to a position is done; it need not be on the disk yet, since doing it again does nothing. */
  pass(position: number): void {
    this.#position = Math.max(this.#position, position);
  }

  /** An event at a position was taken. */
  took(position: number): void {
    this.pass(position);
    this.#hasTaken = true;
  }

  /** Keeps it; with an event that could not be taken both at once, so that it is told once. */
  async save(refused?: RefusedEvent): Promise<void> {
    if (refused === undefined && this.unsaved === 0) return;
    const position = this.#position;
    const marks = this.#commit(markStream(this.#rule), { type: "feed.marked", position }, { position }, []);
    const replaces = marks.expected > 0 ? { replaces: "before" as const } : {};
    const told =
      refused === undefined
        ? []
        : [this.#commit(refusedStream(this.#rule), { type: "feed.refused", ...refused }, { contract: refused.contract }, [REFUSED_KEY])];
    await this.#ledger.append([...told, { ...marks, ...replaces }]);
    this.#saved = position;
    this.#hasTaken = false;
  }

  #commit(run: string, fact: JsonObject, note: JsonObject, keys: readonly string[]): Commit {
    return { run, expected: this.#ledger.head(run)?.version ?? 0, facts: [fact], head: { open: false, keys, note } };
  }
}

/** Events that could not be taken, with the times; the last ones of each rule. */
export async function refusedEvents(
  ledger: Ledger,
  contract: string | undefined,
): Promise<readonly (RefusedEvent & { readonly at: number })[]> {
  const heads = ledger.find({ keys: [REFUSED_KEY] }).filter(({ note }) => contract === undefined || note["contract"] === contract);
  const found = await Promise.all(
    heads.map(async ({ run, version }) => {
      const entries = await ledger.read(run, { from: Math.max(1, version - REFUSED_LIMIT + 1) });
      // Written by `save`.
      return entries.flatMap(({ facts, time }) => facts.map((fact) => ({ ...(fact as unknown as RefusedEvent), at: time })));
    }),
  );
  return found.flat().toSorted((one, other) => one.at - other.at);
}

function markStream(rule: string): string {
  return `feed:${rule}`;
}

function refusedStream(rule: string): string {
  return `feed-refused:${rule}`;
}
