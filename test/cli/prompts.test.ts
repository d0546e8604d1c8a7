// `kindling prompts` from outside: what it prints for people is kept in golden files, what it tells programs is looked into.

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { promptModule } from "../../src/cli/prompt-module.ts";
import { plainPaint } from "../../src/cli/view/paint.ts";
import { textDiff } from "../../src/cli/view/text-diff.ts";
import { parsePrompt } from "../../src/model/prompt.ts";
import { testProject, type TestProject } from "./command-line.ts";

const golden = (name: string) => new URL(`./golden/${name}.txt`, import.meta.url).pathname;

const TRIAGE = `---
name: triage
description: Sorts a ticket
inputs:
  ticket: json
  tone: string?
untrusted: [ticket]
temperature: 0.2
---
{{#system}}
You sort tickets.
{{! cache 1h}}
{{/system}}
{{#user}}
{{ticket.title}}
{{tone}}
{{/user}}
`;

async function project(
  files: Readonly<Record<string, string>> = {},
): Promise<TestProject & { readonly write: (file: string, text: string) => Promise<void> }> {
  const made = await testProject();
  const write = (file: string, text: string) => writeFile(join(made.folder, file), text);
  await copyFile(new URL("./fixtures/prompts.config.ts", import.meta.url), join(made.folder, "kindling.config.ts"));
  for (const place of ["prompts", "node_modules"]) await mkdir(join(made.folder, place));
  await write("prompts/triage.prompt.md", TRIAGE);
  await write("prompts/sum.prompt.md", "---\ninputs: { sorted: json }\n---\nSum up: {{sorted}}\n");
  await write("prompts/spare.prompt.md", "Nobody asks with this.\n");
  await write("node_modules/other.prompt.md", "{{wrong}}");
  for (const [file, text] of Object.entries(files)) await write(file, text);
  return { ...made, write };
}

/** Everything that a call printed, with its exit code. */
const said = async ({ kindling }: TestProject, ...words: string[]): Promise<string> => {
  const { code, out, err } = await kindling("prompts", ...words);
  return `$ prompts ${words.join(" ")}\n${out}${err}exit ${code}\n`;
};

// Each test calls the launcher several times, and every call is a process.
describe("prompts", () => {
  it("lists the files with what they read and who asks with them, and renders one as it is sent", async () => {
    const made = await project();
    const told = [
      await said(made, "list"),
      await said(made, "check"),
      await said(made, "render", "triage", "-i", 'ticket={"title":"7"}', "-i", "tone=7"),
      await said(made, "render", "triage", "-i", "tone=1", "-i", "tickt=1"),
      await said(made, "render", "prompts/sum.prompt.md"),
      await said(made, "render", "triag"),
    ];
    await expect(told.join("\n")).toMatchFileSnapshot(golden("prompts"));
    expect((await made.json("prompts", "list")).result["prompts"]).toMatchObject([
      { name: "spare", uses: [] },
      { name: "sum", uses: [{ contract: "sort", path: "sum", origin: { store: "langfuse", name: "sum", label: "production" } }] },
      {
        name: "triage",
        file: "prompts/triage.prompt.md",
        settings: { temperature: 0.2 },
        uses: [{ contract: "sort", path: "sorted[*]/team" }],
      },
    ]);
  });

  it("tells everything that is wrong with files at once, then what contracts make of them", async () => {
    const made = await project({
      "prompts/triage.prompt.md": TRIAGE.replace("{{#user}}", "{{#usr}}"),
      "prompts/spare.prompt.md": "---\nmodle: x\n---\n",
    });
    const files = await said(made, "check");
    await made.write("prompts/spare.prompt.md", "Right.");
    await made.write("prompts/triage.prompt.md", TRIAGE.replace("ticket.title", "ticket.titl"));
    const contracts = await said(made, "check");
    await expect(`${files}\n${contracts}`).toMatchFileSnapshot(golden("prompts-wrong"));
    expect(await made.json("prompts", "check")).toMatchObject({
      ok: false,
      command: "prompts check",
      error: {
        code: "prompts_wrong",
        details: { problems: [{ file: "kindling.config.ts", message: expect.stringContaining("prompt_path_unknown") }] },
      },
    });
  });

  it("shows what has changed since a run asked, and that a locked prompt is another one", async () => {
    const made = await project();
    // A merge has left it so: it is written anew.
    await made.write("prompts.lock.json", "<<<<<<< ours\n");
    const unlocked = await said(made, "check");
    const locked = unlocked + (await said(made, "lock"));
    await made.kindling("run", "sort", "--input", 'tickets=[{"title":"a"},{"title":"b"}]');
    await made.write("prompts/triage.prompt.md", TRIAGE.replace("You sort tickets.", "You sort tickets.\nBe kind."));
    const told = [locked, await said(made, "diff", "latest"), await said(made, "check"), await said(made, "diff", "latest", "nope")];
    await expect(told.join("\n").replaceAll(/run_\w+/g, "run_…")).toMatchFileSnapshot(golden("prompts-diff"));
    const { result } = await made.json("prompts", "diff", "latest", "sorted[b]/team");
    expect(result["prompts"]).toMatchObject([
      { name: "triage", paths: ["sorted[b]/team"], text: TRIAGE, isChanged: true, now: { text: expect.stringContaining("Be kind") } },
    ]);
  });

  it("brings a file up to what is kept in Langfuse, and leaves it where that cannot be had", async () => {
    const stored = {
      name: "sum",
      version: 4,
      type: "text",
      prompt: "Sum up in one line: {{sorted}}",
      config: {},
      labels: ["production"],
      tags: [],
    };
    const langfuse = createServer((_request, response) =>
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(stored)),
    );
    onTestFinished(() => void langfuse.close());
    const port = await new Promise<number>((resolve) =>
      langfuse.listen(0, "127.0.0.1", () => resolve((langfuse.address() as AddressInfo).port)),
    );
    const made = await project();
    expect(await said(made, "pull", "sum")).toContain("✗ langfuse sum (production) cannot be had: langfuse: there is no publicKey");
    const config = await readFile(join(made.folder, "kindling.config.ts"), "utf8");
    await made.write(
      "kindling.config.ts",
      config.replace('publicKey: ""', `publicKey: "pk", secretKey: "sk", baseUrl: "http://127.0.0.1:${port}"`),
    );
    const told = [await said(made, "pull", "sum"), await said(made, "pull", "sum"), await said(made, "pull", "triage")];
    await expect(told.join("\n")).toMatchFileSnapshot(golden("prompts-pull"));
    expect(await readFile(join(made.folder, "prompts/sum.prompt.md"), "utf8")).toBe(
      "---\ninputs: { sorted: json }\n---\nSum up in one line: {{sorted}}\n",
    );
  });

  it("writes a module with what fills them, and says when it is not true any more", async () => {
    const made = await project();
    expect(await made.kindling("prompts", "types")).toMatchObject({ code: 0, out: "✓ wrote prompts/index.ts: 3 prompts\n" });
    await expect(await readFile(join(made.folder, "prompts/index.ts"), "utf8")).toMatchFileSnapshot(golden("prompts-module"));
    expect(await made.kindling("prompts", "types", "--check")).toMatchObject({ code: 0 });
    await made.write("prompts/spare.prompt.md", "---\ninputs: { x: number }\n---\n{{x}}");
    expect(await made.kindling("prompts", "types", "--check")).toMatchObject({
      code: 1,
      out: expect.stringContaining("is not what the prompt files say now"),
    });
  });
});

describe("a module of prompts", () => {
  const file = (name: string, inputs: string, body: string) => ({
    file: `${name}.prompt.md`,
    path: `/p/${name}.prompt.md`,
    prompt: parsePrompt(`---\ninputs: { ${inputs} }\n---\n${body}`, { name, file: name }),
    problems: [],
  });

  it("names what is read of a value, and of lists nothing", () => {
    const text = promptModule("/p/index.ts", [
      file("a-b", "x: json, y: json?, z: json, n: number, s-t: string?", "{{x.a.b}}{{x.c}}{{y.a}}{{z.0.a}}{{n}}{{s-t}}"),
    ]);
    expect(text).toContain(
      'aB: promptFile<{ readonly x: { readonly a: { readonly b: unknown }; readonly c: unknown }; readonly y?: { readonly a?: unknown } | null; readonly z: unknown; readonly n: number; readonly "s-t"?: string | null }>(new URL("./a-b.prompt.md", import.meta.url)),',
    );
  });

  it("has no two prompts of one name", () => {
    expect(() => promptModule("/p/index.ts", [file("a-b", "x: json", "{{x}}"), file("aB", "x: json", "{{x}}")])).toThrow(
      "a-b.prompt.md and aB.prompt.md would both be called aB",
    );
  });
});

describe("a difference of texts", () => {
  it("shows the lines that are different with two around them, and counts the others", () => {
    const before = ["1", "2", "3", "4", "5", "6", "7", "8"].join("\n");
    expect(textDiff(before, before.replace("5", "five\nfunf"), plainPaint)).toEqual([
      "  … 2 lines …",
      "  3",
      "  4",
      "- 5",
      "+ five",
      "+ funf",
      "  6",
      "  7",
      "  … 1 line …",
    ]);
    expect(textDiff("a", "a", plainPaint)).toEqual([]);
  });

  it("hides nothing that a terminal would obey", () => {
    expect(textDiff("a", "a\u001b[31m", plainPaint)).toEqual(["- a", "+ a<U+001B>[31m"]);
  });
});
