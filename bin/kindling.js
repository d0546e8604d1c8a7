#!/usr/bin/env node
// Starts the command line under a Node that can run it. Plain JavaScript, since an old Node must be able to read it;
// it knows where the command line stands and nothing of what it does.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const SOURCE_CONDITION = "--conditions=kindling-source";

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const sourceMain = join(packageFolder, "src", "cli", "main.ts");
// The published package holds the source too, for readers and debuggers; only a checkout has a tsconfig.json beside it.
const isCheckout = existsSync(sourceMain) && existsSync(join(packageFolder, "tsconfig.json"));
const main = isCheckout ? sourceMain : join(packageFolder, "dist", "src", "cli", "main.js");

// How the command line calls itself in what it prints, so that it can be pasted where it was called; KINDLING_COMMAND is how somebody else wants it called.
process.env.KINDLING_CALLED_AS = isCheckout ? `node ${relative(process.cwd(), fileURLToPath(import.meta.url))}` : "npx kindling";

if (!existsSync(main)) {
  stop(`kindling: ${main} is missing; install the package again, or run npm run build in a checkout.`);
} else if (!runsKindling(process.versions.node)) {
  const node = installedNode(packageFolder) ?? installedNode(process.cwd());
  if (node === undefined)
    stop(`kindling: needs Node 22.18 or newer and found ${process.versions.node}: install it, or run npm install --save-dev node@24.`);
  else startUnder(node);
} else if (isCheckout && !hasSourceCondition()) {
  startUnder(process.execPath);
} else {
  await import(pathToFileURL(main).href);
}

/** Type stripping is on by default from 22.18 and 23.6; the package asks for 22.18, so 23.0 to 23.5 are too old as well. */
function runsKindling(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

function hasSourceCondition() {
  const given = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? "").split(" ")].join(" ");
  return /(?:--conditions|-C)[= ]kindling-source\b/.test(given);
}

/** The program of the nearest usable `node` package from a folder upwards. */
function installedNode(start) {
  for (let folder = start; ; folder = dirname(folder)) {
    const place = join(folder, "node_modules", "node");
    const program = programOf(place);
    if (program !== undefined) return program;
    if (folder === dirname(folder)) return undefined;
  }
}

function programOf(place) {
  const manifest = join(place, "package.json");
  if (!existsSync(manifest)) return undefined;
  const { version, bin } = JSON.parse(readFileSync(manifest, "utf8"));
  const file = typeof bin === "string" ? bin : bin?.node;
  if (typeof version !== "string" || typeof file !== "string" || !runsKindling(version)) return undefined;
  // Without its install script the package is there and its program is not.
  const program = join(place, file);
  return existsSync(program) ? program : undefined;
}

function startUnder(node) {
  const flags = isCheckout && !hasSourceCondition() ? [SOURCE_CONDITION] : [];
  const child = spawn(node, [...process.execArgv, ...flags, main, ...process.argv.slice(2)], { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const hasTerminal = Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
  for (const signal of signals) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C and its hang-up to the child as well: passing them on would deliver them twice.
      if (signal === "SIGTERM" || !hasTerminal) child.kill(signal);
    });
  }
  child.on("error", (error) => stop(`kindling: cannot start ${node}: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    // The caller sees the death the child died; where a signal cannot be raised, the shell's number for it.
    for (const name of signals) process.removeAllListeners(name);
    process.exitCode = 128 + (constants.signals[signal] ?? 0);
    process.kill(process.pid, signal);
  });
}

function stop(message) {
  console.error(message);
  process.exitCode = 1;
}
