// `kindling explain` and `kindling diff` from outside: what they print for people is kept in golden files, what they tell programs is looked into.

import { execFile } from "node:child_process";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { steady, testProject, type TestProject } from "./command-line.ts";

const golden = (name: string) => new URL(`./golden/explain-${name}.txt`, import.meta.url).pathname;

/** What differs from run to run in these texts besides. */
const settled = (text: string) =>
  steady(text)
    .replaceAll(/since (just now|\d+ s|<ms>|<ago>)/g, "since <ago>")
    .replaceAll(/d_[0-9a-f]{32}/g, "d_…");

/** One project with a run for every case: the commands only read, so the tests share it. */
async function projectWithRuns() {
  const project = await testProject();
  const fixture = (name: string) => new URL(`./fixtures/${name}`, import.meta.url);
  // Once as the project's config, and once for the script beside it.
  for (const name of ["kindling.config.ts", "explain.config.ts"]) await cp(fixture("explain.config.ts"), join(project.folder, name));
  await cp(fixture("explain-runs.ts"), join(project.folder, "make-runs.ts"));
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=kindling-source", "make-runs.ts"], { cwd: project.folder });
  return { project, runs: JSON.parse(stdout) as Record<"waiting" | "done" | "failed" | "fork", string> };
}

describe("what is told", () => {
  let project: TestProject;
  let runs: Awaited<ReturnType<typeof projectWithRuns>>["runs"];

  beforeAll(async () => {
    ({ project, runs } = await projectWithRuns());
  });

  it.each([
    ["a waiting run", "waiting", []],
    ["a blocked node", "waiting", ["posts"]],
    ["a node reused after an update", "done", ["label"]],
    ["an item that failed in its child", "done", ["posts[xx]"]],
    ["a case not taken", "done", ["text[reject]/apology"]],
    ["a run that succeeded although an item failed", "done", []],
    ["a failed run", "failed", []],
    ["a node behind a failure", "failed", ["bill"]],
    ["where a value came from", "done", ["posts[de]/post"]],
  ] as const)("of %s", async (name, run, path) => {
    const { code, out } = await project.kindling("explain", runs[run], ...path);
    await expect(settled(out)).toMatchFileSnapshot(golden(name.replaceAll(" ", "-")));
    expect(code).toBe(0);
  });

  it("of a fork with another input against its origin", async () => {
    const { code, out } = await project.kindling("diff", runs.done, runs.fork);
    await expect(settled(out)).toMatchFileSnapshot(golden("a-fork-against-its-origin"));
    expect(code).toBe(0);
  });

  it("with --json is data, and text with ISO times", async () => {
    expect(await project.json("explain", runs.waiting, "posts")).toMatchObject({
      ok: true,
      command: "explain",
      result: {
        explanation: { status: "blocked", needs: ["text"], causes: [{ type: "await", path: "review", correlation: { topic: "tea" } }] },
        text: expect.stringMatching(/waits since \d{4}-\d\d-\d\dT[\d:.]+Z for the event draft\.reviewed/),
      },
    });
    expect(await project.json("diff", runs.done, runs.fork)).toMatchObject({
      result: { diff: { relation: "fork", inputs: [{ name: "topic", a: "rain", b: "snow" }] } },
    });
  });

  it("values stand in the data only when they are asked for", async () => {
    const told = async (...words: string[]) => (await project.json("explain", runs.done, "draft", ...words)).result["explanation"];
    expect(await told()).toMatchObject({ lineage: { brief: "an object of 2 members" } });
    expect(JSON.stringify(await told())).not.toContain("About rain");
    expect(await told("--values")).toMatchObject({ lineage: { value: { title: "rain", body: "About rain" } } });
  });

  it("a path that is nothing is answered with the nearest one", async () => {
    const { code, err } = await project.kindling("explain", runs.done, "posts[de]/pst");
    expect(err).toContain('Did you mean "posts[de]/post"?');
    expect(code).not.toBe(0);
  });

  it("the command it prints is the one that goes on", async () => {
    const { out } = await project.kindling("explain", runs.waiting, "review");
    const words = /kindling (approve \S+ \S+)/.exec(out)?.[1]?.split(" ") ?? [];
    expect(await project.kindling(...words)).toMatchObject({ code: 0 });
    expect((await project.kindling("explain", runs.waiting, "review")).out).toContain("answered by cli:");
  });
});
