// The part of the command line by which one ledger follows another.

import type { Command } from "commander";
import { command, gather, run } from "./command.ts";
import type { StoreExportOptions } from "./commands/store/export.ts";
import type { StoreImportOptions } from "./commands/store/import.ts";

/** Adds what writes facts out and takes them in. */
export function addTransfers(store: Command): void {
  command(store, "export", "write facts to standard output, line by line, for another ledger")
    .option("--after <position>", "only what was recorded behind this position: what the last import named as next")
    .option("--store <stores>", "only of these, with commas between (repeatable)", gather)
    .action((options: StoreExportOptions) =>
      run("store export", options, async (shell) => (await import("./commands/store/export.ts")).exportStores(shell, options)),
    );
  command(store, "import [file]", "take such an export in, from a file or - for stdin; without one, how far facts were taken")
    .option("--dry-run", "only tell what would become of it")
    .action((file: string | undefined, options: StoreImportOptions) =>
      run("store import", options, async (shell) => (await import("./commands/store/import.ts")).importStores(shell, file, options)),
    );
}
