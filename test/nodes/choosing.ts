// A contract of one branch, made from a list of cases: what the tests of branches choose with.

import { z } from "zod";
import { contract, type Contract, type GraphBuilder, type Node } from "../../src/index.ts";
import type { Matcher } from "../../src/nodes/matcher.ts";

type Case = ((g: GraphBuilder) => Node<unknown>) | { readonly when: Matcher; readonly run: (g: GraphBuilder) => Node<unknown> };

/** A contract that gives the name of the case that takes its input, and leaves that in its facts. */
export function choosing(
  cases: readonly (readonly [name: string, when?: Matcher])[],
  { fallback = true } = {},
): Contract<{ readonly value: unknown }, unknown> {
  const named = (name: string) => (g: GraphBuilder) => g.const("name", name);
  return contract("choosing", {
    inputs: { value: z.unknown() },
    define: (g, { value }) => {
      const all: Record<string, Case> = Object.fromEntries(
        cases.map(([name, when]) => [name, when === undefined ? named(name) : { when, run: named(name) }]),
      );
      const options = { needs: { value }, on: ({ value }: { value: unknown }) => value as string, cases: all };
      return g.branch("choice", fallback ? { ...options, default: named("none of them") } : { ...options, default: undefined as never });
    },
  });
}
