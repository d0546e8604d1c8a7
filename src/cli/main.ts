// The entry of the command line: the launcher imports it, and importing it runs it.

import { createRequire } from "node:module";
import { CommanderError } from "commander";
import { grammar } from "./grammar.ts";

const { version } = createRequire(import.meta.url)("kindling/package.json") as { readonly version: string };
const program = grammar(version);
for (const each of [program, ...program.commands]) each.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has said what is wrong with the usage; asking for help or the version is no error.
  process.exitCode = error.exitCode === 0 || (error.code === "commander.help" && process.argv.length > 2) ? 0 : 2;
}
