// `npm run toy-model:install`: puts the engine into a folder of its own, 22 MB, and touches nothing else: neither the project's node_modules nor
// its lock file. Exactly two packages, by exact version: the addon's own list of platforms is left out, and no script of theirs is run.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ADDON, ADDON_VERSION, engineFolder, isAddonInstalled, PLATFORM_PACKAGE } from "./addon.ts";

const folder = engineFolder();
const packages = [ADDON, PLATFORM_PACKAGE].map((name) => `${name}@${ADDON_VERSION}`);

if (isAddonInstalled()) console.log(`The toy model's engine is there already: ${folder}`);
else process.exitCode = install();

function install(): number {
  mkdirSync(folder, { recursive: true });
  // A package of its own, or npm would take the project around it for the place to install to.
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ name: "toy-engine", private: true }, null, 2)}\n`);
  const npm = [
    "install",
    "--prefix",
    folder,
    "--omit=optional",
    "--no-save",
    "--no-package-lock",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    ...packages,
  ];
  const { status, error } = spawnSync("npm", npm, { cwd: folder, stdio: "inherit", shell: process.platform === "win32" });
  if (status === 0 && isAddonInstalled()) {
    console.log(`The toy model's engine is installed: ${folder}`);
    return 0;
  }
  console.error(
    `The toy model's engine could not be installed (${packages.join(", ")})${error === undefined ? "" : `: ${error.message}`}.`,
  );
  return 1;
}
