// Compacting from outside: what is told before and after, what is left of a run and how it is shown, and which words are refused.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestOfFacts, fileLedger, verifyFolder } from "../../src/index.ts";
import { steady, testProject, type TestProject } from "./command-line.ts";

const golden = (name: string) => new URL(`./golden/compact-${name}.txt`, import.meta.url).pathname;

/** Output without hashes and sizes, which differ from run to run. */
function even(text: string): string {
  return steady(text)
    .replaceAll(/\b[0-9a-f]{16,64}\b/g, "<hash>")
    .replaceAll(/[\d,]+ bytes/g, "<bytes>")
    .replaceAll(/\d+ commits?/g, "<commits>")
    .replaceAll(/\d+ older commits? that (is|are) needed/g, "<commits> that are needed")
    .replaceAll(/(compacted|ended) +<ago>/g, "$1 <ago>");
}

const runOf = (result: Record<string, unknown>): string => (result["run"] as { readonly id: string }).id;

/** A run in which a person decided and something was delivered. */
async function publish({ kindling, json }: TestProject): Promise<string> {
  const id = runOf((await json("run", "article", "--input", "topic=Rain", "--key", "rain")).result);
  // Of some length, so that more is given up than stays.
  await kindling("approve", id, "--comment", "fine ".repeat(2_000));
  await kindling("deliver", "article.merged", "--run", id, "--payload", '{"sha":"abcdefg"}');
  return id;
}

/** What the facts of a run without children come to in an archive. */
async function digestIn(archive: string, run: string): Promise<string> {
  await using ledger = await fileLedger(archive).open({ access: "read" });
  const entries = await Array.fromAsync(ledger.changes({ after: 0 }));
  return digestOfFacts(entries.filter((entry) => entry.run === run && entry.replaces === undefined));
}

async function setRetention({ folder }: TestProject, rules: string): Promise<void> {
  const file = join(folder, "kindling.config.ts");
  await writeFile(file, (await readFile(file, "utf8")).replace("defineConfig({", `defineConfig({ retention: ${rules}, `));
}

describe("kindling compact", () => {
  it("tells what it would give up, gives it up, and what is left of a run is listed and shown", async () => {
    const project = await testProject();
    const { kindling, json } = project;
    const id = await publish(project);
    await kindling("run", "failing");
    await kindling("start", "article", "--input", "topic=Snow");
    const told = await kindling("compact", "--keep", "0s", "--dry-run");
    await expect(even(told.out)).toMatchFileSnapshot(golden("dry-run"));
    expect((await kindling("show", id)).out).toContain("succeeded");
    const done = await kindling("compact", "--keep", "0s", "--reason", "spring\ncleaning");
    await expect(even(done.out)).toMatchFileSnapshot(golden("done"));
    expect([told.code, told.err, done.code, done.err]).toEqual([0, "", 0, ""]);
    await expect(even((await kindling("show", id)).out)).toMatchFileSnapshot(golden("show"));
    await expect(even((await kindling("list", "--compacted")).out)).toMatchFileSnapshot(golden("list"));
    expect((await kindling("list")).out).toMatch(/^◆ waiting.*\n$/);
    const { result } = await json("show", id);
    expect(result).toMatchObject({ receipt: { run: id, contract: "article", decisionCount: 2, reason: "spring\ncleaning" } });
    expect((await json("list", "--compacted", "--status", "failed")).result).toMatchObject({
      compacted: [{ contract: "failing", status: "failed", error: "threw" }],
      cursor: null,
    });
    expect((await json("compact", "--keep", "0s")).result).toMatchObject({ report: { dryRun: false, contracts: [], blocked: [] } });
    expect((await kindling("verify")).code).toBe(0);
  }, 60_000);

  it("leaves a run that every other command tells of, and that does not start a second time", async () => {
    const project = await testProject();
    const id = await publish(project);
    await project.kindling("compact", "--keep", "0s");
    for (const words of [["facts"], ["explain"], ["report"], ["receipt"], ["retry"], ["fork"], ["update"], ["cancel"], ["graph"]]) {
      const { code, out, err } = await project.kindling(...words, id, ...(words[0] === "update" ? ["topic=x"] : []));
      expect({ code, out, err: err.trim().split("\n") }, words[0]).toEqual({
        code: 3,
        out: "",
        err: [expect.stringMatching(`✗ run ${id} was compacted at .* by cli:`), expect.stringContaining(`kindling show ${id}`)],
      });
    }
    expect((await project.kindling("show", id, "--as-of", "1")).code).toBe(3);
    expect(await project.kindling("run", "article", "--input", "topic=Rain", "--key", "rain")).toMatchObject({ code: 3 });
    const late = ["deliver", "article.merged", "--correlation", "topic=Rain", "--payload", '{"sha":"gfedcba"}'];
    expect(await project.kindling(...late)).toMatchObject({ code: 4, err: expect.stringContaining("was decided already") });
    expect(await project.kindling("erase", id, "--yes")).toMatchObject({ code: 5, err: expect.stringContaining("is not encrypted") });
  }, 60_000);

  it("goes by the rules of the config, and says what is wrong with rules and options", async () => {
    const project = await testProject();
    await project.kindling("run", "failing");
    const refused = async (...words: string[]) => {
      const { code, err } = await project.kindling("compact", ...words);
      return [code, ...err.trim().split("\n")];
    };
    expect(await refused()).toEqual([2, expect.stringContaining("kept for ever"), expect.stringContaining("retention: [{ keep:")]);
    expect(await refused("--status", "failed")).toEqual([2, expect.stringContaining("--keep"), expect.stringContaining("--keep 30d")]);
    expect(await refused("--keep", "soon")).toEqual([2, '✗ --keep is "soon"', expect.stringContaining('"30d"')]);
    expect(await refused("--keep", "1d", "--contract", "fading")).toEqual([
      2,
      expect.stringContaining('--contract is "fading"'),
      expect.stringContaining('"failing"'),
    ]);
    expect(await refused("--keep", "1d", "--status", "waiting")).toEqual([2, expect.stringContaining("--status"), expect.any(String)]);
    await setRetention(project, '[{ contract: "failing", keep: "1ms" }, { keep: "forever" }]');
    await project.kindling("run", "slow", "--input", "pauseMs=1");
    expect(await project.kindling("compact")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/gave up 1 run;.*\n {2}failing +1 run/),
    });
    await setRetention(project, '[{ contract: "failling", keep: "1d" }],');
    expect((await project.kindling("list", "--compacted", "--erased")).code).toBe(2);
    const broken = await testProject();
    await setRetention(broken, '[{ contract: "sloww", keep: "1d" }]');
    expect(await broken.kindling("run", "failing")).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean "slow"?') });
  }, 60_000);

  it("puts what leaves the disk into an archive, and does nothing when the folder is no place for one", async () => {
    const project = await testProject();
    const id = await publish(project);
    await mkdir(join(project.folder, "other"));
    await writeFile(join(project.folder, "other", "letter.txt"), "Dear");
    expect(await project.kindling("compact", "--keep", "0s", "--archive", "other")).toMatchObject({
      code: 5,
      err: expect.stringMatching(/letter\.txt.*Nothing was removed/),
    });
    expect((await project.kindling("show", id)).out).toContain("succeeded");
    const archive = join(project.folder, "old");
    const done = await project.kindling("compact", "--keep", "0s", "--archive", "old");
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining(`what was removed is in ${archive}`) });
    const { receipt } = (await project.json("show", id)).result as {
      readonly receipt: { readonly archive: string; readonly digest: string };
    };
    expect(receipt.archive).toBe(archive);
    expect(await verifyFolder(archive)).toMatchObject({ ok: true, faults: [] });
    expect(await digestIn(archive, id)).toBe(receipt.digest);
    expect(await project.kindling("facts", id)).toMatchObject({ code: 3, err: expect.stringContaining(archive) });
  }, 60_000);

  it("is done by the process that writes, when another one does", async () => {
    const project = await testProject();
    const { result } = await project.json("run", "slow", "--input", "pauseMs=1");
    const writer = project.start("run", "slow", "--input", "pauseMs=4000");
    await writer.said("first");
    const done = await project.kindling("compact", "--keep", "0s");
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining("gave up 1 run") });
    expect((await project.kindling("show", runOf(result))).out).toContain("was compacted");
    expect(await writer.ended).toMatchObject({ code: 0, out: expect.stringContaining("done") });
    expect((await project.kindling("verify")).code).toBe(0);
  }, 60_000);

  it("names what stays although its time is over, and why", async () => {
    const project = await testProject();
    const file = join(project.folder, "kindling.config.ts");
    await writeFile(
      file,
      (await readFile(file, "utf8")).replace(
        "broken: g.compute(",
        "sent: g.effect('sent', { needs: {}, retry: { attempts: 1 }, run: (): null => { throw new Error('closed'); } }), broken: g.compute(",
      ),
    );
    await project.kindling("run", "failing");
    const { code, out } = await project.kindling("compact", "--keep", "0s");
    await expect(even(out)).toMatchFileSnapshot(golden("blocked"));
    expect(code).toBe(0);
  }, 60_000);
});
