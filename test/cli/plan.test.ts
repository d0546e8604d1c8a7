// `kindling plan` from outside: what it prints for people is kept in golden files, what it tells programs is looked into.

import { existsSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { steady, testProject } from "./command-line.ts";

const golden = (name: string) => new URL(`./golden/${name}.txt`, import.meta.url).pathname;

async function planProject() {
  const project = await testProject();
  await cp(new URL("./fixtures/plan.config.ts", import.meta.url), join(project.folder, "kindling.config.ts"));
  return project;
}

it("tells what is missing and what that holds up, and makes no ledger", async () => {
  const { kindling, folder } = await planProject();
  const { code, out, err } = await kindling("plan", "release", "wrds=5", "topic=it");
  await expect(steady(`exit ${code}\n${out}${err}`)).toMatchFileSnapshot(golden("plan-missing"));
  expect(code).toBe(0);
  expect(existsSync(join(folder, ".kindling"))).toBe(false);
});

it("tells order, waits, calls and costs of a run that can start", async () => {
  const { kindling } = await planProject();
  const { code, out } = await kindling("plan", "release", "topic=Rain", "words=80", "--prompt-tokens", "1000");
  await expect(steady(out)).toMatchFileSnapshot(golden("plan"));
  expect(code).toBe(0);
  expect((await kindling("plan", "post", "text=Rain", "channel=web", "--prompt-tokens", "1000")).out).toContain("$0.001 to $0.0035");
});

it("with --json gives the outlook, whichever way the inputs are given", async () => {
  const { json } = await planProject();
  const inputs = { given: ["text"], defaulted: [], missing: ["channel"], invalid: [] };
  for (const words of [["text=Rain"], ["--input", "text=Rain"], ["--inputs", '{"text":"Rain"}']])
    expect(await json("plan", "post", ...words)).toMatchObject({
      ok: true,
      command: "plan",
      result: { outlook: { version: "1", inputs } },
    });
});

it.each([
  ["an unknown contract", 3, ["plan", "releas"], 'Did you mean "release"?'],
  ["what is no pair", 2, ["plan", "release", "topic"], "write an input name=value"],
  ["a number of tokens that is none", 2, ["plan", "release", "--prompt-tokens", "many"], "is no number of tokens"],
])("%s is refused with the cure", async (_name, code, words, message) => {
  const { kindling } = await planProject();
  expect(await kindling(...words)).toMatchObject({ code, err: expect.stringContaining(message) });
});
