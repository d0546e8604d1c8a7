// `kindling cost` from outside: what people read is a golden file, what programs read is looked into.

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { costLines } from "../../src/cli/view/cost-lines.ts";
import { sinceOf } from "../../src/cli/since-option.ts";
import { plainPaint } from "../../src/cli/view/paint.ts";
import { type CostReport, NO_SPENDING } from "../../src/index.ts";
import { steady, testProject } from "./command-line.ts";

const golden = (name: string) => new URL(`./golden/${name}.txt`, import.meta.url).pathname;

it("tells what runs cost, what failed of it, which price is old and which is missing", async () => {
  const { folder, kindling, json } = await testProject();
  await cp(new URL("./fixtures/costs.config.ts", import.meta.url), join(folder, "kindling.config.ts"));
  expect((await kindling("run", "note", "-i", "topic=rain")).code).toBe(0);
  expect((await kindling("run", "note", "-i", "topic=snow", "-i", "strict=true")).code).toBe(1);
  const { code, out } = await kindling("cost", "--by", "model");
  await expect(steady(out).replace(/\d+ days ago/, "<n> days ago")).toMatchFileSnapshot(golden("cost"));
  expect(code).toBe(0);
  expect((await json("cost", "latest")).result).toMatchObject({ cost: { by: "node", runs: { all: 1 } } });
  const { result } = await json("cost", "--since", "1h", "--by", "run");
  expect(result).toMatchObject({ cost: { rows: [{ run: { contract: "note" } }, {}], looked: { streams: 0 } } });
  expect(await kindling("cost", "--by", "week")).toMatchObject({ code: 2, err: expect.stringContaining("by week") as unknown });
});

it("shows so many rows and counts the rest, and says what is not known", () => {
  const spending = { ...NO_SPENDING, calls: 2, inputTokens: 10, outputTokens: 1, knownUsd: 0.5 };
  const rows = ["a", "b", "c"].map((key) => ({ key, runs: 1, spending }));
  const report: CostReport = {
    by: "contract",
    rows,
    total: { ...spending, calls: 6, unpricedCalls: 1 },
    runs: { all: 5, asking: 3 },
    lost: { runs: 0, spending: NO_SPENDING },
    discarded: { ...spending, calls: 1 },
    unpriced: [{ model: "p:m", calls: 1, hasPriceNow: true }],
    doubts: [],
    erased: 1,
    compacted: 2,
    looked: { heads: 9, streams: 1 },
  };
  expect(costLines(report, 2, { paint: plainPaint, now: 0, program: "kindling" })).toMatchInlineSnapshot(`
    [
      "                           calls  tokens in  cached  tokens out  cost",
      "a  1 run                   2      10                 1           $0.50",
      "b  1 run                   2      10                 1           $0.50",
      "and 1 more row: --limit 3",
      "together                   6      10                 1           $0.50 and 1 call without a known price",
      "",
      "3 runs of 5 asked a model",
      "of it for 1 reply thrown away, since a try failed: $0.50",
      "1 call of p:m had no known price when it was made",
      "2 runs compacted: their sums are known, their models are not",
      "1 run erased: what they cost is not known (kindling list --erased)",
      "looked at 9 heads and the facts of 1 stream",
    ]
  `);
});

it("--since is a day, a time or so long ago, and nothing else", () => {
  const now = Date.UTC(2026, 10, 21, 12);
  expect(sinceOf("7d", now)).toBe(now - 7 * 86_400_000);
  expect(sinceOf("2026-11-20T10:00Z", now)).toBe(Date.UTC(2026, 10, 20, 10));
  expect(new Date(sinceOf("2026-11-20", now) ?? 0).getHours()).toBe(0);
  expect(sinceOf(undefined, now)).toBeUndefined();
  for (const text of ["soon", "2026-02-31", "7 days", "-1d", ""])
    expect(() => sinceOf(text, now), text).toThrow(`--since ${text} is no time`);
});
