// The main example as a newcomer meets it: `npm start` without a terminal, the printed command pasted into a shell, and `npm start` again.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { paste, ROOT, type Settings, startExample } from "./example-process.ts";
import { startModelServer } from "./model-server.ts";

const MAIN = "release-notes/main.ts";
const AUDIENCES = ["app-developers", "operators", "node-users", "tool-authors"];
const changelog = readFileSync(join(ROOT, "examples/release-notes/changelog.md"), "utf8").replace(/\s+/g, " ").toLowerCase();

describe("without a key", () => {
  it("waits at the gate, is approved by the printed command, and ends with files quoted from the input", async () => {
    const folder = await temporaryFolder();
    const first = await startExample(folder, MAIN, await withoutModel()).ended;
    expect(first).toMatchObject({ code: 0, signal: null });
    expect(first.output).toMatch(/^Model: rules:words \(.*\)$/m);
    expect(first.errors).toMatch(/^ {2}✓ sort$/m);
    expect(first.errors, "what is written is shown when it begins").toMatch(/^ {2}… sort begins: \{"headline":"/m);
    expect(first.errors, "the notes find what the first of them read").toMatch(
      /^ {2}< notes\[.*tokens in, [\d,]+ of them from the cache, [\d,]+ out, \$0\.00\d/m,
    );
    expect(first.errors).toMatch(/^ {2}✓ notes\[operators\]\/write$/m);
    expect(first.errors).toMatch(/^ {2}\? review waits for notes\.reviewed, until /m);

    const command = approveCommand(first.output);
    const second = await startExample(folder, MAIN, await withoutModel()).ended;
    expect(second.code).toBe(0);
    expect(second.output).toMatch(/^Found: run run_\w+ .* waits for your review/);
    expect(approveCommand(second.output)).toBe(command);

    const approval = await paste(folder, command, await withoutModel());
    expect(approval, approval.errors).toMatchObject({ code: 0 });
    const files = pages(folder);
    for (const file of files) expect(approval.output).toContain(file);
    for (const file of files) expectQuotes(readFileSync(join(folder, file), "utf8"));

    const third = await startExample(folder, MAIN, await withoutModel()).ended;
    expect(third.code).toBe(0);
    expect(third.output).toMatch(/^Found: run run_\w+ .* is finished/);
    for (const file of files) expect(third.output).toContain(file);
    expect(third.output).toMatch(
      /\$0\.00: the rule-based stand-in answered 5 times.*tokens in \([\d,]+ of them from the cache\).* of play money/,
    );
    expect(third.output).toContain(join(".kindling", "release-notes"));
    expect(third.output).toContain("npm start -- --new");
  });

  it("starts a second run beside a waiting one when told to", async () => {
    const folder = await temporaryFolder();
    const first = await startExample(folder, MAIN, await withoutModel()).ended;
    const other = await startExample(folder, MAIN, await withoutModel(), ["--new"]).ended;
    expect(other.code).toBe(0);
    expect(approveCommand(other.output)).not.toBe(approveCommand(first.output));
  });

  it("goes on with a run that Ctrl-C stopped, and keeps what was done", async () => {
    const folder = await temporaryFolder();
    const slow = startExample(folder, MAIN, { ...(await withoutModel()), RULES_DELAY_MS: "1500" });
    await said(slow.child, "✓ sort");
    slow.child.kill("SIGINT");
    const stopped = await slow.ended;
    expect(stopped.code).toBe(130);
    expect(stopped.output).toContain("The run is kept");

    const next = await startExample(folder, MAIN, await withoutModel()).ended;
    expect(next.code).toBe(0);
    expect(next.output).toMatch(/^Found: run run_\w+ .* was interrupted/);
    expect(next.errors).not.toContain("sort asks");
    expect(approveCommand(next.output)).toContain("approve run_");
  });

  it("leaves an interrupted run as it is when the model asked for is not there, and says what to set", async () => {
    const folder = await temporaryFolder();
    const slow = startExample(folder, MAIN, { ...(await withoutModel()), RULES_DELAY_MS: "10000" });
    await said(slow.child, "> sort asks");
    slow.child.kill("SIGKILL");
    await slow.ended;

    const keyless = await startExample(folder, MAIN, { MODEL: "openai:some-model" }).ended;
    expect(keyless.code).toBe(1);
    expect(keyless.errors).toContain("Set OPENAI_API_KEY");

    const next = await startExample(folder, MAIN, await withoutModel()).ended;
    expect(next.code).toBe(0);
    expect(next.output).toMatch(/^Found: run run_\w+ .* was interrupted/);
  });
});

/** The settings that bring a model, and what is asked then. */
const MODELS: readonly (readonly [name: string, settings: (url: string) => Settings, line: string, asked: string])[] = [
  [
    "Claude, with ANTHROPIC_API_KEY",
    (url) => ({ ANTHROPIC_API_KEY: "test-key", ANTHROPIC_BASE_URL: url }),
    "Model: anthropic:claude-sonnet-5-5 (ANTHROPIC_API_KEY is set)",
    "/v1/messages claude-sonnet-5-5 test-key",
  ],
  [
    "a server with OpenAI's API, with OPENAI_API_KEY",
    (url) => ({ OPENAI_API_KEY: "test-key", OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: "local" }),
    "Model: openai:local (OPENAI_API_KEY is set)",
    "/v1/chat/completions local test-key",
  ],
  ["Ollama", (url) => ({ MODEL: "ollama:qwen3", OLLAMA_HOST: url }), "Model: ollama:qwen3 (as MODEL says)", "/api/chat qwen3 undefined"],
];

describe("with a model", () => {
  it.each(MODELS)("takes the same path: %s", async (_name, settings, line, asked) => {
    const folder = await temporaryFolder();
    const server = await startModelServer();
    try {
      const { code, output, errors } = await startExample(folder, MAIN, settings(server.url)).ended;
      expect({ code, errors }).toMatchObject({ code: 0 });
      expect(output).toContain(line);
      expect(output).toContain("to approve:");
      expect(server.requests.map((request) => request.output).toSorted()).toEqual(["sort", "write", "write", "write", "write"]);
      expect(new Set(server.requests.map(({ path, model, key }) => `${path} ${model} ${key}`))).toEqual(new Set([asked]));
    } finally {
      await server.close();
    }
  });

  it("says what is wrong when the key is refused, and starts anew when it is right", async () => {
    const folder = await temporaryFolder();
    const server = await startModelServer({ acceptedKey: "right-key" });
    try {
      const refused = await startExample(folder, MAIN, { ANTHROPIC_API_KEY: "wrong-key", ANTHROPIC_BASE_URL: server.url }).ended;
      expect(refused.code).toBe(1);
      expect(refused.errors).toContain("Check the API key");
      expect(refused.output + refused.errors).not.toContain("wrong-key");

      const accepted = await startExample(folder, MAIN, { ANTHROPIC_API_KEY: "right-key", ANTHROPIC_BASE_URL: server.url }).ended;
      expect(accepted.code).toBe(0);
      expect(accepted.output).toMatch(/^Found: run run_\w+ .* failed: .*\n.*\nStarting a new one\.$/m);
      expect(accepted.output).toContain("to approve:");
    } finally {
      await server.close();
    }
  });
});

/** Nothing, where there is no model; where Ollama runs, the example is told to leave it alone. */
async function withoutModel(): Promise<Settings> {
  const isOllamaHere = await fetch("http://127.0.0.1:11434/api/tags", { signal: AbortSignal.timeout(300) }).then(
    () => true,
    () => false,
  );
  return isOllamaHere ? { MODEL: "rules:words" } : {};
}

function approveCommand(output: string): string {
  return /^to approve: (.+)$/m.exec(output)?.[1] ?? expect.fail(`no command in: ${output}`);
}

/** The files, below the folder; fails when one is missing. */
function pages(folder: string): readonly string[] {
  return AUDIENCES.map((audience) => {
    const file = join("examples/release-notes/out/2.6.0", `${audience}.md`);
    expect(existsSync(join(folder, file)), file).toBe(true);
    return file;
  });
}

/** Every point of a page stands in the change log. */
function expectQuotes(markdown: string): void {
  const points = [...markdown.matchAll(/^- (.+?)(?: …)? \(#(\d+)\)$/gm)];
  expect(points.length).toBeGreaterThanOrEqual(4);
  for (const [, text = "", pull = ""] of points) {
    expect(changelog).toContain(text.toLowerCase());
    expect(changelog).toContain(`(#${pull})`);
  }
}

/** Resolves when a process has said something on standard error. */
function said(child: ReturnType<typeof startExample>["child"], text: string): Promise<void> {
  return new Promise((resolve) => {
    let seen = "";
    child.stderr?.on("data", (piece: string) => {
      seen += piece;
      if (seen.includes(text)) resolve();
    });
  });
}
