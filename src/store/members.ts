// Which facts a key of a derived store is computed from: kept with the ledger, so that one more costs one line, and nothing has to be searched for.

import type { JsonObject } from "../json.ts";
import type { Commit, Ledger } from "../ledger/ledger.ts";
import { headsInTurns } from "./heads.ts";

/** A key of a store, or an event of a history. */
export interface Member {
  /** As the rule knows it. */
  readonly source: string;
  readonly stream: string;
  /** Of the event within its part; none for a key of a store, of which the latest value counts. */
  readonly number?: number;
}

/** Lines beyond what stands there now, after which it is written anew. */
const SLACK = 64;

/** The members of one key, in the order in which they came. */
export class Members {
  readonly #stream: string;
  readonly #version: number;
  readonly #members: Map<string, Member>;
  readonly #joined = new Map<string, Member>();
  readonly #left = new Set<string>();

  constructor(derived: string, key: string, { version, members }: { readonly version: number; readonly members: Iterable<Member> }) {
    this.#stream = membersStream(derived, key);
    this.#version = version;
    this.#members = new Map([...members].map((member) => [textOf(member), member]));
  }

  static async read(ledger: Ledger, derived: string, key: string): Promise<Members> {
    const stream = membersStream(derived, key);
    const entries = await ledger.read(stream);
    const members = new Map<string, Member>();
    // Written by `commit`.
    for (const { value, left = [] } of entries.flatMap(({ facts }) => facts as unknown as readonly MembersFact[])) {
      for (const text of left) members.delete(text);
      for (const member of value) members.set(textOf(member), member);
    }
    return new Members(derived, key, { version: ledger.head(stream)?.version ?? 0, members: members.values() });
  }

  get all(): readonly Member[] {
    return [...this.#members.values()];
  }

  join(member: Member): void {
    const text = textOf(member);
    if (this.#members.has(text)) return;
    this.#members.set(text, member);
    this.#left.delete(text);
    this.#joined.set(text, member);
  }

  leave(member: Member): void {
    const text = textOf(member);
    if (!this.#members.delete(text)) return;
    this.#joined.delete(text);
    this.#left.add(text);
  }

  /** What changed, to be recorded; undefined for nothing. */
  commit(): Commit | undefined {
    if (this.#joined.size === 0 && this.#left.size === 0) return undefined;
    if (this.#isLong(this.#members.size)) return this.#whole(this.all);
    const left = [...this.#left];
    const fact = { type: "store.members", value: [...this.#joined.values()].map(asJson), ...(left.length === 0 ? {} : { left }) };
    return { run: this.#stream, expected: this.#version, facts: [fact], ...HEAD };
  }

  /** Others in place of those it has, to be recorded; undefined where they are the same. */
  instead(members: readonly Member[]): Commit | undefined {
    const texts = new Set(members.map(textOf));
    const areSame = texts.size === this.#members.size && [...texts].every((text) => this.#members.has(text));
    return areSame && !this.#isLong(texts.size) ? undefined : this.#whole(members);
  }

  /** @param size how many there are */
  #isLong(size: number): boolean {
    return this.#version > 2 * size + SLACK;
  }

  #whole(members: readonly Member[]): Commit {
    const fact = { type: "store.members", value: members.map(asJson) };
    return { run: this.#stream, expected: this.#version, facts: [fact], ...HEAD, ...(this.#version === 0 ? {} : { replaces: "before" }) };
  }
}

interface MembersFact {
  /** Who joined: under the one name by which large members of facts stand beside the log. */
  readonly value: readonly Member[];
  readonly left?: readonly string[];
}

/** The keys of a derived store that ever had members. */
export async function* keysWithMembers(ledger: Ledger, derived: string): AsyncGenerator<string> {
  const start = membersStream(derived, "");
  for await (const { run } of headsInTurns(ledger, MEMBERS_KEY)) if (run.startsWith(start)) yield run.slice(start.length);
}

const MEMBERS_KEY = "store-members";
const HEAD: Pick<Commit, "head"> = { head: { open: false, keys: [MEMBERS_KEY], note: {} } };

function membersStream(derived: string, key: string): string {
  return `store-members:${derived}:${key}`;
}

function textOf({ source, stream, number }: Member): string {
  return JSON.stringify([source, stream, number ?? 0]);
}

function asJson({ source, stream, number }: Member): JsonObject {
  return { source, stream, ...(number === undefined ? {} : { number }) };
}
