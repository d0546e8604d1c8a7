// What a terminal shows of a node in motion: what it waits for, thinks, calls and says.

import { expect, it } from "vitest";
import { moved } from "../../src/cli/live.ts";
import { type Motion, nodeLines } from "../../src/cli/view/node-lines.ts";
import { plainPaint } from "../../src/cli/view/paint.ts";
import type { NodeStatus, NodeView, WatchEvent } from "../../src/index.ts";

type Live = Exclude<WatchEvent, { type: "fact" }>;

const AT = { path: "draft", attempt: 1, turn: 1, call: "c" } as const;

function piece(kind: "text" | "reasoning" | "tool-input", text: string, name?: string): Live {
  return { type: "delta", ...AT, kind, tool: name === undefined ? undefined : { id: "1", name }, offset: 0, text };
}

function shown(status: NodeStatus, ...events: readonly Live[]): string {
  const motion = events.reduce<Motion | undefined>(moved, undefined);
  const node: NodeView = {
    path: "draft",
    name: "draft",
    kind: "llm",
    status,
    attempts: 1,
    startedAt: undefined,
    endedAt: undefined,
    error: undefined,
    value: undefined,
    note: undefined,
    spending: undefined,
    children: [],
  };
  const options = { now: 0, paint: plainPaint, childLimit: 8, motion: new Map(motion === undefined ? [] : [["draft", motion]]) };
  return nodeLines([node], options).join("\n").replace(/\s+/g, " ").trim();
}

const ASKED: Live = { type: "asked", ...AT, model: "scripted:x" };
const QUEUED: Live = { type: "queued", path: "draft", lane: "anthropic", reason: "requests_per_minute", until: undefined };

it("a node shows what it waits for before it has begun, and no longer once a model is asked", () => {
  expect(shown("pending", QUEUED)).toBe("· draft llm waits for anthropic: requests per minute");
  expect(shown("running", QUEUED, ASKED)).toBe("▸ draft llm");
  expect(shown("pending", piece("text", "of an earlier try"))).toBe("· draft llm");
});

it("thoughts, tool inputs and the answer are told apart, and another call begins anew", () => {
  expect(shown("running", ASKED, piece("reasoning", "Let me "), piece("reasoning", "see"))).toBe("▸ draft llm thinks “Let me see”");
  expect(shown("running", ASKED, piece("reasoning", "see"), piece("tool-input", '{"q":', "search"))).toBe(
    '▸ draft llm calls search “{"q":”',
  );
  expect(shown("running", ASKED, piece("reasoning", "see"), piece("text", "Dear "), piece("text", "Ada"))).toBe("▸ draft llm “Dear Ada”");
  expect(shown("running", ASKED, piece("text", "half"), ASKED)).toBe("▸ draft llm");
});

it("a tool's name cannot paint the terminal", () => {
  expect(shown("running", ASKED, piece("tool-input", "{}", "\u001B[31mred"))).not.toContain("\u001B");
});
