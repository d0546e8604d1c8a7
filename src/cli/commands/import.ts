// `import`: takes an export from standard input into the project's ledger: into an empty place, or behind what an earlier one brought.

import { importLedger } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { ledgerFolder } from "../ledger-folder.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import type { Shell } from "../shell.ts";
import { counted } from "../view/text.ts";

/** Imports into the project's ledger. */
export async function importFrom(shell: Shell, options: GlobalOptions): Promise<Answer> {
  if (shell.input.isTTY)
    throw new UsageError("no_input", "import reads an export from standard input", { fix: `${shell.program} import < log.ndjson` });
  const folder = await ledgerFolder(shell, options, "import");
  const report = await importLedger(folder, shell.input);
  const taken = report.commits === 0 ? "nothing was new" : `took in ${counted(report.commits, "commit")}`;
  const { paint } = shell.out;
  const lines = [
    `${paint("good", "✓")} ${taken}; ${report.folder} holds commits up to ${report.position}`,
    paint("faint", `  chain ${report.chain}`),
  ];
  return { ok: true, result: report, lines };
}
