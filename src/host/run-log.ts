// A run's way into the ledger: facts are folded at once and handed over in commits. One commit is under way at a time, so a chain of pure nodes shares syncs.

import { isSameJson, type JsonObject } from "../json.ts";
import type { Head } from "../ledger/ledger.ts";
import type { Fact } from "../run/fact.ts";
import { headOf } from "../run/head.ts";
import type { RunState } from "../run/state.ts";
import type { Carrier } from "./carrier.ts";
import { roughSize } from "./fact-size.ts";
import { isSnapshotDue } from "./snapshot-keeper.ts";

/** Facts per commit: keeps a commit small enough to be read and checked in one piece. */
const COMMIT_FACTS = 1_000;

/** Characters per commit, roughly. Even where each takes six bytes (escapes do), that is less than a ledger's line may have. */
const COMMIT_CHARACTERS = 1024 * 1024;

/** Facts that change nothing of what a head says. */
const QUIET: ReadonlySet<Fact["type"]> = new Set([
  "node.started",
  "node.succeeded",
  "node.failed",
  "prompt.resolved",
  "model.requested",
  "model.replied",
  "budget.reserved",
  "budget.settled",
]);

/** The facts of one run on their way into the ledger. */
export class RunLog {
  readonly #state: RunState;
  readonly #carrier: Carrier;
  #light: boolean;
  #pending: Fact[] = [];
  /** Number of facts handed to the ledger. */
  #handed: number;
  /** Number of facts that stand in a snapshot. */
  #kept: number;
  #underWay = 0;
  #last: Promise<void> = Promise.resolve();
  /** The last head that was handed over. */
  #head: Head | undefined;
  /** How many values for others it names. */
  #sharedCount = 0;
  /** The status that it shows. */
  #headStatus: RunState["status"] | undefined;
  /** The log of the parent, whose facts go first: this run rests on them. */
  #above: RunLog | undefined;

  constructor(state: RunState, carrier: Carrier, light: boolean, kept: number) {
    this.#state = state;
    this.#carrier = carrier;
    this.#light = light;
    this.#handed = state.version;
    this.#kept = kept;
  }

  get isLight(): boolean {
    return this.#light;
  }

  get isClean(): boolean {
    return this.#underWay === 0 && (this.#light || this.#pending.length === 0);
  }

  add(fact: Fact): void {
    this.#pending.push(fact);
  }

  /** Hands over what is pending, unless a commit is under way: then it goes with the next one. */
  flush(): void {
    if (!this.#light && this.#underWay === 0) this.#hand();
  }

  /** Gives a light child a stream of its own. Its parents have one then, too, and theirs tells first that it began. */
  ground(): void {
    if (!this.#light) return;
    this.#light = false;
    if (this.#state.parent !== undefined) this.#above = this.#carrier.grounded(this.#state.parent, this.#state.id);
  }

  /** The run has ended: what it recorded goes before its parent's note of that. A light child leaves nothing. */
  finish(): void {
    if (!this.#light) this.#hand();
  }

  /** Hands over everything now; resolves when it is durable. */
  durable(): Promise<void> {
    this.ground();
    this.#hand();
    return this.#last;
  }

  #hand(): void {
    if (this.#pending.length === 0) return;
    this.#above?.finish();
    const isQuiet =
      this.#headStatus === this.#state.status &&
      this.#state.shared.size === this.#sharedCount &&
      this.#pending.every(({ type }) => QUIET.has(type));
    while (this.#pending.length > 0) {
      const facts = this.#pending.slice(0, commitLength(this.#pending));
      this.#pending = this.#pending.slice(facts.length);
      this.#append(facts, isQuiet ? undefined : this.#changedHead(this.#pending.length === 0));
    }
  }

  #append(facts: readonly Fact[], head: Head | undefined): void {
    const expected = this.#handed;
    this.#handed += facts.length;
    this.#underWay += 1;
    // Facts are JSON by construction: every value in them went through `toJson`.
    const commit = {
      run: this.#state.id,
      tree: this.#state.root,
      expected,
      facts: facts as unknown as readonly JsonObject[],
      ...(head === undefined ? {} : { head }),
    };
    this.#last = this.#carrier.ledger.append([commit]).then(() => this.#appended(expected + facts.length, head));
    // Whoever waits for `durable` sees the error too; this one makes sure that somebody always does.
    this.#last.catch((error: unknown) => this.#carrier.stopped(error));
  }

  #appended(durable: number, head: Head | undefined): void {
    this.#underWay -= 1;
    this.#carrier.appended(this.#state, head);
    if (isSnapshotDue(durable, this.#kept, this.#state.status !== "running")) {
      this.#kept = durable;
      this.#carrier.keepSnapshot(this.#state);
    }
    if (this.#underWay > 0) return;
    if (this.#pending.length > 0) this.flush();
    else this.#carrier.cleaned(this.#state.id);
  }

  /** The head after a commit; one that has others behind it shows a run at work, so that a crash between them hides nothing and leaves nothing asleep. */
  #changedHead(isLast: boolean): Head | undefined {
    const head = headOf(isLast ? this.#state : { ...this.#state, status: "running", error: undefined });
    this.#sharedCount = this.#state.shared.size;
    this.#headStatus = isLast ? this.#state.status : "running";
    if (this.#head !== undefined && isSameHead(this.#head, head)) return undefined;
    this.#head = head;
    return head;
  }
}

/** True when two heads say the same. */
function isSameHead(one: Head, other: Head): boolean {
  return one.open === other.open && one.due === other.due && isSameJson(one.keys, other.keys) && isSameJson(one.note, other.note);
}

/** How many of the pending facts fit into one commit; at least one. */
function commitLength(pending: readonly Fact[]): number {
  let characters = 0;
  let count = 0;
  for (const fact of pending) {
    characters += roughSize(fact);
    if (count > 0 && (characters > COMMIT_CHARACTERS || count === COMMIT_FACTS)) return count;
    count += 1;
  }
  return count;
}
