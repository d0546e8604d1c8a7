// The whole story of a run, told by the SDK's client in both eras over real processes of `kindling mcp`: found, described, started, answered, approved by a person,
// done. Once as it comes, and once with the server killed between any two steps.

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { ERAS } from "./mcp-process.ts";
import { servedProject, type ServedProject } from "./served-project.ts";

const KEY = "note-about-rain-1";
const INPUT = { topic: "Rain", words: 50 };
const ANSWER = { count: 2, best: "the almanac" };

/** What the steps of a story know of the run. */
interface Told {
  run: string;
  seq: number;
  /** Who fills in what is asked: the agent gives a payload, or the client asks its user by a form. */
  readonly answers: "payload" | "form";
}

/** The steps, each of which may be the first one that a server process sees. */
const STEPS: readonly (readonly [name: string, step: (project: ServedProject, told: Told) => Promise<void>])[] = [
  [
    "list and describe",
    async ({ call }) => {
      expect((await call("list_workflows")).value).toMatchObject({ workflows: [{ workflow: "publish-note", human_gates: ["review"] }] });
      const { value } = await call("describe_workflow", { workflow: "publish-note" });
      expect(value).toMatchObject({ input_schema: { required: ["topic"] }, gates: [{ await_id: "review", decider: "human" }] });
    },
  ],
  [
    "start with a key",
    async ({ call }, told) => {
      const { value } = await call("start_workflow", { workflow: "publish-note", input: INPUT, idempotency_key: KEY, wait_seconds: 10 });
      expect(value).toMatchObject({ status: "awaiting", awaiting: [{ await_id: "sources", decider: "agent" }] });
      told.run = z.string().parse(value["run_id"]);
    },
  ],
  [
    "start again with the same key",
    async ({ call }, { run }) => {
      const again = await call("start_workflow", { workflow: "publish-note", input: INPUT, idempotency_key: KEY });
      expect(again.value).toMatchObject({ run_id: run, replayed: true });
      const other = await call("start_workflow", { workflow: "publish-note", input: { topic: "Snow" }, idempotency_key: KEY });
      expect(other.value).toMatchObject({ error: { code: "idempotency_conflict" } });
    },
  ],
  [
    "answer what the agent is asked",
    async ({ call }, { run, answers }) => {
      const wrong = await call("deliver_event", { run_id: run, await_id: "sources", payload: { count: 0, best: "" } });
      expect(wrong.value).toMatchObject({ error: { code: "invalid_payload", issues: [{ at: "count" }, { at: "best" }] } });
      const given = answers === "form" ? {} : { payload: ANSWER };
      expect(await call("deliver_event", { run_id: run, await_id: "sources", ...given })).toMatchObject({ isError: false });
    },
  ],
  [
    "answer it again",
    async ({ call }, { run }) => {
      expect((await call("deliver_event", { run_id: run, await_id: "sources", payload: ANSWER })).value).toMatchObject({ replayed: true });
      const other = await call("deliver_event", { run_id: run, await_id: "sources", payload: { ...ANSWER, count: 3 } });
      expect(other.value).toMatchObject({ error: { code: "already_decided" } });
    },
  ],
  [
    "wait for the gate",
    async ({ call }, told) => {
      const { value } = await call("get_run", { run_id: told.run, wait_seconds: 20 });
      expect(value).toMatchObject({
        status: "awaiting",
        awaiting: [{ await_id: "review", decider: "human", shown: { draft: "Rain in 50 words after the almanac and 1 more" } }],
      });
      told.seq = z.number().parse(value["seq"]);
    },
  ],
  [
    "be refused the decision, and ask for it",
    async ({ call }, { run }) => {
      const refused = await call("deliver_event", { run_id: run, await_id: "review", payload: { decision: "approve" } });
      expect(refused.value).toMatchObject({
        error: { code: "human_decision_required", fix: expect.stringContaining(`kindling approve ${run} review`) as string },
      });
      expect((await call("request_approval", { run_id: run, await_id: "review" })).value).toMatchObject({ state: "pending" });
    },
  ],
  [
    "see a person approve",
    async ({ call, kindling }, { run, seq }) => {
      const waiting = call("get_run", { run_id: run, wait_for: "change", since_seq: seq, wait_seconds: 30 });
      expect(await kindling("approve", run, "review")).toMatchObject({ code: 0 });
      expect((await waiting).value["seq"]).toBeGreaterThan(seq);
    },
  ],
  [
    "have the result",
    async ({ call }, { run }) => {
      const done = await call("get_run", { run_id: run, wait_for: "end", wait_seconds: 20 });
      expect(done.value).toMatchObject({
        status: "completed",
        output: { text: "approve: Rain in 50 words after the almanac and 1 more" },
      });
      expect((await call("request_approval", { run_id: run, await_id: "review" })).value).toMatchObject({ state: "approved" });
    },
  ],
];

async function tell(project: ServedProject, answers: Told["answers"], between: () => Promise<void>): Promise<void> {
  const told: Told = { run: "", seq: 0, answers };
  for (const [name, step] of STEPS) {
    await step(project, told).catch((cause: unknown) => {
      throw new Error(`at "${name}": ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    });
    await between();
  }
  // One run, every answer once, and nothing amiss in the ledger.
  expect((await project.call("list_runs")).value).toMatchObject({ runs: [{ run_id: told.run }] });
  const { value } = await project.call("get_run_events", { run_id: told.run, limit: 100 });
  const events = z.object({ events: z.array(z.object({ type: z.string(), detail: z.string().optional() })) }).parse(value).events;
  expect(events.filter(({ type }) => type === "event.delivered").map(({ detail }) => detail)).toEqual([
    `sources.found by ${answers === "form" ? "client-asserted:" : ""}mcp:story`,
    expect.stringMatching(/^note\.reviewed by cli:/),
  ]);
  expect(await project.kindling("verify")).toMatchObject({ code: 0 });
}

describe.each(["stdio", "http"] as const)("over %s", (wire) => {
  describe.each(ERAS)("a client of the %s era", (era) => {
    it("starts, answers, is refused the gate, sees a person approve, and has the result", async () => {
      await tell(await servedProject(wire, era), "payload", async () => {});
    });

    it("does so all the same when its user answers by a form, and the server is killed between any two steps", async () => {
      const project = await servedProject(wire, era, { fill: () => ANSWER });
      await tell(project, "form", project.kill);
    });
  });
});
