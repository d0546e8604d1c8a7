// Calls the real launcher in a project folder of its own, as a user does: without a terminal, and with nothing of this process's environment but PATH.

import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
// Inside the repository, so that the fixture's imports of the package resolve; `.kindling/` is ignored by git.
const PLACE = join(ROOT, ".kindling", "tests");

/** How a call ended. */
export interface Called {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A project to call the command line in. */
export interface TestProject {
  readonly folder: string;
  readonly kindling: (...words: string[]) => Promise<Called>;
  /** The result of a call with `--json`; fails the test when the call failed. */
  readonly json: (...words: string[]) => Promise<{
    readonly ok: boolean;
    readonly command: string;
    readonly result: Record<string, unknown>;
    readonly error: Record<string, unknown>;
  }>;
  readonly start: (...words: string[]) => Running;
}

/** A call under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Called>;
  /** Resolves once the text stands on stderr. */
  readonly said: (text: string) => Promise<void>;
}

/** Where processes find the source compiled. */
export const COMPILED = { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] };

/** A new project folder with the fixture's config, or an empty one outside the repository. */
export async function testProject(isEmpty = false): Promise<TestProject> {
  const { mkdir } = await import("node:fs/promises");
  await mkdir(PLACE, { recursive: true });
  const folder = await mkdtemp(join(isEmpty ? tmpdir() : PLACE, "project-"));
  if (!isEmpty) await cp(new URL("./fixtures/kindling.config.ts", import.meta.url), join(folder, "kindling.config.ts"));
  const start = (...words: string[]) => {
    const child = spawn(process.execPath, ["--conditions=kindling-source", join(ROOT, "bin", "kindling.js"), ...words], {
      cwd: folder,
      env: { ...COMPILED, PATH: process.env["PATH"], HOME: folder, TZ: "UTC", KINDLING_COMMAND: "kindling" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { child, ended: endOf(child), said: (text: string) => saidBy(child, text) };
  };
  const kindling = (...words: string[]) => start(...words).ended;
  return {
    folder,
    start,
    kindling,
    // The command line promises this shape; the tests look into it.
    json: async (...words) => JSON.parse((await kindling("--json", ...words)).out) as Awaited<ReturnType<TestProject["json"]>>,
  };
}

function endOf(child: ChildProcess): Promise<Called> {
  let out = "";
  let err = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (err += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
}

function saidBy(child: ChildProcess, text: string): Promise<void> {
  let said = "";
  return new Promise((resolve, reject) => {
    child.stderr?.on("data", (more: string) => {
      said += more;
      if (said.includes(text)) resolve();
    });
    child.once("close", () => reject(new Error(`it ended without saying "${text}": ${said}`)));
  });
}

/** Output with what differs from run to run put into a common form. */
export function steady(text: string): string {
  return text
    .replaceAll(/run_[0-9a-z]{26,32}/g, "run_…")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "<date>")
    .replaceAll(/\d\d:\d\d:\d\d\.\d{3}/g, "<time>")
    .replaceAll(/\d+ ms\b|\d+\.\d s\b/g, "<ms>")
    .replaceAll(AGO, (_, gap?: string) => (gap === undefined ? "<ago>" : "<ago>  "))
    .replaceAll(/\b[0-9a-f]{12}\b/g, "<hash>")
    .replaceAll(/ledger {2}\S+/g, "ledger  <folder>")
    .replaceAll(/due in [^\n]*/g, "due in <time>")
    .replaceAll(/cli:\S+?(?=[\s:]|$)/g, "cli:<user>")
    .replaceAll(/ +<ms>/g, " <ms>");
}

/** Times differ in width, and the column behind them begins where the widest ends. */
export const AGO = /(?:\d+ s ago|just now)( {2,})?/g;
