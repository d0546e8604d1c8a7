// What is told of a compaction and of a receipt, where a small project cannot show it: many runs in the way, what left the disk, more decisions than are kept.

import { describe, expect, it } from "vitest";
import { type CompactReport, NO_SPENDING, type RunReceipt } from "../../src/index.ts";
import { compactedLines, reportLines } from "../../src/cli/view/compacted-lines.ts";
import { plainPaint } from "../../src/cli/view/paint.ts";

const nothing = { commits: 0, bytes: 0 };
const report: CompactReport = {
  dryRun: false,
  contracts: [{ contract: "press", runs: 2, children: 40, facts: 12_345 }],
  blocked: Array.from({ length: 25 }, (_, index) => ({ run: `run_${index}`, contract: "press", reason: "open_inside" as const })),
  blockedCount: 1_025,
  ledger: {
    removed: { commits: 300, bytes: 120_000, segments: 2 },
    kept: { commits: 7, bytes: 3_000 },
    blobs: { count: 1, bytes: 50_000 },
    oldest: 301,
    heldBy: { cursor: "mail", position: 350 },
    archive: "old",
  },
};

describe("a compaction, told", () => {
  it("says what was given up, what left the disk, where it is, and how much stays", () => {
    const lines = reportLines(report, plainPaint);
    expect(lines.slice(0, 4)).toEqual([
      "✓ gave up 2 runs; their receipts stay",
      "  press  2 runs  40 children  12,345 facts",
      "◆ past retention, and kept for now: 1,025 runs",
      "  run_0   press  a child of it has not ended",
    ]);
    expect(lines.slice(-5)).toEqual([
      "  and 1,005 more",
      "  170,000 bytes left the disk: 300 commits, 1 large value, 2 segments",
      "  7 older commits that are needed, 3,000 bytes, lie together now",
      "  what was removed is in old",
      '◆ held up by the cursor "mail", which stands at 350: see --over-cursors',
    ]);
  });

  it("says so when there was nothing to do, and when nothing was done", () => {
    const ledger = { ...report.ledger, removed: { ...nothing, segments: 0 }, blobs: { count: 0, bytes: 0 }, heldBy: null };
    const idle = { ...report, contracts: [], blocked: [], blockedCount: 0, ledger };
    expect(reportLines(idle, plainPaint)).toEqual(["✓ no run is past its retention", "  nothing left the disk"]);
    expect(reportLines({ ...report, dryRun: true }, plainPaint)).toContain(
      "  of what was given up before, 170,000 bytes would leave the disk: 300 commits, 1 large value, 2 segments",
    );
  });
});

describe("a receipt, told", () => {
  it("says how many decisions it does not hold, and tells no outputs that nobody knows", () => {
    const receipt: RunReceipt = {
      run: "run_1",
      contract: "press",
      version: "1",
      plan: "a".repeat(64),
      status: "failed",
      correlation: {},
      startedAt: 0,
      endedAt: 60_000,
      starter: null,
      inputs: "b".repeat(64),
      outputs: null,
      error: "threw",
      decisions: [
        {
          path: "review",
          event: "reviewed",
          deliveryId: "d",
          time: 1,
          actor: { id: "ada", assurance: "signed" },
          payload: "c".repeat(64),
          shown: "",
          approved: false,
        },
      ],
      decisionCount: 1_001,
      spending: { ...NO_SPENDING, calls: 2, inputTokens: 10, outputTokens: 5, knownUsd: 0.5 },
      children: 3,
      facts: 20,
      position: 99,
      digest: "d".repeat(64),
      compactedAt: 120_000,
      compactedBy: { id: "kindling", assurance: "agent" },
      reason: "tidy\nup",
      rule: { keep: "30d" },
      archive: "old",
    };
    const lines = compactedLines(receipt, plainPaint);
    expect(lines.filter((line) => /outputs|starter|found by/.test(line))).toEqual([]);
    expect(lines.join("\n")).toMatch(/status +failed: threw\n.*\n +ended .*, after 1 min\n/);
    expect(lines.join("\n")).toMatch(/by kindling: tidy up\n.*\n +archive +old\n/);
    expect(lines.at(-2)).toMatch(/^ {2}review {2}reviewed {2}rejected {2}by ada \(signed\) .* sha256 c{16}…$/);
    expect(lines.at(-1)).toBe("  and 1,000 more");
  });
});
