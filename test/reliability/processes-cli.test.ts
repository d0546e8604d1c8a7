// R9: the command line is used while another process writes the same ledger, and goes on by itself when that one is killed.

import { join } from "node:path";
import { expect, test } from "vitest";
import { fileLedger, verifyFolder } from "../../src/index.ts";
import { type TestProject, testProject } from "../cli/command-line.ts";
import { factsOf } from "../host/ledgers.ts";
import { figure } from "./figure.ts";
import { type SpokenProcess, speak } from "./os/spoken-process.ts";

const WRITER = new URL("os/project-writer-process.ts", import.meta.url);

test("the command line reads, starts, decides, delivers, cancels and verifies while another process writes, and after it was killed", {
  timeout: 300_000,
}, async () => {
  const project = await testProject();
  const writer = speak(WRITER, [project.folder]);
  await writer.says("started");
  const calls = (await useCommandLine(project, "Beside", writer)) + (await useCommandLine(project, "After", undefined));
  const folder = join(project.folder, ".kindling", "ledger");
  const started = (await factsOf(fileLedger(folder))).filter(({ type }) => type === "run.started").map(({ run }) => run);
  const acknowledged = writer.lines.flatMap((line) => (line.startsWith("started ") ? [line.slice("started ".length)] : []));
  expect(acknowledged.filter((run) => !started.includes(run))).toEqual([]);
  expect(started.length, "runs that were started twice").toBe(new Set(started).size);
  expect((await verifyFolder(folder)).faults).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(5);
  figure("R9", { "calls of the command line": calls, "starts of another process": acknowledged.length, lost: 0, doubled: 0 });
});

/** Takes one article through all its steps and cancels another one; gives how many calls that took. */
async function useCommandLine({ kindling, json }: TestProject, topic: string, writer: SpokenProcess | undefined): Promise<number> {
  const ended: number[] = [];
  const call = async (...words: string[]) => {
    const { code, out, err } = await kindling(...words);
    expect(code, `${words.join(" ")}: ${err}${out}`).toBe(0);
    ended.push(code ?? -1);
    return out;
  };
  const idOf = async (of: string) => {
    const { result } = await json("start", "article", "--input", `topic=${of}`);
    // The command line promises this member.
    return String((result["run"] as Record<string, unknown>)["id"]);
  };
  const id = await idOf(topic);
  expect(await call("show", id)).toContain("waiting");
  expect(await call("list")).toContain("article");
  await call("approve", id);
  await call("deliver", "article.merged", "--correlation", `topic=${topic}`, "--payload", '{"sha":"abcdef1"}');
  expect(await call("show", id)).toContain("succeeded");
  const other = await idOf(`${topic} too`);
  expect(await call("cancel", other, "--reason", "not wanted")).toContain("cancelled");
  await call("facts", id);
  await call("verify");
  expect(writer?.isAlive ?? true, "the other process is still writing").toBe(true);
  await writer?.kill();
  return ended.length + 2;
}
