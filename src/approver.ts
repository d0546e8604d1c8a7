// The people who may decide gates, as a project names them, checked before anything rests on it. Knows no gate and no signature.

import { ConfigError } from "./errors.ts";
import { isNoKey, readPublicKey } from "./ssh-public-key.ts";

/**
 * A person who decides gates, and by what the person is known.
 *
 * @example
 * ```ts
 * approvers: [{ id: "ada", roles: ["editor"], names: ["cli:ada"], key: "ssh-ed25519 AAAA… ada@desk" }]
 * ```
 */
export interface Approver {
  /** What is recorded with a decision: letters, digits and `. _ - @ +`, 1 to 100 characters. No colon: what stands before one is the channel somebody came by. */
  readonly id: string;
  /** What the person may decide: gates that ask for roles are decided by those who have one of them. */
  readonly roles?: readonly string[];
  /** Further ids under which the same person comes, such as `cli:ada`: whoever started a run under one of them does not decide its gates with `notStarter`. */
  readonly names?: readonly string[];
  /** A hash made by `kindling approvers add`: the person decides on the page. */
  readonly passphrase?: string;
  /** Public keys of SSH, each a line `ssh-ed25519 AAAA… comment`: the person signs decisions. The key of one person only. */
  readonly key?: string | readonly string[];
}

/** An approver as surfaces see it: no hash, no key. */
export interface ApproverSummary {
  readonly id: string;
  readonly roles: readonly string[];
  readonly hasPassphrase: boolean;
  readonly hasKey: boolean;
}

const MEMBERS = ["id", "roles", "names", "passphrase", "key"];
/** No colon: in what is recorded, the channel by which somebody came ends at the first one. */
const ID = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{0,99}$/u;
const TEXT_LIMIT = 1_000;
const APPROVERS_LIMIT = 1_000;
const KEYS_LIMIT = 20;

type Problem = { readonly message: string; readonly fix: string };

/** The public keys of an approver, line by line. */
export function keysOf({ key = [] }: Approver): readonly string[] {
  return typeof key === "string" ? [key] : key;
}

/** What surfaces may see of an approver. */
export function summaryOf(approver: Approver): ApproverSummary {
  return {
    id: approver.id,
    roles: approver.roles ?? [],
    hasPassphrase: approver.passphrase !== undefined,
    hasKey: keysOf(approver).length > 0,
  };
}

/** Refuses approvers that cannot be told apart, or of whom something is not what it should be. @throws ConfigError `bad_approvers` */
export function assertApprovers(approvers: unknown): void {
  const found = approversProblem(approvers);
  if (found !== undefined) throw new ConfigError("bad_approvers", found.message, { fix: found.fix });
}

/** The first thing wrong with what is given as approvers, with its place; undefined when they are fit. Hashes and keys are never told. */
export function approversProblem(approvers: unknown): Problem | undefined {
  if (!Array.isArray(approvers))
    return problem("approvers", `is ${shown(approvers)}`, 'Give a list: [{ id: "ada", key: "ssh-ed25519 AAAA… comment" }].');
  if (approvers.length > APPROVERS_LIMIT)
    return problem("approvers", `has ${approvers.length} entries`, `Give ${APPROVERS_LIMIT} at most.`);
  const places = new Map<string, string>();
  for (const [index, approver] of approvers.entries()) {
    const place = `approvers[${index}]`;
    const found = approverProblem(approver, place) ?? repeatedIn(places, approver as Approver, place);
    if (found !== undefined) return found;
  }
  return undefined;
}

function approverProblem(approver: unknown, place: string): Problem | undefined {
  if (typeof approver !== "object" || approver === null || Array.isArray(approver))
    return problem(place, `is ${shown(approver)}`, 'An approver is { id: "ada", roles, passphrase, key }.');
  const members = new Map(Object.entries<unknown>({ ...approver }));
  const strange = [...members.keys()].find((name) => !MEMBERS.includes(name));
  if (strange !== undefined) return problem(`${place}.${strange}`, "is no member of an approver", `There are ${MEMBERS.join(", ")}.`);
  const [id, roles, names, passphrase, key] = MEMBERS.map((name) => members.get(name));
  if (typeof id !== "string" || !ID.test(id))
    return problem(`${place}.id`, `is ${shown(id)}`, 'Give 1 to 100 letters, digits and . _ - @ + such as "ada".');
  if (roles !== undefined && !isTexts(roles)) return problem(`${place}.roles`, `is ${shown(roles)}`, 'Give a list of texts: ["editor"].');
  if (names !== undefined && !isTexts(names)) return problem(`${place}.names`, `is ${shown(names)}`, 'Give a list of texts: ["cli:ada"].');
  if (passphrase !== undefined && !isText(passphrase))
    return problem(`${place}.passphrase`, "is no hash of a passphrase", "Make one: kindling approvers add.");
  return key === undefined ? undefined : keysProblem(key, `${place}.key`);
}

function keysProblem(key: unknown, place: string): Problem | undefined {
  const keys: readonly unknown[] = Array.isArray(key) ? key : [key];
  if (keys.length === 0 || keys.length > KEYS_LIMIT)
    return problem(place, `has ${keys.length} keys`, `Give 1 to ${KEYS_LIMIT}, or leave it out.`);
  for (const [index, line] of keys.entries()) {
    const read = readPublicKey(line);
    if (isNoKey(read)) return problem(Array.isArray(key) ? `${place}[${index}]` : place, read.message, read.fix);
  }
  return undefined;
}

/** An id, a name or a key that stands for somebody else already: who decided could not be told. */
function repeatedIn(places: Map<string, string>, approver: Approver, place: string): Problem | undefined {
  for (const [index, id] of [approver.id, ...(approver.names ?? [])].entries()) {
    const before = places.get(`id ${id}`);
    const where = index === 0 ? `${place}.id` : `${place}.names[${index - 1}]`;
    if (before !== undefined && before !== place)
      return problem(
        where,
        `is ${shown(id)}, which stands for ${before} already`,
        "An id is of one person; one may have several names and keys.",
      );
    places.set(`id ${id}`, place);
  }
  for (const line of keysOf(approver)) {
    const read = readPublicKey(line);
    const name = isNoKey(read) ? "" : `key ${read.blob.toString("base64")}`;
    const owner = places.get(name);
    if (owner !== undefined)
      return problem(`${place}.key`, `is a key of ${owner} as well`, "A key is of one person, and stands there once.");
    places.set(name, place);
  }
  return undefined;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "" && value.length <= TEXT_LIMIT;
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function problem(place: string, what: string, fix: string): Problem {
  return { message: `${place} ${what}`, fix };
}
