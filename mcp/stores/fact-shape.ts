// A fact as agents are told it: what it says, cut where it is long, and what it rests on, as far as the caller may know.

import * as z from "zod";
import { type FactRef, type JsonValue, toJson } from "../../src/index.ts";
import { RESULT_LIMIT, shorten, SMALLEST_BUDGET } from "../shorten.ts";
import type { EnabledStores } from "./enabled-stores.ts";

/** A fact without what it says. */
export const FactLine = z.object({
  id: z.string().describe("Names the fact, for trace_fact"),
  store: z.string(),
  key: z.string().describe("Of a history: the part"),
  number: z.int().describe("Of the facts of its key"),
  act: z.enum(["written", "removed"]),
  recorded: z.string().describe("ISO 8601"),
  valid_from: z.string().optional().describe("Since when it holds, where that is not when it was recorded"),
  by: z.string().optional().describe("Who or what made it"),
});

/** A fact with what it says. */
export const FactShape = FactLine.extend({
  value: z.unknown().optional().describe("Left out when the key was removed"),
  truncated: z.boolean().optional().describe("The value was cut; get_fact gives more of it"),
  causes: z.array(z.string()).optional().describe("What it rests on, as far as you may read it"),
  hidden_causes: z.int().optional().describe("How many more it rests on"),
});

export type FactShape = z.output<typeof FactShape>;

/** Room for everything but values. */
const REST = 6_000;
const CAUSES_SHOWN = 20;

/** What a value may take in a result with so many. */
export function valueBudget(facts: number): number {
  return Math.max(SMALLEST_BUDGET, Math.floor((RESULT_LIMIT - REST) / Math.max(1, facts)) - LINE);
}

/** What the rest of a fact takes in a list. */
const LINE = 500;

/** Without the value. */
export async function lineOf(fact: FactRef, stores: EnabledStores): Promise<z.output<typeof FactLine>> {
  const { id, store, key, number, act, time, validFrom, producer } = fact;
  // The name of what made it may be the id of a run.
  const isTold = producer !== undefined && (producer.kind !== "run" || (await stores.mayTell(producer.name)));
  return {
    id,
    store,
    key,
    number,
    act,
    recorded: new Date(time).toISOString(),
    ...(validFrom === time ? {} : { valid_from: isoOf(validFrom) }),
    ...(isTold ? { by: `${producer.kind} ${producer.name}` } : {}),
  };
}

/** With what it says, in so many characters. */
export async function shapeOf(fact: FactRef & { readonly value?: unknown }, stores: EnabledStores, budget: number): Promise<FactShape> {
  const json = fact.act === "written" ? toJson(fact.value) : undefined;
  const said: { readonly value: JsonValue; readonly isCut: boolean } | undefined =
    json?.ok === true ? shorten(json.value, budget) : undefined;
  const told: string[] = [];
  for (const id of fact.causes.slice(0, CAUSES_SHOWN)) if (await stores.mayTell(id)) told.push(id);
  const hidden = fact.causes.length - told.length;
  return {
    ...(await lineOf(fact, stores)),
    ...(said === undefined ? {} : { value: said.value }),
    ...(said?.isCut === true ? { truncated: true } : {}),
    ...(told.length === 0 ? {} : { causes: told }),
    ...(hidden === 0 ? {} : { hidden_causes: hidden }),
  };
}

/** All of a page, so that they fit together. */
export function shapesOf(facts: readonly (FactRef & { readonly value?: unknown })[], stores: EnabledStores): Promise<FactShape[]> {
  const budget = valueBudget(facts.length);
  return Promise.all(facts.map((fact) => shapeOf(fact, stores, budget)));
}

/** A time that no calendar has is told as it is. */
function isoOf(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}
