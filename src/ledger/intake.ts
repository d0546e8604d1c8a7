// Where commits come in: checks them against what is durable and what is queued, and gives each its place and time. No files; shared by all ledgers.

import { InputError } from "../errors.ts";
import { type Content, PLAIN } from "./content.ts";
import { BODY_LIMIT_BYTES } from "./frame.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Commit, Entry, Head, Replacement, StreamHead } from "./ledger.ts";
import { isFit, PLACE_LIMIT } from "./rank.ts";
import { commitTooLarge, versionConflict } from "./refusals.ts";

/** A commit that was accepted: its place in the order is fixed, it is not durable yet. */
export interface Draft {
  readonly entry: Entry;
  /** The tree of streams it belongs to: they share a key. */
  readonly tree: string;
  /** As it will stand in the log; in an encrypted ledger only once it is sealed. */
  body: string;
  /** Bytes of the body; at least so many until it is sealed. */
  bodyBytes: number;
  blobs: ReadonlyMap<string, Uint8Array>;
  /** The slot of the key that it is sealed with. */
  slot?: number;
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
  head(run: string): StreamHead | undefined;
}

/** Accepts commits in the order of the calls. One for each writer. */
export class Intake {
  readonly #known: Known;
  readonly #now: () => number;
  readonly #content: Content;
  /** Versions of streams with commits that are queued and not durable. */
  readonly #queued = new Map<string, number>();
  /** Streams whose first commit is queued: where that is. */
  readonly #begun = new Map<string, Begin>();
  #position: number;
  #time: number;

  constructor(known: Known, now: () => number, content: Content = PLAIN) {
    this.#content = content;
    this.#known = known;
    this.#now = now;
    this.#position = known.position;
    this.#time = known.time;
  }

  /** Facts of a stream, with those that are queued. */
  version(run: string): number {
    return this.#queued.get(run) ?? this.#known.version(run);
  }

  /** Accepts all commits of a call or none. */
  admit(commits: readonly Commit[]): readonly Draft[] {
    const time = Math.max(Math.floor(this.#now()), this.#time);
    const versions = new Map<string, number>();
    const begun = new Map<string, Begin>();
    const drafts = commits.map((commit, index) => {
      const version = versions.get(commit.run) ?? this.version(commit.run);
      requireWellFormed(commit);
      const { run, expected, facts, replaces } = commit;
      const isCopy = typeof replaces === "object" && version === 0;
      if (expected !== version && !isCopy) throw versionConflict(commit, version);
      versions.set(run, whatOf(replaces) === "all" ? 0 : expected + facts.length);
      const position = this.#position + index + 1;
      if (version === 0) begun.set(run, isCopy ? replaces : { started: position, startedAt: time });
      const begin = replaces === undefined ? undefined : (begun.get(run) ?? this.#beginOf(run));
      return this.#draft(commit, begin, position, time);
    });
    for (const [run, version] of versions) this.#queued.set(run, version);
    for (const [run, begin] of begun) this.#begun.set(run, begin);
    this.#position += drafts.length;
    this.#time = time;
    return drafts;
  }

  /** A draft is durable and in the index. */
  settle({ entry }: Draft): void {
    const { run, first, facts, position, replaces } = entry;
    if (this.#queued.get(run) === (replaces?.what === "all" ? 0 : first + facts.length - 1)) this.#queued.delete(run);
    if (this.#begun.get(run)?.started === position) this.#begun.delete(run);
  }

  /** A replaced stream remembers where it began, so that it keeps its place among the others. */
  #beginOf(run: string): Begin | undefined {
    return this.#begun.get(run) ?? this.#known.head(run);
  }

  #draft(commit: Commit, begin: Begin | undefined, position: number, time: number): Draft {
    const what = whatOf(commit.replaces);
    const replaces = what === undefined || begin === undefined ? undefined : { what, started: begin.started, startedAt: begin.startedAt };
    const { body, bodyBytes, blobs } = this.#content.encode(commit, time, replaces);
    if (bodyBytes > BODY_LIMIT_BYTES) throw commitTooLarge(commit, bodyBytes, BODY_LIMIT_BYTES);
    const { run, expected, facts, head, tree = run } = commit;
    // The head goes into the index: copied, so that nobody can change it from outside.
    const entry = {
      position,
      time,
      run,
      first: expected + 1,
      facts,
      ...(head === undefined ? {} : { head: copyOf(head) }),
      ...(replaces === undefined ? {} : { replaces }),
    };
    return { entry, tree, body, bodyBytes, blobs };
  }
}

function whatOf(replaces: Commit["replaces"]): Replacement["what"] | undefined {
  return typeof replaces === "object" ? replaces.what : replaces;
}

type Begin = Pick<Replacement, "started" | "startedAt">;

function requireWellFormed({ run, facts, head }: Commit): void {
  const problem = problemOf(run, facts) ?? (head?.ranks?.every(isFit) === false ? UNFIT_PLACE : undefined);
  if (problem !== undefined) throw new InputError("commit_invalid", `A commit on ${JSON.stringify(run)} ${problem}.`, { details: { run } });
}

function problemOf(run: string, facts: Commit["facts"]): string | undefined {
  if (run === "" || run.length > RUN_NAME_LIMIT || !run.isWellFormed())
    return `needs a run name of 1 to ${RUN_NAME_LIMIT} well-formed characters`;
  if (facts.length === 0) return "has no facts";
  if (facts.some((fact) => RESERVED_MEMBER in fact)) return `has a fact with a member "${RESERVED_MEMBER}", which is reserved`;
  return undefined;
}

const UNFIT_PLACE = `has a place in a list that is no well-formed text of at most ${PLACE_LIMIT} characters without U+0000 and U+FFFF`;

/** A head of its own. By hand, since a general copy costs as much as everything else that is done for a commit. */
function copyOf({ open, keys, note, due, ranks }: Head): Head {
  const copy = { open, keys: [...keys], note: copyMembers(note), ...(due === undefined ? {} : { due }) };
  return ranks === undefined ? copy : { ...copy, ranks: ranks.map(({ list, place }) => ({ list, place })) };
}

function copyMembers(object: JsonObject): JsonObject {
  const copy: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(object)) copy[name] = copyValue(value);
  return copy;
}

function copyValue(value: JsonValue): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  return isJsonObject(value) ? copyMembers(value) : value.map(copyValue);
}
