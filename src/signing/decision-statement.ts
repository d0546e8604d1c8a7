// The words that somebody signs to decide something: which ledger, run, await and opening, what was shown, what is answered, and how long the words count. Holds no values, only
// their digests, so it may be shown, sent and kept. Pure.

import { isJsonObject, type JsonObject, parseJson } from "../json.ts";

/** What a signature over a decision is about. */
export interface DecisionStatement {
  /** Id of the approver. */
  readonly approver: string;
  /** Id of the ledger. */
  readonly ledger: string;
  /** The root run's id. */
  readonly run: string;
  /** The await's path from the root run. */
  readonly path: string;
  /** The fact by which the await opened, `<run>:<number>`: an await that opens anew is another one. */
  readonly opening: string;
  readonly event: string;
  /** Digest of what was shown: SHA-256 of its canonical JSON. */
  readonly shown: string;
  /** Digest of the payload as it is recorded: SHA-256 of its canonical JSON. */
  readonly payload: string;
  /** Tells two statements about the same thing apart. */
  readonly nonce: string;
  /** Until when it may be delivered, ISO 8601 with milliseconds, UTC. */
  readonly expires: string;
}

/** The namespace of signatures over decisions: what is signed for another purpose counts for nothing here (`ssh-keygen -Y sign -n kindling-decision`). */
export const DECISION_NAMESPACE = "kindling-decision";

const KIND = "kindling decision";
const VERSION = 1;
const MEMBERS = ["approver", "ledger", "run", "path", "opening", "event", "shown", "payload", "nonce", "expires"] as const;

/** Characters that are not seen, or change how others are: a list of its own, since Unicode's grows. */
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Characters of a statement; more is none. */
const TEXT_LIMIT = 64_000;

/** The one text of a statement: lines of JSON in a fixed order. Characters that could hide or move others are escaped. */
export function statementText(statement: DecisionStatement): string {
  const members = MEMBERS.map((name) => [name, statement[name]] as const);
  const text = JSON.stringify({ statement: KIND, version: VERSION, ...Object.fromEntries(members) }, null, 2);
  return `${text.replaceAll(UNSEEN, escaped)}\n`;
}

/** What a text states; undefined for anything but the very text that `statementText` gives. */
export function readStatement(text: string): DecisionStatement | undefined {
  const value = text.length > TEXT_LIMIT ? undefined : parseJson(text);
  if (!isJsonObject(value) || !hasTexts(value)) return undefined;
  const { expires } = value;
  if (Number.isNaN(Date.parse(expires)) || new Date(expires).toISOString() !== expires) return undefined;
  // One text only, so that nothing can stand in it that nobody looks at: member by member as it was read.
  return statementText(value) === text ? value : undefined;
}

function hasTexts(value: JsonObject): value is JsonObject & DecisionStatement {
  return MEMBERS.every((name) => typeof value[name] === "string");
}

/** A character beyond the first plane stands for two. */
function escaped(found: string): string {
  return Array.from({ length: found.length }, (_, index) => `\\u${found.charCodeAt(index).toString(16).padStart(4, "0")}`).join("");
}
