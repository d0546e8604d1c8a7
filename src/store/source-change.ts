// What a fact of a source means for a derived store: which keys a value belonged to, and which it belongs to now.

import { BugError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Derived } from "./derive.ts";
import type { RawFact } from "./fact.ts";
import { findFact } from "./fact-reader.ts";
import type { Member } from "./members.ts";
import { placeOf, streamOf } from "./names.ts";
import { groupsOf } from "./rule.ts";
import type { AnyStore, ReadableStore } from "./store.ts";
import { readWritten, type Written } from "./value.ts";

/** A fact of a source. */
export interface SourceChange {
  /** As the rule knows it. */
  readonly source: string;
  readonly fact: RawFact;
  readonly member: Member;
  /** The value until then, and the keys it belonged to. */
  readonly before: Written<unknown> | undefined;
  readonly left: readonly string[];
  /** The value from then on, and the keys it belongs to. */
  readonly after: Written<unknown> | undefined;
  readonly joined: readonly string[];
}

/** Undefined when what was before is not there any more, or was written by a later edition, so that nobody can say which keys it belonged to. @throws RunError, InputError when what the author says of it fails */
export async function sourceChange(
  ledger: Ledger,
  { name, rule }: Derived<unknown>,
  source: string,
  fact: RawFact,
): Promise<SourceChange | undefined> {
  const definition = rule.sources.get(source);
  if (definition === undefined) return undefined;
  const isEvent = definition.kind === "history";
  const found = isEvent || fact.previous === null ? undefined : await findFact({ ledger }, fact.previous);
  if (found !== undefined && found.status !== "found") return undefined;
  const previous = found?.fact;
  const after = await valueOf(definition, fact);
  if (previous !== undefined && previous.version > definition.version) return undefined;
  const before = await valueOf(definition, previous);
  const left = groupsOf(rule, name, source, before);
  return { source, fact, member: memberOf(source, fact), before, left, after, joined: groupsOf(rule, name, source, after) };
}

/** A fact as its definition reads it. */
export function valueOf(definition: AnyStore, fact: RawFact | undefined): Promise<Written<unknown> | undefined> {
  // Only its schema and how older values are made new matter here.
  return readWritten(definition as unknown as ReadableStore<unknown>, fact);
}

export function memberOf(source: string, { id, number }: RawFact): Member {
  const place = placeOf(id);
  if (place === undefined) throw new BugError(`a fact has an id that is none: ${id}`);
  const stream = streamOf(place.kind, place.store, place.key);
  return place.kind === "history" ? { source, stream, number } : { source, stream };
}
