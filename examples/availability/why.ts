// "Why is Tuesday full?": the lineage of a fact as a tree in words. Goes through runs: below what one recorded stands what it had read.

import type { FactLineage, FactRef, JsonValue, Kindling } from "kindling";
import { availability, Booked, booked, days, Slot, TeamDay } from "./availability.ts";
import { dayText, timeText } from "./stage.ts";
import { Booking, Schedule, schedules } from "./stores.ts";

/** What is drawn. */
interface Tree {
  readonly facts: ReadonlyMap<string, FactRef>;
  readonly causes: ReadonlyMap<string, readonly string[]>;
  readonly values: ReadonlyMap<string, JsonValue>;
  readonly drawn: Set<string>;
}

/** The tree of a fact, a line each. */
export async function why(kindling: Kindling, id: string): Promise<readonly string[]> {
  const lineage = await kindling.lineage(id, { depth: 100 });
  const values = new Map<string, JsonValue>();
  for (const fact of lineage.facts) {
    const found = await kindling.resolve(fact.id);
    if (found.status === "found" && "fact" in found && found.fact.value !== undefined) values.set(fact.id, found.fact.value);
  }
  const facts = new Map(lineage.facts.map((fact) => [fact.id, fact]));
  return branch({ facts, causes: causesIn(lineage), values, drawn: new Set() }, id, "", "");
}

function causesIn({ links }: FactLineage): ReadonlyMap<string, readonly string[]> {
  const causes = new Map<string, string[]>();
  for (const { cause, effect } of links) causes.set(effect, [...(causes.get(effect) ?? []), cause]);
  return causes;
}

/** A fact and what it rests on. One that stands above already is not drawn again. */
function branch(tree: Tree, id: string, first: string, rest: string): readonly string[] {
  const fact = tree.facts.get(id);
  if (fact === undefined) return [];
  tree.drawn.add(id);
  const line = `${first}${sentence(fact, tree.values.get(id))}`;
  if (fact.producer?.kind === "run") {
    const known = [...beforeRun(tree, id)].flatMap((each) => tree.facts.get(each) ?? []);
    // Of all that it knew, what it decided by.
    const seen = known.filter(({ store }) => store === availability.name).sort((a, b) => b.position - a.position)[0];
    return seen === undefined ? [line] : [line, `${rest}└─ after its run had read: ${sentence(seen, tree.values.get(seen.id))}`];
  }
  const below = (tree.causes.get(id) ?? []).filter((cause) => tree.facts.has(cause) && !tree.drawn.has(cause));
  return [
    line,
    ...below.flatMap((cause, index) => {
      const isLast = index === below.length - 1;
      return branch(tree, cause, `${rest}${isLast ? "└─ " : "├─ "}`, `${rest}${isLast ? "   " : "│  "}`);
    }),
  ];
}

/** The facts of stores that a run knew when it recorded a fact: those behind its own. */
function beforeRun(tree: Tree, id: string): ReadonlySet<string> {
  const found = new Set<string>();
  const met = new Set<string>([id]);
  for (const at of met)
    for (const cause of tree.causes.get(at) ?? []) {
      if (tree.facts.has(cause)) found.add(cause);
      else met.add(cause);
    }
  return found;
}

function sentence({ store, key, time, validFrom, producer, number }: FactRef, value: JsonValue | undefined): string {
  if (value === undefined) return `${store} ${key}, fact ${number}: given up`;
  const since = validFrom === time ? "" : `, since ${timeText(validFrom)}`;
  const who = producer === undefined || producer.kind === "run" ? "" : ` (${producer.name}, ${timeText(time)}${since})`;
  return `${textOf(store, key, value)}${producer?.kind === "derivation" ? "" : who}`;
}

function textOf(store: string, key: string, value: JsonValue): string {
  switch (store) {
    case days.name: {
      const { full, free, hours } = TeamDay.parse(value);
      return `${dayText(key)} ${full ? "is full" : "has room"}: ${free} of ${hours} h are free`;
    }
    case availability.name: {
      const { technician, free, hours } = Slot.parse(value);
      return `${technician}: ${free} of ${hours} h are free`;
    }
    case booked.name:
      return `booked: ${Object.entries(Booked.parse(value))
        .map(([booking, hours]) => `${booking} ${hours} h`)
        .join(", ")}`;
    case schedules.name:
      return `works ${Schedule.parse(value).hours} h`;
    default: {
      const { booking, work, customer, hours } = Booking.parse(value);
      return `${booking}: ${work} for ${customer}, ${hours} h`;
    }
  }
}
