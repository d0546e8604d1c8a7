// Runs the TypeScript compiler as authors run it and reads what it says.

import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const COMPILER = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;

/** One error of the compiler; line and column count from 1, the file is relative to the root. */
export interface TypeError {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
}

/** What a run of the compiler gave: its whole output, also when it found errors. */
export function runCompiler(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: ROOT, maxBuffer: OUTPUT_LIMIT_BYTES };
    execFile(process.execPath, [COMPILER, "--noEmit", "--pretty", "false", ...args], options, (error, stdout, stderr) => {
      // Exit codes 1 and 2 mean that it found errors, which is what the callers ask for.
      if (error !== null && error.code !== 1 && error.code !== 2) reject(new Error(`tsc failed: ${error.message}\n${stderr}`));
      else resolve(stdout);
    });
  });
}

/** The errors in a compiler's output; the indented lines after one belong to its message. */
export function readErrors(output: string): readonly TypeError[] {
  const errors: TypeError[] = [];
  for (const line of output.split("\n")) {
    const match = /^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/.exec(line);
    const last = errors.at(-1);
    if (match !== null) {
      const [, file = "", row = "", column = "", code = "", message = ""] = match;
      errors.push({ file, line: Number(row), column: Number(column), code, message });
    } else if (last !== undefined && line.startsWith("  ")) {
      errors[errors.length - 1] = { ...last, message: `${last.message}\n${line}` };
    }
  }
  return errors;
}

/** The instantiations the checker needed, from an output with `--extendedDiagnostics`. */
export function readInstantiations(output: string): number {
  const count = /^Instantiations:\s+(\d+)$/m.exec(output)?.[1];
  if (count === undefined) throw new Error(`the compiler printed no count of instantiations:\n${output}`);
  return Number(count);
}
