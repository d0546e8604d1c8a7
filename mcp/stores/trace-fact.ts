// `trace_fact`: what a fact rests on, or what rests on it. Facts of other stores and runs that the caller may not see stand there without their ids, which hold keys.

import * as z from "zod";
import type { FactLineage } from "../../src/index.ts";
import { defineTool, type Tool } from "../tool.ts";
import type { EnabledStores } from "./enabled-stores.ts";
import { FactLine, lineOf } from "./fact-shape.ts";
import { answered } from "./store-refusal.ts";

const FACTS_LIMIT = 50;
/** A fact may rest on a hundred others, each of which is a link. */
const LINKS_LIMIT = 200;

/** The tool. */
export function traceFact(stores: EnabledStores): Tool {
  return defineTool({
    name: "trace_fact",
    title: "Trace a fact",
    description: "Where a fact comes from: what it rests on, step by step; direction effects: what rests on it. Values come from get_fact.",
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    input: z.strictObject({
      id: z.string().min(1).max(400).describe("Id of a fact"),
      direction: z.enum(["causes", "effects"]).default("causes").describe("Which way"),
      depth: z.int().min(1).max(20).default(5).describe("Steps"),
    }),
    shownOutput: ["facts", "links"],
    output: z.object({
      facts: z.array(FactLine).describe("The fact, and those found, nearest first"),
      links: z.array(z.object({ cause: z.string(), effect: z.string() })).describe("Which rests on which"),
      hidden: z.int().optional().describe("Facts among the links that you may not read: hidden-1, hidden-2 …"),
      truncated: z.boolean().optional().describe("There is more"),
    }),
    call: async ({ id, direction, depth }) => {
      if (!(await stores.mayTell(id))) return stores.notEnabled();
      return answered("trace_fact", async () => told(await stores.kindling.lineage(id, { direction, depth, limit: FACTS_LIMIT }), stores));
    },
  });
}

async function told({ facts, links, isWhole }: FactLineage, stores: EnabledStores) {
  const names = new Map<string, string>();
  let hidden = 0;
  const nameOf = async (id: string): Promise<string> => {
    const known = names.get(id);
    if (known !== undefined) return known;
    const name = (await stores.mayTell(id)) ? id : `hidden-${(hidden += 1)}`;
    names.set(id, name);
    return name;
  };
  const shown: { readonly cause: string; readonly effect: string }[] = [];
  for (const { cause, effect } of links.slice(0, LINKS_LIMIT)) shown.push({ cause: await nameOf(cause), effect: await nameOf(effect) });
  const readable = facts.filter(({ id }) => stores.holds(id));
  const isCut = !isWhole || links.length > LINKS_LIMIT;
  return {
    facts: await Promise.all(readable.map((fact) => lineOf(fact, stores))),
    links: shown,
    ...(hidden === 0 ? {} : { hidden }),
    ...(isCut ? { truncated: true } : {}),
  };
}
