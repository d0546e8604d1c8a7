// Evaluations on the command line, by the real launcher over a real ledger.

import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Called, steady, testProject, type TestProject } from "./command-line.ts";

const golden = (name: string) => new URL(`./golden/eval-${name}.txt`, import.meta.url).pathname;
const named = (text: string) => steady(text).replaceAll(/@[0-9a-f]{8}/g, "@<plan>");

let project: TestProject;
const put = (file: string, text: string) => writeFile(join(project.folder, file), text);
const evaluated = (...words: string[]): Promise<Called> =>
  project.kindling("eval", "triage", "--data", "cases.jsonl", "--scorers", "scorers.ts", "--judge", "strict", ...words);

beforeAll(async () => {
  project = await testProject();
  await copyFile(new URL("./fixtures/eval.config.ts", import.meta.url), join(project.folder, "kindling.config.ts"));
  await put(
    "cases.jsonl",
    [
      { id: "money", inputs: { ticket: "I paid twice" }, expected: "billing" },
      { id: "crash", inputs: { ticket: "It fell over" }, expected: "bugs" },
    ]
      .map((each) => `${JSON.stringify(each)}\n`)
      .join(""),
  );
  await put(
    "scorers.ts",
    "export const short = ({ output }: { output: { team: string } }) => ({ score: output.team.length < 6, note: output.team });\n",
  );
});

describe("eval", () => {
  it("scores cases, keeps the evaluation, and gives it again at no cost", async () => {
    const called = await evaluated();
    expect(called.code).toBe(0);
    await expect(named(called.out)).toMatchFileSnapshot(golden("run"));
    expect(named(called.err)).toContain("2/2");
    const again = await evaluated("--min", "short=0.9");
    expect([again.code, again.out.split("\n").at(-2)]).toEqual([1, "✗ short is 0.500, and must be 0.9 at least"]);
    const { result } = await project.json("eval", "list");
    expect(result).toMatchObject({ evaluations: [{ contract: "triage", counts: { cases: 2, succeeded: 2 } }] });
    expect(
      (await project.json("list", "--tag", String((result["evaluations"] as { name: string }[])[0]?.name).replace(/^/, "evaluation:")))
        .result,
    ).toMatchObject({
      runs: { length: 5 },
    });
  });

  it("compares evaluations case by case", async () => {
    await put("new-words", "");
    await evaluated("--name", "louder");
    const { result } = await project.json("eval", "list");
    const [, before] = result["evaluations"] as { name: string }[];
    const called = await project.kindling("eval", "diff", before?.name ?? "", "louder");
    expect([called.code, called.err]).toEqual([0, ""]);
    await expect(named(called.out)).toMatchFileSnapshot(golden("diff"));
    const shown = await project.kindling("eval", "show", "louder");
    await expect(named(shown.out)).toMatchFileSnapshot(golden("show"));
  });

  it("refuses what it cannot take with every place that is wrong", async () => {
    await put("bad.jsonl", '{"inputs": {"ticket": "a"}}\n{"input": {}}\nnothing\n{"inputs": {}, "id": 7}\n');
    const refused = async (...words: string[]) => {
      const { code, err } = await project.kindling("eval", ...words);
      return `${code} ${err.trimEnd()}`;
    };
    await expect(
      `${[await refused("triage", "--data", "bad.jsonl", "--scorers", "scorers.ts"), await refused("triage", "--data", "cases.jsonl")].join(
        "\n\n",
      )}\n`,
    ).toMatchFileSnapshot(golden("refused"));
  });
});
