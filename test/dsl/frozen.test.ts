// A graph stays what it was when it was checked and hashed: its data is frozen to its depths, and what the author holds stays the author's.

import { expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/dsl/contract.ts";
import type { Schema } from "../../src/schema.ts";

const roles = ["editor"];
const tags = ["draft"];
const value = { list: [{ mode: "fast" }] };
const own: Schema<string> = { "~standard": { version: 1, vendor: "own", validate: (given) => ({ value: String(given) }) } };

const frozen = contract("frozen", {
  inputs: { topic: z.string(), plain: own },
  correlate: ["topic"],
  define(g, { topic, plain }) {
    const literal = g.const("literal", value, { tags });
    const review = g.await("review", {
      event: "reviewed",
      schema: own,
      show: { topic },
      by: "human",
      roles,
      timeout: "1d",
      onTimeout: { value: "late" },
    });
    const text = g.branch("text", {
      needs: { review, literal },
      on: () => "only" as const,
      cases: { only: (g, { review }) => ({ text: g.compute("inner", { needs: { review }, run: ({ review }) => review, tags }) }) },
    });
    return { text, plain };
  },
});

/** The places of plain objects and lists that can still be changed. */
function loose(given: unknown, at: string, seen = new Set<object>()): string[] {
  if (typeof given !== "object" || given === null || seen.has(given) || "~standard" in given) return [];
  seen.add(given);
  const inside = Object.entries(given).flatMap(([key, member]) => loose(member, `${at}.${key}`, seen));
  return Object.isFrozen(given) ? inside : [at, ...inside];
}

it("nothing in a contract can be changed", () => {
  expect(loose(frozen, "contract")).toEqual([]);
});

it("the author's own lists, literals and schemas are left as they are", () => {
  for (const mine of [roles, tags, value, value.list, own, own["~standard"]]) expect(Object.isFrozen(mine)).toBe(false);
  roles.push("chief");
  tags.push("late");
  const [review] = frozen.graph.nodes.filter((node) => node.name === "review");
  const [literal] = frozen.graph.nodes.filter((node) => node.name === "literal");
  expect(review?.behaviour.detail["gate"]).toMatchObject({ roles: ["editor"] });
  expect(literal?.tags).toEqual(["draft"]);
});
