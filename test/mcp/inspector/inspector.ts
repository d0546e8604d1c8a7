// The MCP Inspector as a command. It is no dependency of the project, since a web application comes with it; `npm run inspector:install` puts it into a folder of
// its own.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";

export const INSPECTOR = "@modelcontextprotocol/inspector";
export const INSPECTOR_VERSION = "2.12.0";
/** Where it is installed. */
export const INSPECTOR_FOLDER = fileURLToPath(new URL("../../../.kindling/inspector", import.meta.url));

const PACKAGE = join(INSPECTOR_FOLDER, "node_modules", INSPECTOR);
const Manifest = z.object({ version: z.string() });

/** True when it is there in the version that is meant. */
export function isInspectorInstalled(): boolean {
  const manifest = join(PACKAGE, "package.json");
  return existsSync(manifest) && Manifest.parse(JSON.parse(readFileSync(manifest, "utf8"))).version === INSPECTOR_VERSION;
}

/** What it said, and how it ended: 0 is well, 5 an error of a tool, 6 a finding of `--strict`. */
export interface Inspected {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it, with a home of its own: it keeps a catalogue there. */
export function inspect(args: readonly string[], home: string): Promise<Inspected> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(PACKAGE, "clients/launcher/build/index.js"), "--cli", ...args], {
      env: { PATH: process.env["PATH"], HOME: home, USERPROFILE: home, NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}
