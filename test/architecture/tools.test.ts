// The linter and the formatter have nothing to say; `npm run lint` and `npm run format` show and mend it.

import { execFile } from "node:child_process";
import { expect, it } from "vitest";
import { ROOT } from "./source-file.ts";

const OUTPUT_LIMIT_BYTES = 16 * 1024 * 1024;

/** Empty when the script of package.json succeeds, else what it printed. */
function complaints(script: string): Promise<string> {
  return new Promise((resolve) => {
    execFile("npm", ["run", "--silent", script], { cwd: ROOT, maxBuffer: OUTPUT_LIMIT_BYTES }, (error, out, err) => {
      resolve(error === null ? "" : `${out}${err}${error.message}`);
    });
  });
}

it.each(["lint", "format:check"])("npm run %s finds nothing", async (script) => {
  expect(await complaints(script)).toBe("");
});
