// Options that cannot mean anything are findings of their node, each with the value that was given.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/dsl/contract.ts";
import type { Duration } from "../../src/graph/duration.ts";
import type { Node } from "../../src/graph/node.ts";
import type { GraphBuilder } from "../../src/nodes/index.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";

interface Handles {
  readonly topic: Node<string>;
  readonly list: Node<string[]>;
}

/** What is found wrong with one node. */
function found(declare: (g: GraphBuilder, handles: Handles) => Node<unknown>): readonly string[] {
  return lines(findingsOf(() => contract("options", { inputs: { topic: z.string(), list: z.array(z.string()) }, define: declare })));
}

const text = contract("text", { inputs: { topic: z.string(), tone: z.string().default("plain") }, define: (_g, { topic }) => topic });

describe("calls", () => {
  const call = (options: { timeout?: Duration; retry?: { attempts: number; backoff?: Duration } }) =>
    found((g, { topic }) => g.compute("x", { needs: { topic }, run: () => 1, ...options }));

  it("timeouts must be durations longer than nothing", () => {
    for (const [timeout, shown] of [
      ["3 days", '"3 days"'],
      ["-1s", '"-1s"'],
      ["0s", '"0s"'],
      [0, "0"],
      [-5, "-5"],
      [Number.NaN, "NaN"],
      [Number.POSITIVE_INFINITY, "Infinity"],
    ] as const) {
      expect(call({ timeout: timeout as Duration })).toEqual([`bad_option x: timeout is ${shown}`]);
    }
  });

  it("attempts are a whole number from 1 to 100, and the first pause a duration", () => {
    for (const attempts of [0, -1, 1.5, 101, Number.NaN])
      expect(call({ retry: { attempts } })).toEqual([`bad_option x: retry.attempts is ${attempts}`]);
    expect(call({ retry: { attempts: 3, backoff: "1 s" } })).toEqual(['bad_option x: retry.backoff is "1 s"']);
  });

  it("a model is named with its provider, and its settings lie in their ranges", () => {
    const llm = (options: { model?: string; maxOutputTokens?: number; temperature?: number }) =>
      found((g, { topic }) => g.llm("x", { needs: { topic }, prompt: () => "", ...options }));
    for (const model of ["claude", "", ":x", "x:"]) expect(llm({ model })).toEqual([`unknown_model x: model "${model}" names no provider`]);
    for (const maxOutputTokens of [0, 1.5, Number.NaN])
      expect(llm({ maxOutputTokens })).toEqual([`bad_option x: maxOutputTokens is ${maxOutputTokens}`]);
    for (const temperature of [-0.1, 2.1, Number.NaN])
      expect(llm({ temperature })).toEqual([`bad_option x: temperature is ${temperature}`]);
  });
});

describe("awaits", () => {
  it("an await needs an event, a deadline for onTimeout, and a person for what only persons have", () => {
    expect(found((g) => g.await("x", { event: "", schema: z.string() }))).toEqual(["bad_option x: event is empty"]);
    expect(found((g) => g.await("x", { event: "e", schema: z.string(), timeout: "0d" }))).toEqual(['bad_option x: timeout is "0d"']);
    expect(found((g) => g.await("x", { event: "e", schema: z.string(), onTimeout: "fail" }))).toEqual([
      "bad_option x: onTimeout is given without a timeout",
    ]);
    for (const options of [{ roles: ["editor"] }, { quorum: 2 }, { assurance: "signed" }, { notStarter: true }] as const) {
      expect(found((g) => g.await("x", { event: "e", schema: z.string(), ...options }))).toEqual([
        "bad_option x: assurance, roles, notStarter or quorum is given for an await that no person decides",
      ]);
    }
  });

  it("the value of a deadline is recorded, so it is JSON", () => {
    expect(
      found((g) =>
        g.await("x", { event: "e", schema: z.object({ at: z.date() }), timeout: "1d", onTimeout: { value: { at: new Date(0) } } }),
      ),
    ).toEqual(["bad_option x: onTimeout.value.at is a Date, which JSON would change; use .toISOString()"]);
  });
});

describe("children", () => {
  it("a contract is given all it wants, and what it does not want only where cases share it", () => {
    const missing = (part: string) => `child_input_missing x: part "${part}" runs the contract "text", whose input "topic" nothing gives`;
    // @ts-expect-error an input is missing
    expect(found((g, { topic }) => g.compose("x", { needs: { topc: topic }, child: text }))).toEqual([
      missing("child"),
      'child_input_unknown x: part "child" runs the contract "text", which has no input "topc"',
    ]);
    const shared = found((g, { topic, list }) => {
      // @ts-expect-error an input is missing
      return g.branch("x", { needs: { list, tone: topic }, on: () => "a" as const, cases: { a: text } });
    });
    expect(shared).toEqual([missing("a")]);
    // @ts-expect-error the list's items are named after an input
    expect(found((g, { list }) => g.collection("x", { over: list, as: "tone", key: String, each: text }))).toEqual([missing("each")]);
    expect(() =>
      contract("fits", {
        inputs: { topic: z.string(), more: z.string() },
        define: (g, needs) => g.branch("x", { needs, on: () => "a" as const, cases: { a: text } }),
      }),
    ).not.toThrow();
  });

  it("a misspelt optional input is told, with the nearest one", () => {
    const declare = () =>
      contract("near", {
        inputs: { topic: z.string() },
        // @ts-expect-error misspelt
        define: (g, { topic }) => g.compose("x", { needs: { topic, tones: topic }, child: text }),
      });
    expect(findingsOf(declare).map(({ code, hint }) => [code, hint])).toEqual([["child_input_unknown", 'Did you mean "tone"?']]);
  });

  it("the list itself is no input of an item's contract", () => {
    const wantsOver = contract("wants-over", { inputs: { item: z.string(), over: z.string() }, define: (_g, { item }) => item });
    // @ts-expect-error an input is missing
    expect(found((g, { list }) => g.collection("x", { over: list, as: "item", key: String, each: wantsOver }))).toEqual([
      'child_input_missing x: part "each" runs the contract "wants-over", whose input "over" nothing gives',
    ]);
  });

  it("what is neither contract nor function is no child", () => {
    for (const [child, shown] of [
      [undefined, "undefined: not defined yet, or the contract itself, which cannot contain itself"],
      ["text", "no child, but a string"],
      [{}, "no child, but an object"],
    ] as const) {
      expect(found((g, { topic }) => g.compose("x", { needs: { topic }, child: child as unknown as typeof text }))).toEqual([
        `bad_child x: part "child" is ${shown}`,
      ]);
    }
  });

  it("a branch has needs and cases, and cases have names that a path can hold", () => {
    expect(found((g, { topic }) => g.branch("x", { needs: { topic }, on: () => "a" as never, cases: {} }))).toEqual([
      "no_cases x: has no cases to choose from, or nothing to choose by",
    ]);
    expect(found((g) => g.branch("x", { needs: {}, on: () => "a" as const, cases: { a: (g) => g.const("c", 1) } }))).toEqual([
      "no_cases x: has no cases to choose from, or nothing to choose by",
    ]);
    for (const name of ["", "a]b", "a[b", "a/b", "x".repeat(101)]) {
      expect(
        found((g, { topic }) =>
          g.branch("x", {
            needs: { topic },
            on: () => name,
            cases: { [name]: (g: GraphBuilder) => g.const("c", 1) },
            default: (g) => g.const("c", 0),
          }),
        ),
      ).toEqual([`bad_name x: "${name}" is no name for a case`]);
    }
  });

  it("a collection has a concurrency, and names of its own that `with` leaves free", () => {
    for (const concurrency of [0, -1, 1.5, Number.NaN]) {
      expect(
        found((g, { list }) => g.collection("x", { over: list, as: "item", key: String, each: (_g, { item }) => item, concurrency })),
      ).toEqual([`bad_option x: concurrency is ${concurrency}`]);
    }
    for (const name of ["over", "item"]) {
      expect(
        found((g, { list, topic }) =>
          g.collection("x", { over: list, as: "item", key: String, with: { [name]: topic }, each: (g) => g.const("c", 1) }),
        ),
      ).toEqual([`bad_option x: with has "${name}", which the collection itself gives`]);
    }
  });
});

describe("the choice of a branch", () => {
  const { graph } = contract("choice", {
    inputs: { said: z.string() },
    define: (g, { said }) =>
      g.branch("x", {
        needs: { said },
        on: ({ said }) => said as "yes" | "no",
        cases: { yes: (g: GraphBuilder) => g.const("c", 1), no: (g: GraphBuilder) => g.const("c", 0) },
      }),
  });
  const work = graph.nodes.find(({ name }) => name === "x")?.behaviour.work;
  const choose = (said: string) => (work?.type === "children" && typeof work.list === "function" ? work.list({ said }) : undefined);

  it("is the case of that name, and an error for any other, also for the names every object has", () => {
    expect(choose("yes")).toEqual({ part: "yes", keys: ["yes"], note: "yes" });
    for (const said of ["maybe", "toString", "constructor", "__proto__", ""])
      expect(() => choose(said)).toThrow(`on gave "${said}", and there is no such case`);
  });
});
