// Redaction: the one function that takes secrets out of what is told. It knows names that mean a secret, shapes that are one, and what the author adds.

import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/** What is taken out, besides the names and shapes that are always taken out. */
export interface RedactOptions {
  /**
   * Names of members whose values are replaced, at any depth, in what is told: failures, log lines, live events, telemetry. Case and `-`, `_` do not count:
   * `api_key` is `apiKey`.
   */
  readonly keys?: readonly string[];
  /** Texts that are replaced wherever they stand in what is told. */
  readonly patterns?: readonly RegExp[];
  /**
   * Names of members that are replaced before they are recorded: in inputs, events' payloads and the values of nodes. The run itself goes on with the
   * replacement, since a run knows what its ledger holds and nothing else.
   */
  readonly recorded?: readonly string[];
  /** What stands in place of a secret; `[redacted]` when left out. */
  readonly replace?: string | ((secret: string) => string);
}

/** Redaction by a function: it is given whatever is to be told as JSON and gives it back without secrets. The names and shapes that are always taken out are gone by then. */
export type Redact = (told: JsonValue) => JsonValue;

/** Takes secrets out. */
export interface Redaction {
  /** A text as it may be told. */
  readonly text: (text: string) => string;
  /** A value as it may be told. */
  readonly value: <T extends JsonValue>(value: T) => T;
  /** A value as it may be recorded: without the members the author named; undefined when he named none. */
  readonly recorded: ((value: JsonValue) => JsonValue) | undefined;
}

const REPLACEMENT = "[redacted]";

/** Names that mean a secret, in the form of `plainName`. Counts of tokens and keys of caches are none. */
const SECRET_NAMES =
  "authorization proxyauthorization cookie setcookie password passwd passphrase secret clientsecret secretkey privatekey apikey xapikey accesskey accesstoken refreshtoken idtoken bearertoken authtoken sessiontoken credentials";

/** Shapes that are secrets wherever they stand. What names them stays, so that a reader knows what was there. */
const SECRET_SHAPES: readonly RegExp[] = [
  /(?<=\b(?:bearer|basic)\s{1,4})(?=[\w.~+/=-]{0,200}[\d.~+/=-])[\w.~+/=-]{8,}/gi,
  /(?<=\b(?:sk|pk|rk)[-_](?:(?:ant|proj|lf|or|svcacct|admin|live|test)[-_])?)(?=[\w-]{0,200}\d)[\w-]{12,}/g,
  /(?<=\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|AKIA|ASIA|AIza|hf_|npm_))[\w-]{12,}/g,
  /(?<=\beyJ)[\w-]{8,2000}\.eyJ[\w-]{8,4000}\.[\w-]+/g,
  /(?<=-----BEGIN (?:[A-Z]{1,20} )?PRIVATE KEY-----)[^-]+/g,
  // What stands before the host of an address, and parameters that are named like a secret.
  /(?<=:\/\/[^\s/?#:@]{0,64}:)[^\s/?#@]{1,256}(?=@)/g,
  /(?<=[?&;](?:[\w-]{0,24}[_-])?(?:api[_-]?key|key|token|secret|password|passwd|pwd|signature|sig|auth)=)[^\s&;#"'<>]+/gi,
  // `api_key: …` and `password="…"` in the messages of others.
  /(?<=(?<![?&;\w-])(?:x-)?(?:api[_-]?key|password|passwd|client[_-]?secret|secret[_-]?key|access[_-]?token|refresh[_-]?token)["']?\s{0,4}[:=]\s{0,4}["']?)(?:(?<=")[^"\n]+|(?<=')[^'\n]+|[^\s"',;&]{6,})/gi,
];

/**
 * The redaction of a runtime with these options, for what a program tells on its own: the runtime itself needs no more than the options.
 *
 * @example const { text } = redactionOf({ patterns: [/C-\d+/] }); console.error(text(error.message));
 */
export function redactionOf(given: RedactOptions | Redact = {}): Redaction {
  const options = typeof given === "function" ? {} : given;
  const own = typeof given === "function" ? given : undefined;
  const { replace = REPLACEMENT, patterns = [] } = options;
  const instead = typeof replace === "string" ? () => replace : replace;
  const names = new Set([...SECRET_NAMES.split(" "), ...(options.keys ?? []).map(plainName)]);
  const texts = patterns.map((pattern) => (pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`)));

  const plainText = (text: string): string => {
    let told = text;
    for (const pattern of [...SECRET_SHAPES, ...texts]) told = told.replace(pattern, (found) => instead(found));
    return told;
  };
  const plain = (value: JsonValue): JsonValue => mapped(value, { names, text: plainText, instead });
  // What the author's function gives in place of a text may be anything; as a text it is shown as one.
  const ownText = (text: string): string => {
    const told = own?.(text) ?? text;
    return typeof told === "string" ? told : JSON.stringify(told);
  };
  const recorded = new Set((options.recorded ?? []).map(plainName));
  return {
    text: (text) => ownText(plainText(text)),
    // Members and texts are replaced by texts, so what had a form keeps its members; who reads it reads text in their place.
    value: <T extends JsonValue>(value: T) => (own === undefined ? plain(value) : own(plain(value))) as T,
    recorded: recorded.size === 0 ? undefined : (value) => mapped(value, { names: recorded, text: (text) => text, instead }),
  };
}

/** Redaction of whoever was given none: the names and shapes that are always taken out. */
export const DEFAULT_REDACTION: Redaction = redactionOf();

interface Replacing {
  readonly names: ReadonlySet<string>;
  readonly text: (text: string) => string;
  readonly instead: (secret: string) => string;
}

function mapped(value: JsonValue, replacing: Replacing): JsonValue {
  if (typeof value === "string") return replacing.text(value);
  if (Array.isArray(value)) {
    // `isArray` makes any of the list's members, which are JSON.
    const list = value as readonly JsonValue[];
    const next = list.map((each) => mapped(each, replacing));
    return next.every((each, index) => each === list[index]) ? list : next;
  }
  if (!isJsonObject(value)) return value;
  return mappedObject(value, replacing);
}

/** The same object where nothing in it is replaced: most are told as they are. */
function mappedObject(value: JsonObject, replacing: Replacing): JsonObject {
  let next: Record<string, JsonValue> | undefined;
  for (const [name, member] of Object.entries(value)) {
    const isSecret = replacing.names.has(plainName(name)) && member !== null && member !== "" && typeof member !== "boolean";
    const told = isSecret ? replacing.instead(typeof member === "string" ? member : JSON.stringify(member)) : mapped(member, replacing);
    if (told === member) continue;
    next ??= { ...value };
    next[name] = told;
  }
  return next ?? value;
}

function plainName(name: string): string {
  return name.replace(/[-_\s.]/g, "").toLowerCase();
}
