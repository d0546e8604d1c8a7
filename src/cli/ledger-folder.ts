// The folder of a project's ledger, for commands that work on its files.

import { LedgerError } from "../index.ts";
import { loadConfig } from "./config-file.ts";
import { type GlobalOptions, ledgerPlace } from "./project.ts";
import type { Shell } from "./shell.ts";

/** Where the project's ledger lies. @throws ConfigError, LedgerError `not_a_folder` */
export async function ledgerFolder(shell: Shell, { config }: GlobalOptions, command: string): Promise<string> {
  const { folder, location } = ledgerPlace(await loadConfig(shell.cwd, config));
  if (folder !== undefined) return folder;
  throw new LedgerError("not_a_folder", `the ledger ${location} is no folder`, {
    fix: `${command} works on ledgers made with fileLedger(folder).`,
  });
}
