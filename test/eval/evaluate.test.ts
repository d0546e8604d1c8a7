import { describe, expect, it } from "vitest";
import { z } from "zod";
import { compareEvaluations, evaluate, evaluation, findEvaluation, type EvaluationCase } from "kindling/eval";
import { contract, createRuntime, memoryLedger, type LedgerPlace, type PriceTable } from "../../src/index.ts";
import { scripted } from "../../src/testing.ts";

const PRICES: PriceTable = { asOf: "2026-11-21", source: "test", models: { "real:small": { input: 1_000, output: 1_000 } } };

interface Options {
  readonly words?: string;
  readonly gate?: boolean;
}

function triage({ words = "Sort", gate = false }: Options = {}) {
  return contract("triage", {
    inputs: { ticket: z.string() },
    define(g, { ticket }) {
      const team = g.llm("sort", { needs: { ticket }, prompt: ({ ticket }) => `${words}: ${ticket}`, model: "real:small" });
      if (!gate) return { team };
      const checked = g.await("checked", { event: "team.checked", schema: z.object({ by: z.string() }), show: { team } });
      return { team, checked };
    },
  });
}

const judge = contract("judge", {
  inputs: { output: z.object({ team: z.string() }), expected: z.string() },
  define: (g, { output, expected }) =>
    g.compute("verdict", {
      needs: { output, expected },
      run: ({ output, expected }) => ({ score: output.team === expected ? 1 : 0.25, note: "judged" }),
    }),
});

const cases: readonly EvaluationCase<{ ticket: string }>[] = [
  { id: "money", inputs: { ticket: "I paid twice" }, expected: "billing" },
  { id: "crash", inputs: { ticket: "It fell over" }, expected: "bugs" },
  { id: "other", inputs: { ticket: "Hello" }, expected: "nobody" },
];

/** Answers by what a ticket says, and counts. */
function sorter(answers: Readonly<Record<string, string>> = { paid: "billing", fell: "bugs" }) {
  let calls = 0;
  const model = scripted(
    Array.from({ length: 50 }, () => (request: { messages: unknown }) => {
      calls += 1;
      const said = JSON.stringify(request.messages);
      return Object.entries(answers).find(([word]) => said.includes(word))?.[1] ?? "bugs";
    }),
    { id: "real" },
  );
  return { model, calls: () => calls };
}

const scorers = {
  exact: ({ output, expected }: { output: { team: string }; expected: unknown }) => output.team === expected,
  length: ({ output }: { output: { team: string } }) => ({ score: output.team.length, note: `"${output.team}"` }),
  judge,
};

async function room(ledger: LedgerPlace, model: ReturnType<typeof sorter>["model"], options: Options = {}) {
  const sorted = triage(options);
  const kindling = await createRuntime({ contracts: [sorted, judge, evaluation], ledger, models: [model], prices: PRICES });
  return { kindling, contract: sorted };
}

describe("an evaluation", () => {
  it("runs a contract over cases and scores what it gives, by functions and by contracts", async () => {
    const { kindling, contract } = await room(memoryLedger(), sorter().model);
    const report = await evaluate({ kindling, contract, cases, scorers, name: "first" });
    expect(report.scorers.map(({ name, mean, min, max, failures }) => [name, mean?.toFixed(3), min, max, failures])).toEqual([
      ["exact", "0.667", 0, 1, 0],
      ["length", "5.000", 4, 7, 0],
      ["judge", "0.750", 0.25, 1, 0],
    ]);
    expect(report.counts).toEqual({ cases: 3, succeeded: 3, failed: 0, waiting: 0, left: 0 });
    expect([report.spending.calls, report.spending.unpricedCalls]).toEqual([3, 0]);
    expect(report.cases[0]?.scores["length"]).toEqual({ score: 7, note: '"billing"', run: null });
    // Three cases, three judgements, and the evaluation: all of them runs, found by one tag.
    expect((await kindling.list({ tag: "evaluation:first" })).items.map((run) => run.contract).sort()).toEqual([
      "evaluation",
      "judge",
      "judge",
      "judge",
      "triage",
      "triage",
      "triage",
    ]);
    expect(await findEvaluation(kindling, "first")).toEqual(report);
    await kindling.close();
  });

  it("goes on where it was cut off, and asks no model twice", async () => {
    const ledger = memoryLedger();
    const { model, calls } = sorter();
    const { kindling, contract } = await room(ledger, model);
    const stop = new AbortController();
    const cut = evaluate({
      kindling,
      contract,
      cases,
      scorers,
      concurrency: 1,
      signal: stop.signal,
      onCase: () => stop.abort(new Error("enough")),
    });
    await expect(cut).rejects.toThrow("enough");
    expect(calls()).toBe(1);
    await kindling.close();
    const again = await room(ledger, model);
    const report = await evaluate({ kindling: again.kindling, contract: again.contract, cases, scorers });
    expect([report.counts.succeeded, calls()]).toEqual([3, 3]);
    // The same once more: nothing is asked, and it is the same run that keeps it.
    const same = await evaluate({ kindling: again.kindling, contract: again.contract, cases, scorers });
    expect([same.run, calls()]).toEqual([report.run, 3]);
    await again.kindling.close();
  });

  it("counts a case that fails as 0, and a scorer that throws as its own failure", async () => {
    const { kindling, contract } = await room(memoryLedger(), scripted(["billing"], { id: "real" }));
    const report = await evaluate({
      kindling,
      contract,
      cases: [...cases.slice(0, 2), { id: "bad", inputs: { ticket: 7 as unknown as string } }],
      concurrency: 1,
      scorers: {
        fine: () => 1,
        broken: () => {
          throw new Error("no dictionary");
        },
        odd: () => Number.NaN,
      },
    });
    expect(report.cases.map(({ id, status, problem }) => [id, status, problem?.split(":")[0]])).toEqual([
      ["money", "succeeded", undefined],
      ["crash", "failed", "unknown_request"],
      ["bad", "failed", 'contract "triage"'],
    ]);
    expect(report.scorers.map(({ name, mean, failures }) => [name, mean?.toFixed(3), failures])).toEqual([
      ["fine", "0.333", 0],
      ["broken", "0.000", 1],
      ["odd", "0.000", 1],
    ]);
    expect(report.cases[0]?.scores["broken"]?.note).toBe("the scorer failed: no dictionary");
    await kindling.close();
  });

  it("answers what cases wait for, and tells those that wait for anything else", async () => {
    const { kindling, contract } = await room(memoryLedger(), sorter().model, { gate: true });
    const waits = await evaluate({ kindling, contract, cases: cases.slice(0, 1), scorers: { one: () => 1 } });
    expect([waits.counts.waiting, waits.cases[0]?.problem, waits.scorers[0]?.mean]).toEqual([
      1,
      'it waits for "team.checked" at "checked"',
      null,
    ]);
    const report = await evaluate({
      kindling,
      contract,
      cases: cases.slice(0, 1),
      scorers: { one: () => 1 },
      answers: { "team.checked": { by: "Ann" } },
    });
    expect([report.counts.succeeded, report.cases[0]?.run]).toEqual([1, waits.cases[0]?.run]);
    await kindling.close();
  });

  it("begins no further case once so much is spent", async () => {
    const { kindling, contract } = await room(memoryLedger(), sorter().model);
    const report = await evaluate({ kindling, contract, cases, scorers: { one: () => 1 }, concurrency: 1, maxUsd: 0.001 });
    expect(report.counts).toEqual({ cases: 3, succeeded: 1, failed: 0, waiting: 0, left: 2 });
    await kindling.close();
  });

  it("tells everything that is wrong before anything is begun", async () => {
    const { kindling, contract } = await room(memoryLedger(), sorter().model);
    const twice = [cases[0], cases[0]].flatMap((each) => each ?? []);
    await expect(evaluate({ kindling, contract, cases: twice, scorers: {}, concurrency: 0, name: "x".repeat(61) })).rejects.toMatchObject({
      code: "bad_evaluation",
      message: expect.stringMatching(/61 characters[\s\S]*concurrency is 0[\s\S]*no scorer[\s\S]*cases 1 and 2 have the same id "money"/),
    });
    const bare = await createRuntime({ contracts: [contract], ledger: memoryLedger() });
    await expect(evaluate({ kindling: bare, contract, cases, scorers })).rejects.toMatchObject({
      code: "contracts_missing",
      message: 'the runtime does not have "evaluation", "judge"',
    });
    expect((await kindling.list()).items).toEqual([]);
  });
});

describe("two evaluations", () => {
  it("are compared case by case, what got worse first, with what was different in the runs", async () => {
    const ledger = memoryLedger();
    const before = await room(ledger, sorter().model);
    const a = await evaluate({ ...before, cases, scorers: { exact: scorers.exact } });
    await before.kindling.close();
    const after = await room(ledger, sorter({ paid: "bugs", fell: "bugs", Hello: "nobody" }).model, { words: "Sort well" });
    const b = await evaluate({ ...after, cases: cases.slice(0, 3), scorers: { exact: scorers.exact } });
    // The prompt is built by a function whose words stand outside it, so the plan is the same and both share a name.
    expect(a.name).toBe(b.name);
    const c = await evaluate({
      ...after,
      cases: [...cases, { id: "more", inputs: { ticket: "New" } }],
      scorers: { exact: scorers.exact },
      name: "second",
    });
    const difference = await compareEvaluations(after.kindling, a, c);
    expect(difference).toMatchObject({
      scorers: [{ name: "exact", better: 1, worse: 1, same: 1 }],
      changed: [
        { id: "money", scores: [{ scorer: "exact", a: 1, b: 0 }] },
        { id: "other", scores: [{ scorer: "exact", a: 0, b: 1 }] },
      ],
      onlyInA: [],
      onlyInB: ["more"],
    });
    expect(difference.changed[0]?.difference).toMatch(/different|differ/);
    await expect(findEvaluation(after.kindling, "third")).rejects.toMatchObject({ code: "evaluation_not_found" });
    await after.kindling.close();
  });
});
