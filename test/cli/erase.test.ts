// Erasing and keys from outside: a project whose config names a key, what is asked before a run is erased, what is told of it afterwards, and the care of the keys.

import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { testProject, type TestProject } from "./command-line.ts";

/** A project whose ledger is encrypted with a key in a file beside the config. */
async function secretProject(): Promise<TestProject> {
  const project = await testProject();
  for (const name of ["master.key", "new.key"])
    await writeFile(join(project.folder, name), randomBytes(32).toString("base64"), { mode: 0o600 });
  await nameKey(project, '{ file: "master.key" }');
  return project;
}

async function nameKey({ folder }: TestProject, key: string): Promise<void> {
  const file = join(folder, "kindling.config.ts");
  const text = (await readFile(file, "utf8")).replace(/ledgerKey: \{[^}]*\}, /, "");
  await writeFile(file, text.replace("defineConfig({", `defineConfig({ ledgerKey: ${key}, `));
}

async function endedRun(project: TestProject): Promise<string> {
  const { result } = await project.json("run", "slow", "--input", "pauseMs=1");
  // What `run` answers with.
  return (result["run"] as { readonly id: string }).id;
}

describe("kindling erase", () => {
  it("does nothing before it was said twice, then tells who erased the run, and every command that names it says so", async () => {
    const project = await secretProject();
    const id = await endedRun(project);
    const asked = await project.kindling("erase", "latest");
    expect(asked).toMatchObject({ code: 4, out: "", err: expect.stringContaining(`to do it: kindling erase ${id} --yes`) });
    expect((await project.kindling("show", id)).code).toBe(0);
    const erased = await project.kindling("erase", "latest", "--reason", "she asked", "--yes");
    expect(erased).toMatchObject({ code: 0, out: expect.stringContaining(`erased ${id}, 1 run in all`) });
    for (const words of [
      ["show"],
      ["facts"],
      ["explain"],
      ["report"],
      ["receipt"],
      ["retry"],
      ["fork"],
      ["update"],
      ["cancel"],
      ["graph"],
    ]) {
      const { code, out, err } = await project.kindling(...words, id, ...(words[0] === "update" ? ["pauseMs=2"] : []));
      expect({ code, out, err: err.trim().split("\n") }, words[0]).toEqual({
        code: 3,
        out: "",
        err: [`✗ run ${id} was erased`, expect.stringContaining("list --erased")],
      });
    }
    expect((await project.kindling("list")).out).toBe("no runs\n");
    expect((await project.kindling("list", "--erased")).out).toMatch(new RegExp(`erased +${id} +slow .*cli:.* +she asked`));
    expect((await project.json("list", "--erased")).result).toMatchObject({ erased: [{ run: id, reason: "she asked" }], cursor: null });
    expect((await project.kindling("erase", id)).out).toMatch(/was erased before, at .* by cli:.*: she asked/);
    expect((await project.kindling("verify")).code).toBe(0);
  }, 60_000);

  it("is refused for an open run, an unknown one and a ledger without keys, each with its cure", async () => {
    const project = await secretProject();
    await project.kindling("start", "article", "--input", "topic=Rain");
    expect(await project.kindling("erase", "latest", "--yes")).toMatchObject({
      code: 4,
      err: expect.stringMatching(/has not ended\n.*kindling cancel run_/),
    });
    expect(await project.kindling("erase", "run_none", "--yes")).toMatchObject({ code: 3 });
    const plain = await testProject();
    await endedRun(plain);
    expect(await plain.kindling("erase", "latest", "--yes")).toMatchObject({ code: 5, err: expect.stringContaining("is not encrypted") });
    expect(await plain.kindling("list", "--erased")).toMatchObject({ code: 0, out: "no run was erased\n" });
    expect(await plain.kindling("list", "--erased", "--contract", "slow")).toMatchObject({ code: 2 });
  }, 60_000);
});

describe("the key of a project", () => {
  it("is asked for once, with what to do, by every command that opens the ledger", async () => {
    const project = await secretProject();
    await endedRun(project);
    await nameKey(project, '{ env: "NO_SUCH_KEY" }');
    for (const words of [["list"], ["show", "latest"], ["run", "slow", "--input", "pauseMs=1"], ["inbox"]]) {
      const { code, err } = await project.kindling(...words);
      expect({ code, err: err.trim().split("\n") }, words[0]).toEqual({
        code: 5,
        err: [expect.stringContaining("the environment variable NO_SUCH_KEY: it is not set"), expect.stringContaining("Set NO_SUCH_KEY")],
      });
    }
    const bare = await testProject();
    await nameKey(bare, "5");
    expect(await bare.kindling("list")).toMatchObject({ code: 2, err: expect.stringContaining("ledgerKey names no place of a key") });
  }, 60_000);

  it("can be looked at and changed, and the new one opens the ledger then", async () => {
    const project = await secretProject();
    const id = await endedRun(project);
    expect(await project.kindling("keys", "check")).toMatchObject({ code: 0, out: expect.stringMatching(/✓ .*: \d+ keys, 0 destroyed/) });
    expect(await project.kindling("keys", "rotate")).toMatchObject({ code: 2, err: expect.stringContaining("--to env:NAME") });
    const key = await readFile(join(project.folder, "new.key"), "utf8");
    const given = await project.kindling("keys", "rotate", "--to", key);
    expect([given.code, given.err.includes(key), given.err]).toEqual([2, false, expect.stringContaining("never the key itself")]);
    const rotated = await project.kindling("keys", "rotate", "--to", "file:new.key");
    expect(rotated).toMatchObject({ code: 0, out: expect.stringMatching(/\d+ keys of .* put under the master key/) });
    expect(await project.kindling("show", id)).toMatchObject({ code: 5, err: expect.stringContaining("does not fit") });
    expect(await project.kindling("keys", "check")).toMatchObject({ code: 5 });
    expect(await project.kindling("keys", "check", "--key", "command:cat new.key")).toMatchObject({ code: 0 });
    await nameKey(project, '{ file: "new.key" }');
    expect((await project.kindling("show", id)).code).toBe(0);
    const plain = await testProject();
    expect(await plain.kindling("keys", "check")).toMatchObject({ code: 2, err: expect.stringContaining("ledgerKey") });
    expect(await plain.kindling("keys", "burn")).toMatchObject({ code: 2, err: expect.stringContaining("check and rotate") });
  }, 60_000);
});
