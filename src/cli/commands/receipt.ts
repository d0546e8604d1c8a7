// `receipt`: one file about a run that anybody can check without the ledger.

import { writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { makeReceipt } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { readGiven } from "../given-file.ts";
import { type GlobalOptions, ledgerPlace } from "../project.ts";
import { withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { counted, groupDigits } from "../view/text.ts";

/** What `receipt` takes. */
export interface ReceiptCommandOptions extends GlobalOptions {
  readonly out?: string;
  readonly children?: boolean;
  readonly values?: boolean;
  readonly anchor?: string;
  readonly sign?: string;
}

/** Makes a receipt of a run. */
export function receipt(shell: Shell, name: string, options: ReceiptCommandOptions): Promise<Answer> {
  return withRun(shell, options, "read", name, async ({ loaded }, run): Promise<Answer> => {
    const facts = await run.facts();
    const runs = options.children === false ? [run.id] : [...new Set([run.id, ...facts.map((fact) => fact.run)])];
    const anchors = options.anchor === undefined ? undefined : await readGiven(shell, options.anchor);
    const text = await makeReceipt(ledgerPlace(loaded), {
      runs: [run.id, ...runs.filter((each) => each !== run.id)],
      ...(options.values === false ? { values: false } : {}),
      ...(anchors === undefined ? {} : { anchors }),
      ...(options.sign === undefined ? {} : { signing: { file: pathOf(shell, options.sign) } }),
    });
    const file = options.out ?? `${run.id}.receipt.json`;
    await writeFile(pathOf(shell, file), text, { mode: 0o600 });
    return {
      ok: true,
      result: { file, run: run.id, runs: runs.length, bytes: Buffer.byteLength(text) },
      lines: [
        `${shell.out.paint("good", "✓")} ${file}`,
        `  ${counted(runs.length, "run")}, ${groupDigits(Buffer.byteLength(text))} bytes; what it shows:`,
        `  ${shell.program} verify --receipt ${file}`,
      ],
    };
  });
}

function pathOf(shell: Shell, file: string): string {
  return isAbsolute(file) ? file : join(shell.cwd, file);
}
