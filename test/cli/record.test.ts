// The commands about recorded runs, by the real launcher over a real ledger.

import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { steady, testProject, type TestProject } from "./command-line.ts";

const golden = (name: string) => new URL(`./golden/record-${name}.txt`, import.meta.url).pathname;
const FILE = "letter.recording.json";

let project: TestProject;
const put = (file: string) => writeFile(join(project.folder, file), "");
const take = (file: string) => rm(join(project.folder, file));
const asked = async () => (await readFile(join(project.folder, "asked.txt"), "utf8")).split("\n").length - 1;

beforeAll(async () => {
  project = await testProject();
  await copyFile(new URL("./fixtures/record.config.ts", import.meta.url), join(project.folder, "kindling.config.ts"));
  await project.kindling("run", "letter", "--input", "to=Ada Lovelace");
  await project.kindling("deliver", "letter.seen", "--run", "latest", "--payload", '{"by":"Bob"}');
});

describe("record and replay", () => {
  it("turns a run into a file, once, which replays without asking a model", async () => {
    const called = await project.kindling("record", "latest");
    expect([called.code, called.err]).toEqual([0, ""]);
    await expect(steady(called.out)).toMatchFileSnapshot(golden("run"));
    expect((await project.kindling("record", "latest")).err).toContain(`${FILE} is there already`);
    await rm(join(project.folder, ".kindling"), { recursive: true });
    const replayed = await project.kindling("replay", FILE);
    expect([replayed.code, replayed.out]).toEqual([0, expect.stringContaining("1 model call answered from it")]);
    expect(await asked()).toBe(1);
  });

  it("tells what is different with its lines and the command, and fails", async () => {
    await put("new-prompt");
    const called = await project.kindling("replay", FILE);
    expect(called.code).toBe(1);
    await expect(called.out).toMatchFileSnapshot(golden("different"));
    const { error } = await project.json("replay", FILE);
    expect(error).toMatchObject({
      code: "replay_differs",
      details: { replays: [{ file: FILE, isSame: false, altered: [{ path: "text", what: "changed", of: "model" }] }] },
    });
  });

  it("asks the model again for what is different alone, and for nothing when nothing is", async () => {
    const called = await project.kindling("record", "--update", FILE);
    expect([called.code, called.err]).toEqual([0, ""]);
    await expect(called.out).toMatchFileSnapshot(golden("update"));
    expect([await asked(), (await project.kindling("replay", FILE)).code]).toEqual([2, 0]);
    expect((await project.kindling("record", "--update", FILE)).out).toContain("is up to date; nothing was asked");
    await put("new-code");
    expect((await project.json("record", "--update", FILE)).result).toMatchObject({ updates: [{ isSame: false, asked: [], kept: [] }] });
    expect(await asked()).toBe(2);
    await Promise.all([take("new-prompt"), take("new-code")]);
  });

  it("takes out what a pattern matches", async () => {
    await project.kindling("start", "letter", "--input", "to=Ada Lovelace");
    const { result } = await project.json("record", "latest", "--out", "secret.json", "--redact", "Ada \\w+");
    expect(result).toMatchObject({ file: "secret.json", doubts: [] });
    expect(await readFile(join(project.folder, "secret.json"), "utf8")).not.toContain("Ada");
    expect((await project.kindling("replay", "secret.json")).code).toBe(0);
  });

  it("refuses what it cannot take, and says how it is meant", async () => {
    const refused = async (...words: string[]) => {
      const { code, err } = await project.kindling(...words);
      return `${code} ${err.trimEnd()}`;
    };
    await writeFile(join(project.folder, "none.json"), "[]");
    await expect(
      [
        await refused("record"),
        await refused("record", "latest", "--update", FILE),
        await refused("record", "latest", "--redact", "("),
        await refused("replay", "none.json"),
      ]
        .join("\n\n")
        .replaceAll(project.folder, "<folder>"),
    ).toMatchFileSnapshot(golden("refused"));
  });
});
