// Recorded conversations with tools: the tools are answered from the recording, whatever they are.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, createRuntime, tool } from "../../src/index.ts";
import { callsTools, manualClock, memoryLedger, recordRun, replayRun, scripted, seededChance } from "../../src/testing.ts";
import { replay, updateRecording } from "../../src/testing/replay.ts";

const done: string[] = [];

const half = contract("half", {
  description: "Halves a number.",
  inputs: { of: z.number() },
  define: (g, { of }) => ({ half: g.compute("half", { needs: { of }, run: ({ of }) => of / 2 }) }),
});

function agent(ask = "How much") {
  const search = tool("search", {
    description: "Searches.",
    input: z.object({ query: z.string() }),
    repeatable: true,
    run: ({ query }) => (done.push(`search ${query}`), { price: 12 }),
  });
  const order = tool("order", {
    description: "Orders.",
    input: z.object({ pieces: z.number() }),
    approve: true,
    run: ({ pieces }, { idempotencyKey }) => (done.push(`order ${pieces}`), { key: idempotencyKey }),
  });
  return contract("agent", {
    inputs: { thing: z.string() },
    define(g, { thing }) {
      const answer = g.llm("buy", {
        needs: { thing },
        prompt: ({ thing }) => `${ask} is ${thing}? Buy it.`,
        tools: [search, order, half],
        model: "real:large",
      });
      return { answer };
    },
  });
}

const TURNS = [
  callsTools(["search", { query: "tea" }], ["half", { of: 12 }]),
  callsTools(["order", { pieces: 2 }]),
  "Two pieces of tea for 12.",
];

async function recorded() {
  const clock = manualClock();
  const model = scripted(TURNS, { id: "real" });
  const kindling = await createRuntime({
    contracts: [agent(), half],
    ledger: memoryLedger(),
    models: [model],
    clock,
    chance: seededChance(5),
  });
  const run = await kindling.start("agent", { thing: "tea" });
  const view = await run.settled();
  const [open] = view.awaits;
  clock.advance(60_000);
  await kindling.deliver({
    event: "tool.approval",
    run: run.id,
    path: open?.path ?? "",
    payload: { decision: "approve" },
    actor: { id: "ann", assurance: "outOfBand" },
  });
  await run.result();
  return recordRun(kindling, run.id);
}

describe("a recorded conversation with tools", () => {
  it("replays every turn and calls no tool; contracts as tools run for real", async () => {
    const { recording, doubts, unmade } = await recorded();
    expect([doubts, unmade]).toEqual([[], []]);
    expect(recording.nodes["buy"]?.calls?.map(({ turn }) => turn)).toEqual([1, 2, 3]);
    done.length = 0;
    const { outputs } = await replayRun(recording, { contract: agent() });
    expect([outputs, done]).toEqual([{ answer: "Two pieces of tea for 12." }, []]);
  });

  it("tells the conversation once when its first words are different, and replays the rest of it as it was", async () => {
    const { recording } = await recorded();
    done.length = 0;
    const { altered } = await replay(recording, agent("How dear"));
    expect(altered.map(({ path, what }) => `${path} ${what}`)).toEqual(["buy changed"]);
    expect(done).toEqual([]);
  });

  it("is brought up to date by asking the model, calling what only reads, and never what acts", async () => {
    const { recording } = await recorded();
    done.length = 0;
    const again = scripted([callsTools(["search", { query: "green tea" }]), callsTools(["order", { pieces: 3 }]), "Three."], {
      id: "real",
    });
    const {
      asked,
      kept,
      refused,
      recording: updated,
    } = await (async () => {
      const update = await updateRecording(recording, agent("How dear"), { models: [again] });
      return { ...update, refused: update.doubts };
    })();
    expect(done).toEqual(["search green tea"]);
    expect(asked.some((path) => path.endsWith("search]/call"))).toBe(true);
    expect([kept.length, refused]).toEqual([1, []]);
    expect((await replay(updated, agent("How dear"))).isSame).toBe(true);
  });
});
