// Events of a history that start runs or answer awaits: which ones, and what is made of each. Data and functions of authors; knows no feed.

import { isJsonObject } from "../json.ts";
import { outputSchemaOf } from "../schema.ts";
import type { FactRef } from "../store/fact.ts";
import type { History } from "../store/store.ts";

/** What is made of an event: by a function, which is also given what stands about it in the ledger, or of its members by name. */
export type OfEvent<T, Made> = ((event: T, fact: FactRef) => Made) | Readonly<Record<string, keyof T & string>>;

/** Which events of a history are meant. */
export interface HistoryRule {
  readonly history: History<unknown>;
  /** All when left out. */
  readonly when: ((event: unknown, fact: FactRef) => unknown) | undefined;
  /** The inputs of the run that an event starts, or the correlation of those that it answers. */
  readonly make: (event: unknown, fact: FactRef) => unknown;
  /** The members it is made of, where that is all: what a document can say. */
  readonly members?: Readonly<Record<string, string>>;
}

/** Events that start runs. */
export interface StartRule extends HistoryRule {
  /** Events that were recorded before a process had the contract: they count from the beginning of the log on, or not at all. */
  readonly from: "beginning" | "now";
}

/** The rule of an author's options. */
export function historyRule<T>(
  history: History<T>,
  when: ((event: T, fact: FactRef) => boolean) | undefined,
  make: OfEvent<T, unknown>,
): HistoryRule {
  // The options' types made sure that the functions take what the history's schema gives, and they are given nothing else.
  const rule = { history: history as unknown as History<unknown>, when: when as HistoryRule["when"] };
  if (typeof make === "function") return { ...rule, make: make as HistoryRule["make"] };
  const members = Object.entries(make);
  return { ...rule, make: (event) => Object.fromEntries(members.map(([name, member]) => [name, memberOf(event, member)])), members: make };
}

function memberOf(event: unknown, name: string): unknown {
  return typeof event === "object" && event !== null ? Object.getOwnPropertyDescriptor(event, name)?.value : undefined;
}

/** The members that something is to be made of and that no event has, as far as the schema tells; each with what is wrong. */
export function strangeMembers(history: unknown, make: unknown): readonly (readonly [message: string, hint: string])[] {
  const schema = isHistory(history) ? outputSchemaOf(history.schema) : undefined;
  const members = schema?.["properties"];
  if (schema?.["additionalProperties"] !== false || !isJsonObject(members) || typeof make !== "object" || make === null) return [];
  return Object.entries(make)
    .filter(([, member]) => typeof member !== "string" || !Object.hasOwn(members, member))
    .map(([name, member]) => [
      `has ${JSON.stringify(member)} for "${name}", and events have no such member`,
      `Members: ${Object.keys(members).join(", ") || "none"}.`,
    ]);
}

/** True for what `defineHistory` gives. */
export function isHistory(given: unknown): given is History<unknown> {
  return typeof given === "object" && given !== null && "kind" in given && given.kind === "history" && "append" in given;
}
