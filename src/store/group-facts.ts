// What belongs to one key of a derived store, by source: in the order in which the keys of the values were first written, or the events happened. Whenever each came to that key, a rule
// is given them in the same order, so it gives the same when everything is derived anew.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Ledger } from "../ledger/ledger.ts";
import type { Derived } from "./derive.ts";
import type { DeriveWorld } from "./derive-world.ts";
import type { FactRef, RawFact } from "./fact.ts";
import { factNumbered, factOf } from "./fact-reader.ts";
import type { Member } from "./members.ts";
import { type ComputeRule, groupsOf } from "./rule.ts";
import { valueOf } from "./source-change.ts";
import type { Written } from "./value.ts";

/** Members read before everything else in this process has its turn. */
const MEMBERS_IN_A_TURN = 256;

/** A value with its place in that order. */
interface Placed {
  readonly fact: Written<unknown>;
  readonly place: number;
}

/** The values that there are for a key at a position. */
export async function groupFacts(
  world: DeriveWorld,
  {
    derived,
    rule,
    key,
    members,
    upTo,
  }: {
    readonly derived: Derived<unknown>;
    readonly rule: ComputeRule;
    readonly key: string;
    readonly members: readonly Member[];
    readonly upTo: number;
  },
): Promise<ReadonlyMap<string, readonly Written<unknown>[]>> {
  const found = new Map<string, Placed[]>([...rule.sources.keys()].map((source) => [source, []]));
  for (const [index, member] of members.entries()) {
    if (index % MEMBERS_IN_A_TURN === MEMBERS_IN_A_TURN - 1) await nextTurn();
    const definition = rule.sources.get(member.source);
    const fact = definition === undefined ? undefined : await valueOf(definition, await memberFact(world, member, upTo));
    // Where nobody could tell where a value had gone, it is not known to have left: each is asked again.
    const isOfKey = member.number !== undefined || groupsOf(rule, derived.name, member.source, fact).includes(key);
    if (fact !== undefined && isOfKey) found.get(member.source)?.push({ fact, place: placeIn(world.ledger, member, fact) });
  }
  return new Map([...found].map(([source, facts]) => [source, inOrder(facts)]));
}

function memberFact({ ledger, now }: DeriveWorld, { stream, number }: Member, upTo: number): Promise<RawFact | undefined> {
  if (number !== undefined) return factNumbered(ledger, stream, number);
  return factOf({ ledger, now: now() }, stream, { asOf: { position: upTo } });
}

function placeIn(ledger: Ledger, { stream, number }: Member, { position }: FactRef): number {
  return number === undefined ? (ledger.head(stream)?.started ?? position) : position;
}

function inOrder(facts: readonly Placed[]): readonly Written<unknown>[] {
  return facts.toSorted((one, other) => one.place - other.place).map(({ fact }) => fact);
}
