// The entry of the command line: the launcher imports it, and importing it runs it.

import { createRequire } from "node:module";
import { CommanderError } from "commander";
import { envelope } from "./answer.ts";
import { grammar } from "./grammar.ts";

const { version } = createRequire(import.meta.url)("kindling/package.json") as { readonly version: string };
// Looked for before the words are read, since they may be what is wrong.
const isJson = process.argv.includes("--json");
const program = grammar(version, isJson);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has said what is wrong with the usage; asking for help or the version is no error.
  const isAsked = error.exitCode === 0 || (error.code === "commander.help" && process.argv.length > 2);
  if (isJson && !isAsked) process.stdout.write(usageProblem(error));
  process.exitCode = isAsked ? 0 : 2;
}

function usageProblem({ message }: CommanderError): string {
  const name = process.argv.slice(2).find((word) => program.commands.some((each) => each.name() === word)) ?? "kindling";
  const [said = "", ...hints] = message.replace(/^error: /, "").split("\n");
  const fix = [...hints, `${name === "kindling" ? "kindling" : `kindling ${name}`} --help shows what there is.`]
    .join(" ")
    .replaceAll(/[()]/g, "");
  return envelope(name, { ok: false, exit: 2, problem: { name: "UsageError", code: "usage", message: said, fix, details: {} }, lines: [] });
}
