// Callbacks about facts of the application that must answer at once, and give a promise: it is refused by its name, and no rejection of it ends the process.

import { contract, defineBoundary, defineHistory, defineStore, derive, project } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, until } from "./open-host.ts";

const calls = defineHistory("calls", { schema: z.object({ who: z.string() }) });
const anything = defineStore("anything", { schema: z.any() });

/** Asks somebody else first, who is not there: what types forbid, and untyped code does. */
async function asks(): Promise<unknown> {
  throw new Error("nobody is there");
}
const later = asks as () => never;

/** What a node that records is told by functions. */
interface Told {
  readonly value?: () => number;
  readonly key?: () => string;
  readonly causedBy?: () => string[];
  readonly expect?: () => string;
}
const TOLD: readonly [option: string, told: Told][] = [
  ["value", { value: later }],
  ["key", { key: later }],
  ["causedBy", { causedBy: later }],
  ["expect", { expect: later }],
];

describe("a promise where an answer is wanted at once", () => {
  it.each(TOLD)("fails the node that records, as %s", async (option, told) => {
    const writes = contract("writes", {
      inputs: {},
      define: (g) => g.write("written", anything, { needs: {}, key: "a", value: () => 1, ...told }),
    });
    const kindling = await openKindling({ contracts: [writes] });
    const run = await kindling.start(writes, {});
    await expect(run.result()).rejects.toMatchObject({
      details: { error: { code: "not_at_once", message: `written: ${option} gave a promise, and must give its answer at once` } },
    });
    expect((await kindling.facts(run.id)).filter(({ type }) => type === "node.failed")).toHaveLength(1);
    expect(await kindling.store(anything).get("a")).toBeUndefined();
  });

  it("fails a change", async () => {
    const changes = contract("changes", { inputs: {}, define: (g) => g.change("changed", anything, { key: "a", change: later }) });
    const kindling = await openKindling({ contracts: [changes] });
    await expect((await kindling.start(changes, {})).result()).rejects.toMatchObject({ details: { error: { code: "not_at_once" } } });
  });

  it("is told of an event, which starts or answers nothing", async () => {
    const parts = [
      contract("asks", {
        inputs: { who: z.string() },
        start: { on: calls, when: later, inputs: { who: "who" } },
        define: (_g, { who }) => who,
      }),
      contract("makes", { inputs: { who: z.string() }, start: { on: calls, inputs: later }, define: (_g, { who }) => who }),
      contract("waits", {
        inputs: { who: z.string() },
        correlate: ["who"],
        define: (g) => g.await("called", { on: calls, correlate: later }),
      }),
    ];
    const kindling = await openKindling({ contracts: parts });
    await kindling.history(calls).append({ who: "ada" });
    await until(async () => (await kindling.deadLetters()).length === 3);
    expect((await kindling.deadLetters()).map(({ contract, error }) => [contract, error.code, error.message])).toEqual([
      ["asks", "not_at_once", "start.when gave a promise, and must give its answer at once"],
      ["makes", "not_at_once", "start.inputs gave a promise, and must give its answer at once"],
      ["waits", "not_at_once", "await.correlate gave a promise, and must give its answer at once"],
    ]);
  });
});

/** What a definition says of values by a function that gives a promise, and what whoever uses it is told. */
const DEFINED: readonly [what: string, ask: () => Promise<unknown>, told: object][] = [
  [
    "an index",
    async () => kept({ indexes: { who: later } }),
    { code: "bad_index_value", message: 'kept: the index "who" gave a promise, and must give its answer at once' },
  ],
  [
    "a relation",
    async () => kept({ relations: { who: { to: () => anything, by: later } } }),
    { code: "bad_index_value", message: 'kept: by of the relation "who" gave a promise, and must give its answer at once' },
  ],
  [
    "partitionBy",
    async () => {
      const parted = defineHistory("parted", { schema: z.string(), partitionBy: later });
      return (await openKindling({ contracts: [] })).history(parted).append("ada");
    },
    { code: "bad_key", message: "parted: partitionBy gave a promise, and must give its answer at once" },
  ],
  [
    "upcast",
    async () => {
      const kindling = await openKindling({ contracts: [] });
      await kindling.store(anything).write("a", 1);
      return kindling.store(defineStore("anything", { schema: z.any(), version: 2, upcast: { 1: later } })).get("a");
    },
    { code: "upcast_failed", message: expect.stringMatching(/@1#\w+: upcast\[1\] gave a promise, and must give its answer at once$/) },
  ],
  [
    "a fold",
    async () => {
      const kindling = await openKindling({ contracts: [] });
      await kindling.store(anything).write("a", 1);
      return kindling.projection(project("told", { schema: z.any(), initial: 0, from: { anything }, fold: { anything: later } })).get();
    },
    {
      code: "projection_failed",
      message: expect.stringContaining("told: fold.anything gave a promise, and must give its answer at once, at store:"),
    },
  ],
  [
    "covers",
    async () => {
      const day = defineBoundary("day", { schema: z.any(), covers: later, result: () => 1 });
      return (await openKindling({ contracts: [] })).boundaries(day).close({ subject: "ada", period: "today" });
    },
    { code: "bad_boundary", message: "day: covers gave a promise, and must give its answer at once" },
  ],
  ["a key of what is derived", async () => derived({ key: later, compute: () => 1 }), notGiven("key")],
  ["reduce.add", async () => derived({ key: () => "a", reduce: { initial: 0, add: later, remove: later } }), notGiven("reduce.add")],
  [
    "reduce.add where values do not leave",
    async () => derived({ key: () => "a", reduce: { initial: 0, add: later } }),
    notGiven("reduce.add"),
  ],
];

function notGiven(what: string): object {
  return { code: "derivation_threw", message: `made: ${what} gave a promise, and must give its answer at once` };
}

async function kept(by: Pick<Parameters<typeof defineStore>[1], "indexes" | "relations">): Promise<unknown> {
  return (await openKindling({ contracts: [] })).store(defineStore("kept", { schema: z.string(), ...by })).write("a", "ada");
}

/** What went wrong is an outcome of a derivation. */
async function derived(
  rule: { readonly key: () => string } & ({ readonly compute: () => number } | { readonly reduce: object }),
): Promise<void> {
  const made = derive("made", { schema: z.any(), from: anything, ...rule } as Parameters<typeof derive>[1]);
  const kindling = await openKindling({ contracts: [], stores: [made] });
  await kindling.store(anything).write("a", 1);
  const [status] = await kindling.derivations.settle();
  throw Object.assign(new Error(), status?.faults[0]?.failure);
}

describe("a promise of what values are found, read or taken in by", () => {
  it.each(DEFINED)("is refused by name: %s", async (_what, ask, told) => {
    await expect(ask()).rejects.toMatchObject(told);
  });
});
