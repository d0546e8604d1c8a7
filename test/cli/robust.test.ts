// Projects that are not tidy: they print, hold things open, hide characters, lose contracts. The command line stays readable, and ends.

import { spawn } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { testProject } from "./command-line.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const NOISY = `
import { contract, defineConfig } from "kindling";
import { z } from "zod";

console.log("the config speaks");
setInterval(() => {}, 1_000);

const noisy = contract("noisy", {
  inputs: { pages: z.array(z.string()).default(["a"]) },
  define(g, { pages }) {
    const text = g.compute("text", {
      needs: {},
      run: (_needs, { log }) => {
        console.log("a node speaks");
        process.stdout.write("straight to stdout\\n");
        log("careful", { step: 1 });
        return "safe\\u202Egnp.exe\\u001b[2J";
      },
    });
    const kept = g.collection("kept", {
      over: pages,
      as: "page",
      key: (page) => page,
      each: (g, { page }) =>
        g.await("ask", {
          event: "page.asked",
          schema: z.discriminatedUnion("decision", [z.object({ decision: z.literal("approve") }), z.object({ decision: z.literal("reject"), reason: z.string() })]),
          show: { page },
          by: "human",
          timeout: "1d",
        }),
    });
    const colour = g.await("colour", { event: "colour.chosen", schema: z.object({ colour: z.enum(["red", "blue"]) }), show: { text }, by: "human", timeout: "1d" });
    return { kept, colour };
  },
});

export default defineConfig({ contracts: [noisy] });
`;

async function noisyProject() {
  const project = await testProject();
  await writeFile(join(project.folder, "kindling.config.ts"), NOISY);
  return project;
}

describe("a project that prints and holds things open", () => {
  it("has its words on stderr, and the process ends all the same", async () => {
    const { kindling } = await noisyProject();
    const { out, err, code } = await kindling("--json", "run", "noisy");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ ok: true, command: "run", result: { run: { status: "waiting" } } });
    for (const words of ["the config speaks", "a node speaks", "straight to stdout"]) expect(err).toContain(words);
    const started = await kindling("start", "noisy");
    expect(started.out).toMatch(/^run_\w{26}\n/);
    expect(started.err).toContain('│ text  careful  {"step":1}');
  });

  it("may be read by somebody who has seen enough", async () => {
    const { folder, kindling } = await noisyProject();
    await kindling("run", "noisy");
    const child = spawn(process.execPath, ["--conditions=kindling-source", join(ROOT, "bin", "kindling.js"), "--json", "facts", "latest"], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
    expect(err).not.toContain("EPIPE");
  });
});

describe("a decision", () => {
  it("shows hidden characters for what they are, and says which payload it needs when the schema has no yes or no", async () => {
    const { kindling } = await noisyProject();
    await kindling("run", "noisy");
    const { code, err } = await kindling("approve", "latest", "colour");
    expect(code).toBe(2);
    expect(err).toContain("text  safe<U+202E>gnp.exe<U+001B>[2J");
    expect(err).toContain('colour: "red" or "blue"');
    expect(err).toMatch(/kindling deliver colour\.chosen --run run_\w+ --path colour --payload '\{"colour":"red"\}'/);
  });

  it("among several gates must name one; what it lacks is named, and then it goes through", async () => {
    const { kindling } = await noisyProject();
    await kindling("run", "noisy", "--input", 'pages=["a","b"]');
    const unclear = await kindling("reject", "latest");
    expect(unclear).toMatchObject({ code: 2, err: expect.stringContaining("3 gates of run") });
    expect(unclear.err).toMatch(/kindling reject run_\w+ 'kept\[b\]\/ask'/);
    expect(await kindling("reject", "latest", "kept[a]/ask")).toMatchObject({
      code: 2,
      err: expect.stringContaining("Add --set reason=<text>"),
    });
    expect(await kindling("reject", "latest", "kept[a]/ask", "--set", "reason=2026")).toMatchObject({
      code: 0,
      err: expect.stringContaining("✓ kept[a]"),
    });
  });
});

describe("a project that lost a contract", () => {
  it("still lists, shows the inbox, and goes on with the other runs", async () => {
    const { kindling, folder } = await noisyProject();
    await kindling("run", "noisy");
    const fixture = await readFile(new URL("./fixtures/kindling.config.ts", import.meta.url), "utf8");
    await writeFile(join(folder, "kindling.config.ts"), fixture);
    await kindling("run", "article", "--input", "topic=Rain");
    const inbox = await kindling("inbox");
    expect(inbox.out).toContain("colour of noisy");
    expect(inbox.out).toMatch(/kindling approve run_\w+ review/);
    const lost = /show (run_\w+)/.exec(inbox.out)?.[1] ?? "";
    expect(await kindling("show", lost)).toMatchObject({
      code: 3,
      err: expect.stringContaining(`kindling facts ${lost} shows what is recorded`),
    });
    expect(await kindling("facts", lost)).toMatchObject({ code: 0, out: expect.stringContaining("await.opened") });
    expect((await kindling("resume")).code).toBe(0);
  });
});

describe("wrong usage", () => {
  it.each([
    [["--json", "lst"], "kindling", "unknown command 'lst'"],
    [["run", "--json"], "run", "missing required argument 'contract'"],
    [["list", "--bogus", "--json"], "list", "unknown option '--bogus'"],
  ])("with --json is told as JSON: %s", async (words, command, message) => {
    const { kindling } = await testProject(true);
    const { code, out, err } = await kindling(...words);
    expect({ code, err }).toEqual({ code: 2, err: "" });
    expect(JSON.parse(out)).toMatchObject({ ok: false, command, error: { name: "UsageError", code: "usage", message } });
  });
});

describe("what init writes", () => {
  it("passes the compiler, runs, and is approved", async () => {
    const { kindling, folder } = await testProject(true);
    await kindling("init");
    await linkPackages(folder);
    const compiled = spawn(
      process.execPath,
      [join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-p", folder, "--customConditions", "kindling-source"],
      { stdio: "pipe" },
    );
    let said = "";
    compiled.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    expect(await new Promise((resolve) => compiled.once("close", resolve)), said).toBe(0);
    expect(await kindling("run", "greeting", "--input", "name=Ada")).toMatchObject({ code: 0 });
    expect(await kindling("approve", "latest")).toMatchObject({ code: 0, out: expect.stringContaining("Hello Ada!") });
  });
});

/** What `npm install` would bring. */
async function linkPackages(folder: string): Promise<void> {
  await mkdir(join(folder, "node_modules", "@types"), { recursive: true });
  await symlink(ROOT, join(folder, "node_modules", "kindling"));
  for (const name of ["zod", "@types/node"]) await symlink(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
}

describe("a project that npm init has just made", () => {
  it("is told how its config can be a module", async () => {
    const { folder, kindling } = await testProject();
    await writeFile(join(folder, "package.json"), JSON.stringify({ name: "new", type: "commonjs" }));
    expect(await kindling("list")).toMatchObject({ code: 2, err: expect.stringContaining("npm pkg set type=module") as string });
  });
});
