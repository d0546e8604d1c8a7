// A run as agents see it: words, sizes, and what is kept from them.

import { describe, expect, it } from "vitest";
import { RunShape, shapeRun, statusOf } from "../../mcp/run-shape.ts";
import { RESULT_LIMIT, sizeOf } from "../../mcp/shorten.ts";
import { type AwaitDetail, NO_SPENDING, type RunView } from "../../src/index.ts";

const GATE: AwaitDetail = {
  run: "run_1",
  path: "review",
  contract: "press-note",
  event: "note.reviewed",
  by: "human",
  assurance: "outOfBand",
  roles: [],
  notStarter: false,
  since: 0,
  deadline: Date.UTC(2026, 10, 30),
  correlation: {},
  shown: "digest",
  started: 1,
  description: undefined,
  opening: "run_1:3",
  values: { draft: "Tea" },
  schema: { type: "object" },
};
const QUESTION: AwaitDetail = {
  ...GATE,
  path: "sources",
  event: "sources.found",
  by: "anyone",
  assurance: undefined,
  deadline: undefined,
  values: {},
};

const RUN: RunView = {
  id: "run_1",
  contract: "press-note",
  version: "1",
  status: "running",
  correlation: {},
  tags: [],
  startedAt: 0,
  updatedAt: 0,
  position: 7,
  error: undefined,
  awaits: [],
  inputs: {},
  outputs: undefined,
  endedAt: undefined,
  starter: undefined,
  spending: NO_SPENDING,
  nodes: [],
};

function shape(run: Partial<RunView>, details: readonly AwaitDetail[] = []): RunShape {
  const made = shapeRun({ ...RUN, awaits: details, ...run }, { program: "kindling", details });
  expect(RunShape.safeParse(made).error).toBeUndefined();
  expect(sizeOf(made)).toBeLessThanOrEqual(RESULT_LIMIT);
  return made;
}

describe("a status", () => {
  it("is said in the words of the surface", () => {
    expect(statusOf({ status: "running", awaits: [] })).toBe("running");
    expect(statusOf({ status: "succeeded", awaits: [] })).toBe("completed");
    expect(statusOf({ status: "failed", awaits: [] })).toBe("failed");
    expect(statusOf({ status: "cancelled", awaits: [] })).toBe("cancelled");
  });

  it("is awaiting whenever an await is open, and running while only time is waited for", () => {
    expect(statusOf({ status: "waiting", awaits: [GATE] })).toBe("awaiting");
    expect(statusOf({ status: "running", awaits: [GATE] })).toBe("awaiting");
    expect(statusOf({ status: "waiting", awaits: [] })).toBe("running");
  });
});

describe("an await", () => {
  it("that is a gate says who decides, what is shown and the command, and has no payload schema", () => {
    expect(shape({ status: "waiting" }, [GATE])).toMatchObject({
      awaiting: [
        {
          await_id: "review",
          decider: "human",
          question: 'A person decides "review" (event note.reviewed).',
          how: "A person runs `kindling approve run_1 review` in their own terminal. You cannot decide it.",
          shown: { draft: "Tea" },
          due: "2026-11-30T00:00:00.000Z",
        },
      ],
      next: 'Only a person can decide: call request_approval with the first of `awaiting` and tell the user what it says, then call get_run with wait_for "change", since_seq 7 and wait_seconds to wait for the decision.',
    });
    expect(shape({ status: "waiting" }, [GATE]).awaiting?.[0]).not.toHaveProperty("payload_schema");
  });

  it("that is the agent's says how to answer and with what", () => {
    expect(shape({ status: "waiting" }, [QUESTION, GATE])).toMatchObject({
      awaiting: [{ await_id: "sources", decider: "agent", payload_schema: { type: "object" } }, { decider: "human" }],
      next: "Answer the first of `awaiting` with deliver_event.",
    });
  });

  it("among very many is counted", () => {
    const many = Array.from({ length: 200 }, (_, index) => ({ ...GATE, path: `posts[${index}]/review` }));
    const made = shapeRun({ ...RUN, status: "waiting", awaits: many }, { program: "kindling", details: many.slice(0, 20) });
    expect(made).toMatchObject({ awaiting_count: 200, truncated: true });
    expect(made.awaiting).toHaveLength(20);
  });

  it("that shows very much is cut, its id never", () => {
    const large = Array.from({ length: 20 }, (_, index) => ({
      ...QUESTION,
      path: `posts[${"k".repeat(1_000)}${index}]/sources`,
      description: "d".repeat(10_000),
      values: { draft: "x".repeat(50_000), words: Array.from({ length: 5_000 }, (_, word) => word) },
      schema: { type: "object", description: "y".repeat(50_000) },
    }));
    const made = shape({ status: "waiting" }, large);
    expect(made.truncated).toBe(true);
    expect(made.awaiting?.map(({ await_id }) => await_id)).toEqual(large.slice(0, made.awaiting?.length).map(({ path }) => path));
    expect(made.awaiting?.length).toBeGreaterThan(5);
  });
});

describe("an end", () => {
  it("with an output gives it, null and empty ones too", () => {
    expect(shape({ status: "succeeded", outputs: { text: "Tea" } })).toMatchObject({ status: "completed", output: { text: "Tea" } });
    expect(shape({ status: "succeeded", outputs: null })).toHaveProperty("output", null);
    expect(shape({ status: "succeeded", outputs: "z".repeat(90_000) })).toMatchObject({ truncated: true });
  });

  it("with a failure says where and of which kind, and not what the code said", () => {
    const failed = shape({ status: "failed", error: { code: "threw", message: "draft: ENOENT /srv/secret", details: { node: "draft" } } });
    expect(failed.error).toEqual({ code: "threw", message: "The workflow's own code threw an error.", step: "draft" });
    expect(JSON.stringify(failed)).not.toContain("secret");
    expect(shape({ status: "failed", error: { code: "see /srv/secret", message: "" } }).error).toMatchObject({ code: "failed" });
    expect(shape({ status: "failed", error: { code: "rate_limited", message: "key sk-1 used up" } }).error).toEqual({
      code: "rate_limited",
      message: "A step of the workflow failed.",
    });
  });

  it("by a cancel gives the reason, which was written to be read", () => {
    expect(shape({ status: "cancelled", error: { code: "cancelled", message: "no longer wanted" } }).error).toEqual({
      code: "cancelled",
      message: "no longer wanted",
    });
  });
});
