// `backup`: copies the ledger into a folder while others may write to it, and verifies the copy.

import { resolve } from "node:path";
import { backupLedger } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { ledgerFolder } from "../ledger-folder.ts";
import type { GlobalOptions } from "../project.ts";
import type { Shell } from "../shell.ts";
import { counted } from "../view/text.ts";

/** Backs the project's ledger up. */
export async function backup(shell: Shell, to: string, options: GlobalOptions): Promise<Answer> {
  const folder = await ledgerFolder(shell, options, "backup");
  const report = await backupLedger(folder, resolve(shell.cwd, to));
  const { segments, blobsCopied, verified } = report;
  const { paint } = shell.out;
  const lines = [
    `${paint("good", "✓")} ${report.folder} holds commits up to ${report.position}, and is whole`,
    `  ${counted(segments.copied, "segment")} copied, ${segments.kept} kept; ${counted(blobsCopied, "blob")} copied of ${verified.blobs}`,
    paint("faint", `  chain ${report.chain}`),
  ];
  return { ok: true, result: report, lines };
}
