// bin/kindling.js in small packages of its own: which Node it takes, and that arguments, streams, exit codes and signals come through.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const LAUNCHER = fileURLToPath(new URL("../bin/kindling.js", import.meta.url));
const SUPPORTED = { major: 22, minor: 18 };

/** Prints how it was started, then does what its first argument says. */
const MAIN = `
const [what, code] = process.argv.slice(2);
console.log(JSON.stringify({ pid: process.pid, node: process.versions.node, flags: process.execArgv, args: process.argv.slice(2) }));
if (what === "exit") process.exit(Number(code));
if (what === "echo") process.stdin.pipe(process.stdout);
if (what === "die") process.kill(process.pid, "SIGKILL");
if (what === "wait") {
  const timer = setInterval(() => {}, 1000);
  let count = 0;
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {
    console.log(signal, ++count);
    setTimeout(() => { clearInterval(timer); process.exit(7); }, 100);
  });
  console.log("ready");
}
`;

let folder = "";

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "kindling-launcher-")));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  readonly pid: number | undefined;
}

interface Start {
  readonly node?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Called with the child when its output holds `ready`. */
  readonly onReady?: (child: ChildProcess) => void;
}

/** A package with the launcher in it, as installed from the registry or as a checkout. */
function packageAt(place: string, form: "installed" | "checkout" | "empty"): string {
  const root = join(folder, place);
  mkdirSync(join(root, "bin"), { recursive: true });
  copyFileSync(LAUNCHER, join(root, "bin", "kindling.js"));
  writeFileSync(join(root, "package.json"), JSON.stringify({ type: "module" }));
  const main = { installed: "dist/src/cli/main.js", checkout: "src/cli/main.ts", empty: undefined }[form];
  if (main !== undefined) {
    mkdirSync(dirname(join(root, main)), { recursive: true });
    writeFileSync(join(root, main), form === "checkout" ? MAIN.replace("let count =", "let count: number =") : MAIN);
  }
  if (form === "checkout") writeFileSync(join(root, "tsconfig.json"), "{}");
  return root;
}

/** A `node` package as the registry has it; without a program when its install script was not run. */
function nodePackageAt(place: string, version: string, program?: string): void {
  const root = join(folder, place, "node_modules", "node");
  mkdirSync(join(root, "bin"), { recursive: true });
  writeFileSync(join(root, "package.json"), JSON.stringify({ name: "node", version, bin: { node: "bin/node" } }));
  if (program !== undefined) symlinkSync(program, join(root, "bin", "node"));
}

async function run(root: string, args: readonly string[], start: Start = {}): Promise<Ended> {
  const env = { ...process.env, NODE_OPTIONS: "", ...start.env };
  const child = spawn(start.node ?? process.execPath, [join(root, "bin", "kindling.js"), ...args], { cwd: start.cwd ?? root, env });
  let out = "";
  let err = "";
  let isReady = false;
  child.stdout.on("data", (text: Buffer) => {
    out += text.toString();
    if (isReady || !out.includes("ready")) return;
    isReady = true;
    start.onReady?.(child);
  });
  child.stderr.on("data", (text: Buffer) => {
    err += text.toString();
  });
  child.stdin.on("error", () => {
    // It ended without reading to the end, which its exit code tells.
  });
  child.stdin.end(start.input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, out, err, pid: child.pid }));
  });
}

function firstLine(ended: Ended): { pid: number; node: string; flags: string[]; args: string[] } {
  const report: unknown = JSON.parse(ended.out.split("\n")[0] ?? "");
  // The line is MAIN's own report.
  return report as { pid: number; node: string; flags: string[]; args: string[] };
}

/** A Node on this machine that is too old for Kindling, if there is one. */
function oldNode(): string | undefined {
  const programs = (process.env["PATH"] ?? "").split(delimiter).map((place) => join(place, "node"));
  return programs.filter(existsSync).find((program) => {
    const [major = 0, minor = 0] = execFileSync(program, ["-p", "process.versions.node"]).toString().split(".").map(Number);
    return major < SUPPORTED.major || (major === SUPPORTED.major && minor < SUPPORTED.minor);
  });
}

describe("under a Node that can run Kindling", () => {
  it("the installed command line runs in the same process", async () => {
    const ended = await run(packageAt("installed", "installed"), ["exit", "3", "a b", "--flag"]);
    expect(firstLine(ended)).toEqual({ pid: ended.pid, node: process.versions.node, flags: [], args: ["exit", "3", "a b", "--flag"] });
    expect(ended).toMatchObject({ code: 3, signal: null, err: "" });
  });

  it("a checkout runs its source, with the condition that resolves to source", async () => {
    const ended = await run(packageAt("checkout", "checkout"), ["exit", "4"]);
    expect(firstLine(ended)).toMatchObject({ flags: ["--conditions=kindling-source"], args: ["exit", "4"] });
    expect(ended).toMatchObject({ code: 4, err: "" });
  });

  it("a checkout needs no second process when the condition is set already", async () => {
    const ended = await run(packageAt("checkout", "checkout"), ["exit", "0"], { env: { NODE_OPTIONS: "--conditions=kindling-source" } });
    expect(firstLine(ended).pid).toBe(ended.pid);
  });

  it("a package without a command line is told in one line", async () => {
    const ended = await run(packageAt("empty", "empty"), []);
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(/^kindling: .*main\.js is missing; .*\n$/);
  });
});

describe("through a second process", () => {
  it("what is typed in comes out", async () => {
    const ended = await run(packageAt("checkout", "checkout"), ["echo"], { input: "grüße\n" });
    expect(ended.out.split("\n")[1]).toBe("grüße");
    expect(ended.code).toBe(0);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("%s arrives once and the exit code comes back", async (signal) => {
    const ended = await run(packageAt("checkout", "checkout"), ["wait"], { onReady: (child) => child.kill(signal) });
    expect(ended.out.trim().split("\n").slice(2)).toEqual([`${signal} 1`]);
    expect(ended).toMatchObject({ code: 7, signal: null });
  });

  it("the death of the command line by a signal is the launcher's own", async () => {
    const ended = await run(packageAt("checkout", "checkout"), ["die"]);
    expect(ended).toMatchObject({ code: null, signal: "SIGKILL" });
  });
});

const old = oldNode();
const skipped = old === undefined ? " (skipped: no Node older than 22.18 on this machine's PATH)" : "";

describe.skipIf(old === undefined)(`under an old Node${skipped}`, () => {
  const start = old === undefined ? {} : { node: old };

  it("the node package beside the installed package is taken", async () => {
    const root = packageAt("app/node_modules/kindling", "installed");
    nodePackageAt("app", process.versions.node, process.execPath);
    const ended = await run(root, ["exit", "5"], { ...start, cwd: folder });
    expect(firstLine(ended)).toMatchObject({ node: process.versions.node, flags: [] });
    expect(ended).toMatchObject({ code: 5, err: "" });
  });

  it("else the one of the working directory, nearest first, too old and empty ones passed over", async () => {
    const root = packageAt("global/kindling", "installed");
    nodePackageAt("app", process.versions.node, process.execPath);
    nodePackageAt("app/packages", "24.0.0");
    nodePackageAt("app/packages/one", "20.1.0", process.execPath);
    const ended = await run(root, ["exit", "0"], { ...start, cwd: join(folder, "app/packages/one") });
    expect(firstLine(ended).node).toBe(process.versions.node);
  });

  it("a program that cannot be started is told", async () => {
    const root = packageAt("app", "installed");
    nodePackageAt("app", "24.0.0", join(LAUNCHER, "..", "..", "LICENSE"));
    const ended = await run(root, [], start);
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(/^kindling: cannot start .*EACCES\n$/);
  });

  it("without any, one line says what to install", async () => {
    const ended = await run(packageAt("app", "installed"), ["list"], start);
    expect(ended).toMatchObject({ code: 1, out: "" });
    expect(ended.err).toMatch(
      /^kindling: needs Node 22\.18 or newer and found \d+\.\d+\.\d+: install it, or run npm install --save-dev node@24\.\n$/,
    );
  });
});
