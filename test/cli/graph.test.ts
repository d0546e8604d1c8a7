// `graph` and `report` from outside: every format, of contracts and of runs that wait, failed in an item, and succeeded.

import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonLines } from "../../src/cli/view/json-lines.ts";
import { steady, type TestProject, testProject } from "./command-line.ts";

const golden = (name: string) => new URL(`./golden/${name}.txt`, import.meta.url).pathname;
/** Durations differ from run to run, and so does what stands before the next column. */
const even = (text: string) =>
  steady(text)
    .replaceAll(/<ms> +/g, "<ms>  ")
    .replaceAll(/(?<=[aA]t": |Ms": |since": |deadline": )\d+/g, "0");

async function pressProject(): Promise<TestProject> {
  const project = await testProject();
  await copyFile(new URL("./fixtures/press.config.ts", import.meta.url), join(project.folder, "kindling.config.ts"));
  return project;
}

const GRAPHS = ["text", "mermaid", "dot", "json"] as const;
const REPORTS = ["text", "markdown", "json"] as const;

describe("graph", () => {
  it("draws a contract, and a run by its state, in every format", async () => {
    const { kindling } = await pressProject();
    await kindling("run", "press", "--input", "topic=Rain", "--input", 'channels=["en","none"]');
    for (const format of GRAPHS) {
      await expect(even((await kindling("graph", "press", "--format", format)).out)).toMatchFileSnapshot(golden(`press-${format}`));
      await expect(even((await kindling("graph", "latest", "--format", format)).out)).toMatchFileSnapshot(golden(`press-run-${format}`));
    }
  });

  it("gives JSON that programs can read, with and without --json", async () => {
    const { kindling, json } = await pressProject();
    const drawn: unknown = JSON.parse((await kindling("graph", "strict", "--format", "json")).out);
    expect(drawn).toMatchObject({ version: 1, contract: { name: "strict" } });
    expect((await json("graph", "strict", "--format", "json")).result).toEqual({ format: "json", graph: drawn });
    expect((await json("graph", "strict")).result).toMatchObject({ format: "text", text: expect.stringContaining("quotients") });
  });

  it("refuses a format it does not have, and names those it has", async () => {
    const { kindling } = await pressProject();
    expect(await kindling("graph", "press", "--format", "svg")).toMatchObject({
      code: 2,
      err: expect.stringContaining("mermaid, dot or json"),
    });
    expect(await kindling("graph", "pres")).toMatchObject({ code: 3, err: expect.stringContaining("press") });
  });
});

describe("report", () => {
  it("tells of a run that waits, and then of the same when it has succeeded", async () => {
    const { kindling } = await pressProject();
    await kindling("run", "press", "--input", "topic=Rain", "--input", 'channels=["en","none"]');
    for (const format of REPORTS)
      await expect(even((await kindling("report", "latest", "--format", format)).out)).toMatchFileSnapshot(
        golden(`report-waiting-${format}`),
      );
    expect(await kindling("approve", "latest")).toMatchObject({ code: 0 });
    for (const format of REPORTS)
      await expect(even((await kindling("report", "latest", "--format", format)).out)).toMatchFileSnapshot(
        golden(`report-succeeded-${format}`),
      );
  });

  it("tells of a run that failed in an item, first where and why, and that it could be told", async () => {
    const { kindling } = await pressProject();
    await kindling("run", "strict", "--input", "list=[3,0]");
    for (const format of REPORTS) {
      const told = await kindling("report", "latest", "--format", format);
      expect(told.code).toBe(0);
      await expect(even(told.out)).toMatchFileSnapshot(golden(`report-failed-${format}`));
    }
  });

  it("gives the report itself with --json, whatever the format, and changes nothing", async () => {
    const { kindling, json } = await pressProject();
    await kindling("run", "strict", "--input", "list=[3,0]");
    const before = (await kindling("facts", "latest")).out;
    const { result } = await json("report", "latest", "--format", "markdown");
    expect(result).toMatchObject({ format: "markdown", report: { reportVersion: 1, status: "failed" } });
    expect(String(result["text"])).toMatch(/^# strict 1: failed/);
    expect((await kindling("facts", "latest")).out).toBe(before);
  });

  it("refuses a format it does not have, and a run that is not there", async () => {
    const { kindling } = await pressProject();
    expect(await kindling("report", "latest", "--format", "pdf")).toMatchObject({
      code: 2,
      err: expect.stringContaining("markdown or json"),
    });
    expect(await kindling("report", "run_nope")).toMatchObject({ code: 3 });
  });
});

describe("JSON on a terminal", () => {
  it("hides nothing and moves no cursor, and is the same value", () => {
    const value = { "a\u202e": "\u001b[1A \u{E0041} ü" };
    const text = jsonLines(value).join("\n");
    expect(text).toContain("\\u202e");
    expect(text).toContain("\\udb40\\udc41 ü");
    expect(JSON.parse(text)).toEqual(value);
  });
});
