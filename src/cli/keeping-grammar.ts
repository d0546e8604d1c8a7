// The part of the command line that keeps a ledger in order: what is taken out of it, given up and copied.

import type { Command } from "commander";
import { command, run } from "./command.ts";
import type { CompactOptions } from "./commands/compact.ts";
import type { EraseOptions } from "./commands/erase.ts";
import type { ExportOptions } from "./commands/export.ts";
import type { GlobalOptions } from "./project.ts";

/** Adds the commands that give up what runs recorded. */
export function addGivingUp(program: Command): void {
  command(program, "erase <run>", "make a run of an encrypted ledger unreadable for ever, with its children")
    .option("--reason <text>", "why; recorded, and readable afterwards")
    .option("--yes", "do it: nothing brings it back")
    .action((id: string, options: EraseOptions) =>
      run("erase", options, async (shell) => (await import("./commands/erase.ts")).erase(shell, id, options)),
    );
  command(program, "compact", "give up runs that are past their retention, and make the ledger smaller; receipts stay")
    .option("--dry-run", "only tell what would be given up")
    .option("--keep <duration>", "how long after their end runs are kept, e.g. 30d; in place of the config's rules")
    .option("--contract <name>", "with --keep: only runs of this contract")
    .option("--status <status>", "with --keep: only runs that succeeded, failed or were cancelled")
    .option("--archive <folder>", "put what is removed there, as a ledger of its own")
    .option("--over-cursors", "remove also what consumers with a durable cursor were not told yet")
    .option("--reason <text>", "why; recorded, and readable afterwards")
    .action((options: CompactOptions) =>
      run("compact", options, async (shell) => (await import("./commands/compact.ts")).compact(shell, options)),
    );
}

/** Adds the commands that copy a ledger. */
export function addCopying(program: Command): void {
  command(program, "export", "write the ledger to standard output, line by line")
    .option("--from <position>", "from this commit on")
    .option("--to <position>", "up to this commit")
    .action((options: ExportOptions) =>
      run("export", options, async (shell) => (await import("./commands/export.ts")).exportTo(shell, options)),
    );
  command(program, "import", "take an export from standard input into the ledger").action((options: GlobalOptions) =>
    run("import", options, async (shell) => (await import("./commands/import.ts")).importFrom(shell, options)),
  );
  command(program, "backup <folder>", "copy the ledger while others may write to it, and verify the copy").action(
    (folder: string, options: GlobalOptions) =>
      run("backup", options, async (shell) => (await import("./commands/backup.ts")).backup(shell, folder, options)),
  );
  command(program, "salvage <damaged> <new>", "take what can be read of a damaged ledger into a new folder").action(
    (damaged: string, to: string, options: GlobalOptions) =>
      run("salvage", options, async (shell) => (await import("./commands/salvage.ts")).salvage(shell, damaged, to, options)),
  );
}
