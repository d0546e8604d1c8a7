// Several processes on one project, and processes that end in the middle.

import { describe, expect, it } from "vitest";
import { testProject } from "./command-line.ts";

describe("a second process", () => {
  it("approves while the first one holds the ledger, and both see the end", async () => {
    const { kindling, start, json } = await testProject();
    const slow = start("run", "slow", "--input", "pauseMs=2500");
    await slow.said("first");
    const { result } = await json("run", "article", "--input", "topic=Rain");
    const id = String((result["run"] as Record<string, unknown>)["id"]);
    expect(await kindling("approve", id)).toMatchObject({ code: 0, out: expect.stringContaining("article.merged") });
    expect(await slow.ended).toMatchObject({ code: 0, out: expect.stringContaining("done") });
    expect((await kindling("verify")).code).toBe(0);
  });
});

describe("a process that ends in the middle", () => {
  it("by Ctrl-C: the run is kept, the command that goes on is named, and it goes on", async () => {
    const { start, kindling } = await testProject();
    const { child, ended, said } = start("run", "slow", "--input", "pauseMs=1500");
    await said("first");
    child.kill("SIGINT");
    const stopped = await ended;
    expect(stopped.code).toBe(130);
    expect(stopped.err).toMatch(/is kept, and goes on with: kindling resume run_/);
    expect(await kindling("resume", "latest")).toMatchObject({ code: 0, out: expect.stringContaining("succeeded") });
  });

  it("by kill -9: resume goes on with every run that was running", async () => {
    const { start, kindling } = await testProject();
    const { child, ended, said } = start("run", "slow", "--input", "pauseMs=1500");
    await said("first");
    child.kill("SIGKILL");
    await ended;
    const resumed = await kindling("resume");
    expect(resumed).toMatchObject({ code: 0, out: expect.stringContaining("succeeded") });
    expect((await kindling("resume")).out).toBe("nothing was interrupted\n");
    expect((await kindling("verify")).code).toBe(0);
  });

  it("cancel ends a waiting run; what had ended stays", async () => {
    const { kindling } = await testProject();
    await kindling("run", "article", "--input", "topic=Rain");
    expect((await kindling("cancel", "latest", "--reason", "not wanted")).out).toMatch(/^cancelled run_/);
    expect((await kindling("cancel", "latest")).out).toContain("had ended: cancelled");
    expect((await kindling("show", "latest")).out).toContain("not wanted");
  });
});

describe("init", () => {
  it("writes a project once, and overwrites nothing", async () => {
    const { kindling } = await testProject(true);
    const first = await kindling("init");
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining("greeting.ts") });
    expect(await kindling("init")).toMatchObject({ code: 2, err: expect.stringContaining("already") });
  });
});
