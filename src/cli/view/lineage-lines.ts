// The lineage of a fact as a tree: each fact once with what it rests on below it, and by its id alone where it stands again.

import type { FactLineage, FactRef, JsonValue } from "../../index.ts";
import { actText, type LinesPlace, producerText } from "./store-lines.ts";
import { clock } from "./moment.ts";
import { counted } from "./text.ts";
import { brief } from "./value.ts";

/** Characters of a value that are shown. */
const VALUE_LIMIT = 160;

interface Tree extends LinesPlace {
  readonly facts: ReadonlyMap<string, FactRef>;
  readonly below: ReadonlyMap<string, readonly string[]>;
  readonly others: ReadonlySet<string>;
  readonly values: Readonly<Record<string, JsonValue>>;
  readonly left: Readonly<Record<string, string>>;
  /** Those that were drawn whole. */
  readonly drawn: Set<string>;
}

/** What is drawn: values and what became of facts that are gone, by their ids. */
export interface DrawnLineage {
  readonly lineage: FactLineage;
  readonly values: Readonly<Record<string, JsonValue>>;
  readonly left: Readonly<Record<string, string>>;
}

/** A lineage as lines. Expects a visible copy. */
export function lineageLines({ lineage, values, left }: DrawnLineage, place: LinesPlace): string[] {
  const tree: Tree = {
    ...place,
    facts: new Map(lineage.facts.map((fact) => [fact.id, fact])),
    below: belowOf(lineage),
    others: new Set(lineage.others),
    values,
    left,
    drawn: new Set(),
  };
  const way = lineage.direction === "causes" ? "rests on" : "followed";
  const size = `${counted(lineage.facts.length, "fact")}${lineage.others.length === 0 ? "" : `, ${counted(lineage.others.length, "fact")} of runs`}`;
  const { paint } = place;
  return [
    ...drawn(tree, lineage.subject, "", ""),
    "",
    ...(lineage.isWhole ? [] : [`${paint("warn", "◆")} there is more: see --depth and --limit`]),
    paint("faint", `${size}; below each: what ${lineage.direction === "causes" ? `it ${way}` : `${way} from it`}`),
    paint("faint", `proof sha256 ${lineage.proof}`),
  ];
}

/** What is drawn below each, in the order in which it was found. */
function belowOf({ direction, links }: FactLineage): ReadonlyMap<string, readonly string[]> {
  const below = new Map<string, string[]>();
  for (const { cause, effect } of links) {
    const [above, under] = direction === "causes" ? [effect, cause] : [cause, effect];
    const list = below.get(above) ?? [];
    list.push(under);
    below.set(above, list);
  }
  return below;
}

/** One and all below it. Those that are drawn already end a branch, so that every fact costs one look, however they are woven. */
function drawn(tree: Tree, id: string, first: string, rest: string): string[] {
  const { paint, drawn: seen } = tree;
  if (seen.has(id)) return [`${first}${id}  ${paint("faint", "(above)")}`];
  seen.add(id);
  const under = tree.below.get(id) ?? [];
  const value = tree.values[id];
  return [
    `${first}${lineOf(tree, id)}`,
    ...(value === undefined ? [] : [`${rest}${under.length > 0 ? "│  " : "   "}${brief(value, VALUE_LIMIT)}`]),
    ...under.flatMap((each, index) => {
      const isLast = index === under.length - 1;
      return drawn(tree, each, `${rest}${isLast ? "└─ " : "├─ "}`, `${rest}${isLast ? "   " : "│  "}`);
    }),
  ];
}

function lineOf({ facts, others, left, paint }: Tree, id: string): string {
  const fact = facts.get(id);
  if (fact !== undefined)
    return [paint("strong", id), actText(fact, paint), paint("faint", clock(fact.time)), paint("faint", producerText(fact))]
      .filter((text) => text !== "")
      .join("  ");
  return others.has(id)
    ? `${id}  ${paint("accent", "of a run")}`
    : `${id}  ${paint("warn", left[id] ?? "not followed: see --depth and --limit")}`;
}
