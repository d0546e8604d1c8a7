// `npm run inspector:install`: puts the MCP Inspector into a folder of its own, 77 MB, and touches nothing else: neither the project's node_modules nor its lock
// file. No script of a package is run.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { INSPECTOR, INSPECTOR_FOLDER, INSPECTOR_VERSION, isInspectorInstalled } from "./inspector.ts";

if (isInspectorInstalled()) console.log(`The MCP Inspector is there already: ${INSPECTOR_FOLDER}`);
else process.exitCode = install();

function install(): number {
  mkdirSync(INSPECTOR_FOLDER, { recursive: true });
  // A package of its own, or npm would take the project around it for the place to install to.
  writeFileSync(join(INSPECTOR_FOLDER, "package.json"), `${JSON.stringify({ name: "inspector", private: true }, null, 2)}\n`);
  const flags = ["--omit=optional", "--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status, error } = spawnSync("npm", ["install", "--prefix", INSPECTOR_FOLDER, ...flags, `${INSPECTOR}@${INSPECTOR_VERSION}`], {
    cwd: INSPECTOR_FOLDER,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (status === 0 && isInspectorInstalled()) {
    console.log(`The MCP Inspector is installed: ${INSPECTOR_FOLDER}`);
    return 0;
  }
  console.error(`The MCP Inspector could not be installed${error === undefined ? "" : `: ${error.message}`}.`);
  return 1;
}
