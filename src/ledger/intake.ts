// Where commits come in: checks them against what is durable and what is queued, and gives each its place and time. No files; shared by all ledgers.

import { InputError } from "../errors.ts";
import { encodeBody } from "./body.ts";
import { BODY_LIMIT_BYTES } from "./frame.ts";
import type { Commit, Entry } from "./ledger.ts";
import { commitTooLarge, versionConflict } from "./refusals.ts";

/** A commit that was accepted: its place in the order is fixed, it is not durable yet. */
export interface Draft {
  readonly entry: Entry;
  readonly body: string;
  readonly bodyBytes: number;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** The name that facts must leave free. */
const RESERVED_MEMBER = "blobs";

/** Names of streams are kept short: they stand in every line. */
const RUN_NAME_LIMIT = 512;

/** What is durable already. */
export interface Known {
  readonly position: number;
  readonly time: number;
  version(run: string): number;
}

/** Accepts commits in the order of the calls. One for each writer. */
export class Intake {
  readonly #known: Known;
  readonly #now: () => number;
  /** Versions of streams with commits that are queued and not durable. */
  readonly #queued = new Map<string, number>();
  #position: number;
  #time: number;

  constructor(known: Known, now: () => number) {
    this.#known = known;
    this.#now = now;
    this.#position = known.position;
    this.#time = known.time;
  }

  /** Accepts all commits of a call or none. */
  admit(commits: readonly Commit[]): readonly Draft[] {
    const time = Math.max(Math.floor(this.#now()), this.#time);
    const versions = new Map<string, number>();
    const drafts = commits.map((commit, index) => {
      const version = versions.get(commit.run) ?? this.#queued.get(commit.run) ?? this.#known.version(commit.run);
      requireWellFormed(commit);
      if (commit.expected !== version) throw versionConflict(commit, version);
      versions.set(commit.run, version + commit.facts.length);
      return draft(commit, this.#position + index + 1, time);
    });
    for (const [run, version] of versions) this.#queued.set(run, version);
    this.#position += drafts.length;
    this.#time = time;
    return drafts;
  }

  /** A draft is durable and in the index. */
  settle({ entry }: Draft): void {
    if (this.#queued.get(entry.run) === entry.first + entry.facts.length - 1) this.#queued.delete(entry.run);
  }
}

function draft(commit: Commit, position: number, time: number): Draft {
  const { body, blobs } = encodeBody(commit, time);
  const bodyBytes = Buffer.byteLength(body);
  if (bodyBytes > BODY_LIMIT_BYTES) throw commitTooLarge(commit, bodyBytes, BODY_LIMIT_BYTES);
  const { run, expected, facts, head } = commit;
  // The head goes into the index: copied, so that nobody can change it from outside.
  return {
    entry: { position, time, run, first: expected + 1, facts, ...(head === undefined ? {} : { head: structuredClone(head) }) },
    body,
    bodyBytes,
    blobs,
  };
}

function requireWellFormed({ run, facts }: Commit): void {
  const problem = problemOf(run, facts);
  if (problem !== undefined) throw new InputError("commit_invalid", `A commit on ${JSON.stringify(run)} ${problem}.`, { details: { run } });
}

function problemOf(run: string, facts: Commit["facts"]): string | undefined {
  if (run === "" || run.length > RUN_NAME_LIMIT || !run.isWellFormed())
    return `needs a run name of 1 to ${RUN_NAME_LIMIT} well-formed characters`;
  if (facts.length === 0) return "has no facts";
  if (facts.some((fact) => RESERVED_MEMBER in fact)) return `has a fact with a member "${RESERVED_MEMBER}", which is reserved`;
  return undefined;
}
