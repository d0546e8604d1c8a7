// `store lineage`: where a fact comes from, or what followed from it, drawn as a tree.

import type { FactLineage, JsonValue, Kindling } from "../../../index.ts";
import type { Answer } from "../../answer.ts";
import { UsageError } from "../../problem.ts";
import type { GlobalOptions } from "../../project.ts";
import { withStores } from "../../stores.ts";
import type { Shell } from "../../shell.ts";
import { lineageLines } from "../../view/lineage-lines.ts";
import { visibleCopy } from "../../view/visible.ts";

/** What `store lineage` takes. */
export interface StoreLineageOptions extends GlobalOptions {
  readonly effects?: boolean;
  readonly depth?: string;
  readonly limit?: string;
  readonly values?: boolean;
}

/** Tells the lineage of a fact; with `--effects` also of a run. */
export function storeLineage(shell: Shell, id: string, options: StoreLineageOptions): Promise<Answer> {
  const [depth, limit] = [countOf("--depth", options.depth), countOf("--limit", options.limit)];
  return withStores(shell, options, async ({ kindling }): Promise<Answer> => {
    const lineage = await kindling.lineage(id, {
      direction: options.effects === true ? "effects" : "causes",
      ...(depth === undefined ? {} : { depth }),
      ...(limit === undefined ? {} : { limit }),
    });
    const values = options.values === true ? await valuesOf(kindling, lineage) : {};
    const left = await leftOf(kindling, lineage);
    const { paint } = shell.out;
    return {
      ok: true,
      result: { lineage, left, ...(options.values === true ? { values } : {}) },
      lines: lineageLines(visibleCopy({ lineage, values, left }), { paint, now: shell.now() }),
    };
  });
}

/** Facts that are gone of which it is told what became of them. */
const GONE_TOLD = 100;

/** What became of facts that are not there any more, by id. */
async function leftOf(kindling: Kindling, { missing }: FactLineage): Promise<Readonly<Record<string, string>>> {
  const told: [string, string][] = [];
  for (const id of missing.slice(0, GONE_TOLD)) {
    const resolved = await kindling.resolve(id);
    told.push([
      id,
      resolved.status === "detail_unavailable" && "receipt" in resolved
        ? `given up: ${resolved.receipt?.id ?? "without a receipt"}`
        : resolved.status,
    ]);
  }
  return Object.fromEntries(told);
}

/** What the facts say as they were recorded, by id; those that were removed say nothing, and so do those whose values were given up meanwhile. */
async function valuesOf(kindling: Kindling, { facts }: FactLineage): Promise<Readonly<Record<string, JsonValue>>> {
  const values: [string, JsonValue][] = [];
  for (const { id } of facts) {
    const resolved = await kindling.resolve(id);
    if (resolved.status === "found" && "fact" in resolved && resolved.fact.value !== undefined) values.push([id, resolved.fact.value]);
  }
  return Object.fromEntries(values);
}

/** What is out of its bounds is refused by the question itself, which knows them. */
function countOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UsageError("bad_option", `${option} ${text} is no number`, { fix: "Give a whole number from 1 on." });
}
