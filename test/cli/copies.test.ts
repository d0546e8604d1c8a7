// The commands that copy ledgers, from outside: an export through a pipe into another project, backups, and what is salvaged of a damaged folder.

import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { COMPILED, testProject, type TestProject } from "./command-line.ts";

const LAUNCHER = fileURLToPath(new URL("../../bin/kindling.js", import.meta.url));
const ledgerOf = ({ folder }: TestProject) => join(folder, ".kindling", "ledger");

/** A call with a file as its standard input. */
async function imported(
  project: TestProject,
  file: string,
  ...words: string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const call = promisify(execFile)(
    "/bin/sh",
    ["-c", 'exec "$0" --conditions=kindling-source "$1" import $3 < "$2"', process.execPath, LAUNCHER, file, ...words],
    { cwd: project.folder, env: { ...COMPILED, PATH: process.env["PATH"], KINDLING_COMMAND: "kindling" } },
  );
  return call.then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    // What execFile rejects with, by its documentation.
    (error: { readonly code: number; readonly stdout: string; readonly stderr: string }) => ({
      code: error.code,
      out: error.stdout,
      err: error.stderr,
    }),
  );
}

describe("export and import", () => {
  it("bring a project's runs into another one, where they show the same, and again without doubling them", async () => {
    const [from, to] = [await testProject(), await testProject()];
    await from.kindling("run", "article", "--input", "topic=Rain");
    const { code, out, err } = await from.kindling("export");
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/^exported \d+ commits? from 1 on, \d+ blobs?, [\d,]+ bytes\n$/) });
    const file = join(to.folder, "log.ndjson");
    await writeFile(file, out);
    expect(await imported(to, file, "--json")).toMatchObject({ code: 0, out: expect.stringContaining('"command": "import"') });
    expect((await to.kindling("facts", "latest")).out).toBe((await from.kindling("facts", "latest")).out);
    expect((await to.kindling("verify")).code).toBe(0);
    expect((await to.kindling("export")).out).toBe(out);
    expect((await imported(to, file)).out).toContain("nothing was new");
  });

  it("say with place and cure what is wrong, and with which exit code", async () => {
    const project = await testProject();
    await project.kindling("run", "slow", "--input", "pauseMs=1");
    expect(await project.kindling("export", "--json")).toMatchObject({ code: 2, out: expect.stringContaining("no_json") });
    expect(await project.kindling("export", "--from", "x")).toMatchObject({ code: 2, out: "", err: expect.stringContaining("from 1 on") });
    expect(await project.kindling("export", "--from", "9999")).toMatchObject({ code: 5, err: expect.stringContaining("Begin at") });
    const file = join(project.folder, "log.ndjson");
    await writeFile(file, (await project.kindling("export")).out.slice(0, -3));
    expect(await imported(project, file)).toMatchObject({ code: 5, err: expect.stringMatching(/cut off: it ends at line \d+/) });
    const other = await testProject();
    await other.kindling("run", "slow", "--input", "pauseMs=1");
    expect(await imported(other, file)).toMatchObject({ code: 5, err: expect.stringContaining("Line 1: the export is of ledger") });
  });
});

describe("backup", () => {
  it("makes a folder that is a ledger, and adds to it the next time", async () => {
    const project = await testProject();
    await project.kindling("run", "article", "--input", "topic=Rain");
    expect(await project.kindling("backup", "copy")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/copy holds commits up to \d+, and is whole\n {2}1 segment copied, 0 kept/),
    });
    await project.kindling("run", "article", "--input", "topic=Snow");
    const { result } = await project.json("backup", "copy");
    expect(result).toMatchObject({ folder: join(project.folder, "copy"), verified: { ok: true }, segments: { copied: 1, kept: 0 } });
    expect(await project.kindling("backup", ".")).toMatchObject({ code: 2, err: expect.stringContaining("lie in each other") });
  });
});

describe("salvage", () => {
  it("takes the readable runs of a damaged ledger into a new one, and tells what is lost", async () => {
    const project = await testProject();
    for (const pauseMs of [1, 2, 3]) await project.kindling("run", "slow", "--input", `pauseMs=${pauseMs}`);
    const segments = join(ledgerOf(project), "segments");
    const file = join(segments, (await readdir(segments)).find((name) => name.endsWith(".jsonl")) ?? "");
    const bytes = await readFile(file);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(file, bytes);
    expect((await project.kindling("list")).code).toBe(5);
    const { code, out } = await project.kindling("salvage", ".kindling/ledger", "rescued");
    expect(code).toBe(0);
    expect(out).toMatch(
      /rescued holds \d+ commits, \d+ facts of \d+ streams?\nlost:\n {2}segments\/\S+ from byte \d+, [\d,]+ bytes, commits \d+ to \d+: /,
    );
    expect(out).toContain("runs and keys of stores that are cut off; look at each before it goes on:");
    expect(await readFile(file)).toEqual(bytes);
    expect(JSON.parse(await readFile(join(project.folder, "rescued", "salvage.json"), "utf8"))).toMatchObject({
      from: { folder: ledgerOf(project) },
      lost: [{}],
    });
    expect(await project.kindling("salvage", ".kindling/ledger", "rescued")).toMatchObject({
      code: 2,
      err: expect.stringContaining("is not empty"),
    });
  });
});
