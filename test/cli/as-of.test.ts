// `--as-of` from outside: a run as it was, told by every command that looks at one run; and what is no moment.

import { describe, expect, it } from "vitest";
import { pastOf } from "../../src/cli/moment-option.ts";
import { testProject } from "./command-line.ts";

describe("--as-of", () => {
  it("is a position or a time, with or without a zone", () => {
    expect(pastOf({})).toEqual({});
    expect(pastOf({ asOf: "1234" })).toEqual({ asOf: { position: 1234 } });
    expect(pastOf({ asOf: "2026-11-20T10:00Z" })).toEqual({ asOf: { time: Date.UTC(2026, 10, 20, 10) } });
    expect(pastOf({ asOf: "2026-11-20 12:00:01.5+02:00" })).toEqual({ asOf: { time: Date.UTC(2026, 10, 20, 10, 0, 1, 500) } });
    expect(pastOf({ asOf: "2026-11-20T10:00" })).toEqual({ asOf: { time: new Date(2026, 10, 20, 10).getTime() } });
    expect(pastOf({ asOf: "2026-11-20" })).toEqual({ asOf: { time: new Date(2026, 10, 20).getTime() } });
  });

  it.each([
    "",
    "0",
    "-1",
    "1.5",
    "yesterday",
    "2026-02-30",
    "2026-02-30T10:00Z",
    "2026-13-01T10:00Z",
    "2026-11-20T25:00Z",
    "2026-11-20T10:00Zz",
  ])("%j is no moment", (asOf) => {
    expect(() => pastOf({ asOf })).toThrow(/is no time and no position/);
  });

  it("shows, lists, explains and reports a run as it was", async () => {
    const project = await testProject();
    const started = await project.json("run", "article", "-i", "topic=rain");
    const waiting = started.result["run"] as { readonly id: string; readonly position: number };
    await project.json("approve", waiting.id);
    await project.json("deliver", "article.merged", "-r", waiting.id, "--payload", '{"sha":"abc1234"}');
    const then = ["--as-of", String(waiting.position)];
    const [show, facts, explain, report, now] = await Promise.all([
      project.json("show", waiting.id, ...then),
      project.json("facts", waiting.id, ...then),
      project.kindling("explain", waiting.id, ...then),
      project.json("report", waiting.id, "--format", "json", ...then),
      project.json("show", waiting.id),
    ]);
    expect(show.result).toEqual({ run: waiting, next: [] });
    expect(now.result["run"]).toMatchObject({ status: "succeeded" });
    expect((facts.result["facts"] as readonly { position: number }[]).at(-1)?.position).toBe(waiting.position);
    expect(explain.out).toMatch(/waits.* since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);
    expect(report.result["report"]).toMatchObject({ status: "waiting", endedAt: null });
  });

  it("in the future or of a list is refused", async () => {
    const project = await testProject();
    await project.json("run", "article", "-i", "topic=rain");
    const [ahead, list] = await Promise.all([
      project.json("show", "latest", "--as-of", "999999"),
      project.kindling("list", "--as-of", "1"),
    ]);
    expect(ahead.error).toMatchObject({ code: "as_of_ahead" });
    expect(list).toMatchObject({ code: 2, err: expect.stringContaining("unknown option '--as-of'") as unknown });
  });
});
