// What stands outside a random contract: what ran, who acted under which key, and when a call that takes its time is let go. It outlives processes.

import { canonicalJson, toJson, type JsonValue } from "../../src/json.ts";
import { digest } from "../host/ledgers.ts";

/** One time that a node's code was called. */
export interface Call {
  readonly path: string;
  /** Digest of what it read. */
  readonly reads: string;
}

/** Something that was done outside, once for each key. */
export interface Act {
  readonly key: string;
  readonly path: string;
  readonly value: string;
  readonly canTakeBack: boolean;
  /** The try that did it. */
  readonly attempt: number;
}

/** The outside of one history. */
export class World {
  /** Every call of code, in order. */
  readonly ran: Call[] = [];
  /** What was done, by its key, in order. */
  readonly acts: Map<string, Act>;
  /** Keys of what was taken back, in order; each once. */
  readonly takenBack: string[];
  /** Paths at which everything throws. */
  readonly broken = new Set<string>();
  /** What a call that takes its time waits for. */
  pause: (path: string) => Promise<void> = () => new Promise((resolve) => setImmediate(resolve));

  constructor(acts: readonly Act[] = [], takenBack: readonly string[] = []) {
    this.acts = new Map(acts.map((act) => [act.key, act]));
    this.takenBack = [...takenBack];
  }

  /** Notes a call. Gives what it read as text, and whether the same was never read here before. */
  call(path: string, values: object): { readonly text: string; readonly isFirst: boolean } {
    const text = textOf(values);
    const reads = digest(text);
    const isFirst = !this.ran.some((call) => call.path === path && call.reads === reads);
    this.ran.push({ path, reads });
    return { text, isFirst };
  }

  /** Acts under a key, once; a repetition gets what the first time gave. */
  act(act: Act): string {
    const done = this.acts.get(act.key) ?? act;
    this.acts.set(act.key, done);
    return done.value;
  }

  /** Takes back what was done under a key. */
  takeBack(key: string): void {
    if (!this.takenBack.includes(key)) this.takenBack.push(key);
  }
}

/** Values as text: a collection's result reads as what was recorded of it; which of several failures came first in an item depends on time. */
export function textOf(values: object): string {
  const plain = JSON.stringify(values, (key, value: unknown) => (key === "error" ? "failed" : value));
  const json = toJson(JSON.parse(plain) as JsonValue);
  return json.ok ? canonicalJson(json.value) : "not JSON";
}
