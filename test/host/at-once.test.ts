// Callbacks about facts of the application that must answer at once, and give a promise: it is refused by its name, and no rejection of it ends the process.

import { contract, defineHistory, defineStore } from "kindling";
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
