// `kindling changes` from outside: lines for programs, a cursor that outlives the process, and following what another process writes.

import { describe, expect, it } from "vitest";
import { testProject } from "./command-line.ts";

interface Line {
  readonly position: number;
  readonly run: string;
  readonly facts: readonly { readonly type: string }[];
}

// Written by the command just now.
const linesOf = (out: string) =>
  out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);

describe("kindling changes", () => {
  it("writes a line for each commit, and with a cursor goes on behind the last one", async () => {
    const { kindling, json } = await testProject();
    await json("run", "article", "-i", "topic=rain");
    const first = await kindling("changes", "--cursor", "mail");
    expect(first.code).toBe(0);
    const lines = linesOf(first.out);
    expect(lines[0]?.facts[0]?.type).toBe("run.started");
    expect(await kindling("changes", "--cursor", "mail")).toEqual({ code: 0, out: "", err: "" });
    await json("approve", "latest");
    const next = linesOf((await kindling("changes", "--cursor", "mail")).out);
    expect(next[0]?.position).toBeGreaterThan(lines.at(-1)?.position ?? 0);
    const all = linesOf((await kindling("changes")).out);
    expect(all).toEqual([...lines, ...next]);
    const delivered = linesOf((await kindling("changes", "-k", "event.delivered", "-r", "latest", "-c", "topic=rain", "--after", "0")).out);
    expect(delivered.map(({ facts }) => facts.map(({ type }) => type))).toEqual([["event.delivered"]]);
    expect(linesOf((await kindling("changes", "-c", "topic=snow")).out)).toEqual([]);
  });

  it("follows what is recorded meanwhile, until it is stopped", async () => {
    const { start, json } = await testProject();
    await json("run", "article", "-i", "topic=rain");
    const following = start("changes", "--live", "--kind", "event.delivered");
    const said = new Promise<string>((resolve) => following.child.stdout?.once("data", (text: string) => resolve(text)));
    await json("approve", "latest");
    expect(linesOf(await said)[0]?.facts[0]?.type).toBe("event.delivered");
    following.child.kill("SIGINT");
    expect(await following.ended).toMatchObject({ code: 0, err: "" });
  });

  it.each([
    [["--json", "changes"], 2, "leave --json out"],
    [["changes", "--after", "x"], 2, "--after x is no position"],
    [["changes", "--after", "999"], 5, "the ledger ends at"],
    [["changes", "-k", "run.suceeded"], 2, 'Did you mean "run.succeeded"'],
    [["changes", "--cursor", "../x"], 2, "cannot name a cursor"],
  ])("%j is refused", async (words, code, text) => {
    const { kindling, json } = await testProject();
    await json("run", "article", "-i", "topic=rain");
    const called = await kindling(...words);
    expect(called.code).toBe(code);
    expect(`${called.err}${called.out}`.toLowerCase()).toContain(text.toLowerCase());
  });
});
