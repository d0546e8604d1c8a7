// `anchor`: says how far the ledger goes, in one line, and brings it to a place outside.

import { resolve } from "node:path";
import { anchorLedger, type AnchorTarget, LedgerError } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { loadConfig } from "../config-file.ts";
import { UsageError } from "../problem.ts";
import { type GlobalOptions, ledgerPlace } from "../project.ts";
import type { Shell } from "../shell.ts";

/** What `anchor` takes. */
export interface AnchorCommandOptions extends GlobalOptions {
  readonly file?: string;
  readonly url?: string;
  readonly command?: readonly string[];
}

/** Makes one anchor. Without a place it is only printed. */
export async function anchor(shell: Shell, options: AnchorCommandOptions): Promise<Answer> {
  const place = ledgerPlace(await loadConfig(shell.cwd, options.config));
  if (place.folder === undefined)
    throw new LedgerError("not_a_folder", `the ledger ${place.location} is no folder`, {
      fix: "Anchors are made of ledgers made with fileLedger(folder).",
    });
  const made = await anchorLedger(place.folder, targetOf(shell, options), shell.now);
  return {
    ok: true,
    result: { anchor: made ?? null },
    lines: [made === undefined ? "there is nothing to anchor yet" : JSON.stringify(made)],
  };
}

function targetOf(shell: Shell, { file, url, command }: AnchorCommandOptions): AnchorTarget | undefined {
  const targets: AnchorTarget[] = [
    ...(file === undefined ? [] : [{ file: resolve(shell.cwd, file) }]),
    ...(url === undefined ? [] : [{ url }]),
    ...(command === undefined ? [] : [{ command }]),
  ];
  if (targets.length > 1)
    throw new UsageError("bad_option", "an anchor goes to one place", { fix: "Give one of --file, --url and --command." });
  return targets[0];
}
