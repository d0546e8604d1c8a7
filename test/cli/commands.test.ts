// The commands from outside: the real launcher, real processes, a real ledger. What they print for people is kept in golden files.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { steady, testProject } from "./command-line.ts";

const golden = (name: string) => new URL(`./golden/${name}.txt`, import.meta.url).pathname;

describe("from a contract to an approved result", () => {
  it("run waits and prints the commands that go on; approve and deliver, run as printed, carry it to its end", async () => {
    const { kindling } = await testProject();
    const started = await kindling("run", "article", "--input", "topic=Rain");
    expect(started).toMatchObject({ code: 0 });
    await expect(steady(started.out)).toMatchFileSnapshot(golden("run-waits"));
    await expect(steady(started.err)).toMatchFileSnapshot(golden("run-progress"));
    const approve = /kindling (approve \S+ review)/.exec(started.out)?.[1]?.split(" ") ?? [];
    const approved = await kindling(...approve, "--comment", "fine");
    expect(approved).toMatchObject({ code: 0 });
    await expect(steady(approved.err)).toMatchFileSnapshot(golden("approve-shows"));
    const [, run = ""] = approve;
    const delivered = await kindling("deliver", "article.merged", "--correlation", "topic=Rain", "--payload", '{"sha":"abc1234"}');
    expect(delivered).toMatchObject({ code: 0 });
    expect(delivered.out).toContain("Rain, in 100 words: approve (fine) abc1234");
    for (const command of ["show", "facts"]) await expect(steady((await kindling(command, run)).out)).toMatchFileSnapshot(golden(command));
    await expect(steady((await kindling("list")).out)).toMatchFileSnapshot(golden("list"));
    await expect((await kindling("graph", "article")).out).toMatchFileSnapshot(golden("graph"));
    await expect((await kindling("graph", "latest", "--format", "mermaid")).out).toMatchFileSnapshot(golden("graph-mermaid"));
    expect((await kindling("verify")).out).toContain("is whole");
    expect((await kindling("inbox")).out).toBe("nothing waits for a person\n");
  });

  it("reject decides, too, and an abbreviated id is enough", async () => {
    const { kindling, json } = await testProject();
    const { result } = await json("run", "article", "--inputs", '{"topic":"Snow"}');
    const id = String((result["run"] as Record<string, unknown>)["id"]);
    expect(await kindling("reject", id.slice(0, 12), "--comment", "no")).toMatchObject({ code: 0 });
    expect((await kindling("show", "latest")).out).toContain("article.reviewed by cli:");
  });

  it("start prints the id alone on the first line of stdout", async () => {
    const { kindling } = await testProject();
    const { out } = await kindling("start", "slow", "--input", "pauseMs=1");
    expect(out.split("\n")[0]).toMatch(/^run_\w{26}$/);
  });

  it("the same key gives the same run; other inputs under it are refused", async () => {
    const { kindling, json } = await testProject();
    const first = await json("run", "slow", "--key", "nightly", "--input", "pauseMs=1");
    const second = await json("run", "slow", "--key", "nightly", "--input", "pauseMs=1");
    expect((second.result["run"] as Record<string, unknown>)["id"]).toBe((first.result["run"] as Record<string, unknown>)["id"]);
    expect(await kindling("run", "slow", "--key", "nightly", "--input", "pauseMs=2")).toMatchObject({ code: 4 });
  });
});

describe("what is wrong is told with the place, the value and the cure, and loses nothing", () => {
  it.each([
    ["inputs", 2, ["run", "article", "--input", "topic=it", "--input", "words=many", "--input", "tpic=x"]],
    ["missing inputs", 2, ["run", "article"]],
    ["a pair that is none", 2, ["run", "article", "--input", "topic"]],
    ["an unknown contract", 3, ["run", "artcle"]],
    ["an unknown run", 3, ["show", "run_nope"]],
    ["an unknown event", 3, ["deliver", "article.revewed", "--correlation", "topic=Rain"]],
    ["an event for no run", 3, ["deliver", "article.merged", "--correlation", "topic=Fog", "--payload", '{"sha":"abc1234"}']],
    ["a wrong payload", 2, ["deliver", "article.reviewed", "--run", "latest", "--payload", '{"decision":"maybe"}']],
    ["an unknown status", 2, ["list", "--status", "done"]],
    ["an unknown command", 2, ["lst"]],
    ["a failing run", 1, ["run", "failing"]],
  ])("%s", async (name, code, words) => {
    const { kindling } = await testProject();
    await kindling("run", "article", "--input", "topic=Rain");
    const called = await kindling(...words);
    await expect(steady(`exit ${called.code}\n${called.out}${called.err}`)).toMatchFileSnapshot(
      golden(`wrong-${name.replaceAll(" ", "-")}`),
    );
    expect(called.code).toBe(code);
    expect((await kindling("verify")).code).toBe(0);
  });

  it("a config that throws names the file, the place and the message", async () => {
    const { kindling, folder } = await testProject();
    await writeFile(join(folder, "kindling.config.ts"), 'const port: number = 1;\nthrow new Error("no port " + port);\n');
    const { code, err } = await kindling("list");
    expect(code).toBe(2);
    expect(err).toContain("kindling.config.ts:2");
    expect(err).toContain("no port 1");
  });

  it("no config at all says how to make one", async () => {
    const { kindling } = await testProject(true);
    expect(await kindling("list")).toMatchObject({ code: 2, err: expect.stringContaining("kindling init") });
  });

  it("a damaged ledger is refused with file and offset, and verify says the same and more", async () => {
    const { kindling, folder } = await testProject();
    for (const topic of ["Rain", "Snow"]) await kindling("run", "article", "--input", `topic=${topic}`);
    const segments = join(folder, ".kindling", "ledger", "segments");
    const file = join(segments, (await readdir(segments))[0] ?? "");
    const bytes = await readFile(file);
    bytes[400] = (bytes[400] ?? 0) ^ 1;
    await writeFile(file, bytes);
    const refused = await kindling("list");
    expect(refused.code).toBe(5);
    expect(refused.err).toMatch(/segments\/\S+ at byte \d+/);
    expect(await kindling("verify")).toMatchObject({ code: 5, err: expect.stringContaining("is damaged") });
  });

  it("--json answers in one shape, also for what is wrong, and says nothing else on stdout", async () => {
    const { json } = await testProject();
    expect(await json("run", "article")).toMatchObject({
      ok: false,
      command: "run",
      error: { code: "invalid_inputs", details: { issues: [{ at: "topic" }] } },
    });
    expect(await json("show", "latest")).toMatchObject({ ok: false, error: { code: "run_not_found" } });
    await json("run", "failing");
    expect(await json("list")).toMatchObject({
      ok: true,
      command: "list",
      result: { runs: [{ contract: "failing", status: "failed" }], cursor: null },
    });
  });
});
