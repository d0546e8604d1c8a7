// `export`: writes the ledger to standard output, line by line. What it says besides goes to standard error.

import { exportLedger } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { ledgerFolder } from "../ledger-folder.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import type { Shell } from "../shell.ts";
import { counted, groupDigits } from "../view/text.ts";

/** Options of `export`. */
export interface ExportOptions extends GlobalOptions {
  readonly from?: string;
  readonly to?: string;
}

/** Exports the project's ledger, or a part of it. */
export async function exportTo(shell: Shell, options: ExportOptions): Promise<Answer> {
  const { from, to, json } = options;
  if (json === true) {
    throw new UsageError("no_json", "export writes the ledger itself to standard output, and --json has no place beside it", {
      fix: `Leave --json out: ${shell.program} export > log.ndjson`,
    });
  }
  const folder = await ledgerFolder(shell, options, "export");
  const report = await exportLedger(
    folder,
    // Whole lines, so no character is cut.
    (lines) => shell.out.write(Buffer.from(lines.buffer, lines.byteOffset, lines.length).toString("utf8")),
    { ...(from === undefined ? {} : { from: Number(from) }), ...(to === undefined ? {} : { to: Number(to) }) },
  );
  const commits = counted(report.to - report.from + 1, "commit");
  await shell.err.write(
    `exported ${commits} from ${report.from} on, ${counted(report.blobs, "blob")}, ${groupDigits(report.bytes)} bytes\n`,
  );
  return { ok: true, result: report, lines: [] };
}
