// What a terminal shows of a node in motion: what it waits for, thinks, calls and says.

import { expect, it } from "vitest";
import { moved } from "../../src/cli/live.ts";
import { plainNarrator } from "../../src/cli/narrate.ts";
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

it("without a terminal, waiting that may take minutes is told once for each lane and pause, and other waiting is not", async () => {
  let said = "";
  const write = (text: string) => {
    said += text;
    return Promise.resolve();
  };
  const screen = {
    isTerminal: false,
    columns: () => 80,
    rows: () => 24,
    paint: plainPaint,
    write,
    hasReader: () => true,
    stream: process.stderr,
  };
  const narrator = plainNarrator(screen);
  const at = (path: string, reason: "concurrency" | "requests_per_minute" | "retry_after", until?: number): Live => ({
    type: "queued",
    path,
    lane: "anthropic",
    reason,
    until,
  });
  for (const path of ["a", "b"]) for (const reason of ["concurrency", "requests_per_minute"] as const) narrator.event(at(path, reason));
  for (const until of [1, 1, 2]) narrator.event(at("a", "retry_after", until));
  await narrator.end(undefined);
  const pause = "  … waits for anthropic: the provider asked for a pause\n";
  expect(said).toBe(`  … waits for anthropic: requests per minute\n${pause}${pause}`);
});

it("a tool's name cannot paint the terminal", () => {
  expect(shown("running", ASKED, piece("tool-input", "{}", "\u001B[31mred"))).not.toContain("\u001B");
});
