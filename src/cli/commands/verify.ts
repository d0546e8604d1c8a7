// `verify`: walks every byte of the ledger and says what it found. Works beside a writer, and on a ledger that refuses to open.

import { LedgerError, verifyFolder, type VerifyReport } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { loadConfig } from "../config-file.ts";
import { type GlobalOptions, ledgerPlace } from "../project.ts";
import type { Shell } from "../shell.ts";
import type { Paint } from "../view/paint.ts";
import { counted, groupDigits, indented } from "../view/text.ts";

/** Verifies the project's ledger. */
export async function verify(shell: Shell, options: GlobalOptions): Promise<Answer> {
  const place = ledgerPlace(await loadConfig(shell.cwd, options.config));
  if (place.folder === undefined)
    throw new LedgerError("not_a_folder", `the ledger ${place.location} is no folder`, {
      fix: "verify works on ledgers made with fileLedger(folder).",
    });
  const report = await verifyFolder(place.folder);
  const lines = reportLines(report, place.location, shell.out.paint);
  if (report.ok) return { ok: true, result: report, lines };
  const fix =
    "Keep the folder as it is and make a copy of it. What stands before the first fault is whole and can be read; nothing is written to a damaged ledger.";
  const problem = {
    name: "LedgerError",
    code: "ledger_damaged",
    message: `${counted(report.faults.length, "fault")} in ${place.location}`,
    fix,
    details: { report },
  };
  return { ok: false, exit: 5, problem, lines: [...lines, "", fix] };
}

function reportLines(report: VerifyReport, location: string, paint: Paint): string[] {
  const sizes = `${counted(report.commits, "commit")}, ${counted(report.facts, "fact")}, ${counted(report.blobs, "blob")}, ${groupDigits(report.bytes)} bytes`;
  if (report.ok) return [`${paint("good", "✓")} ${location} is whole`, `  ${sizes}`, paint("faint", `  chain ${report.chain}`)];
  const faults = report.faults.map(({ file, offset, position, message }) => {
    const place = [offset === undefined ? "" : `offset ${offset}`, position === undefined ? "" : `position ${position}`]
      .filter((each) => each !== "")
      .join(", ");
    return `${paint("strong", file)}${place === "" ? "" : ` ${place}`}: ${message}`;
  });
  return [`${paint("bad", "✗")} ${location} is damaged`, `  whole before the first fault: ${sizes}`, ...indented(faults)];
}
