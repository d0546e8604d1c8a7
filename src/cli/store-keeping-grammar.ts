// The part of the command line for what becomes of facts of the application: what of their past goes, and the receipts of it.

import type { Command } from "commander";
import { command, run } from "./command.ts";
import type { StoreEraseOptions, StoreKeepOptions, StorePurgeOptions } from "./commands/store/keep.ts";
import type { StoreReceiptsOptions, StoreResolveOptions } from "./commands/store/receipts.ts";

/** Adds the commands to `store`. */
export function addStoreKeeping(store: Command): void {
  planned(
    command(store, "compact [store...]", "give up what the retention of stores does not keep; of all of the config when none is named"),
  ).action((names: string[], options: StoreKeepOptions) =>
    run("store compact", options, async (shell) => (await import("./commands/store/keep.ts")).compactStores(shell, names, options)),
  );
  planned(command(store, "prune <id...>", "give up the values of exactly these facts; what names them finds the rest")).action(
    (ids: string[], options: StoreKeepOptions) =>
      run("store prune", options, async (shell) => (await import("./commands/store/keep.ts")).pruneStore(shell, ids, options)),
  );
  planned(command(store, "purge", "take what was given up off the disk"))
    .option("--archive <folder>", "put what is removed there, as a ledger of its own")
    .option("--over-cursors", "remove also what consumers with a durable cursor were not told yet")
    .action((options: StorePurgeOptions) =>
      run("store purge", options, async (shell) => (await import("./commands/store/keep.ts")).purgeStores(shell, options)),
    );
  planned(command(store, "erase <store> <key>", "make all that was ever said of a key of an encrypted ledger unreadable for ever"))
    .option("--derived", "also the keys of what rests on it")
    .option("--yes", "do it: nothing brings it back")
    .action((name: string, key: string, options: StoreEraseOptions) =>
      run("store erase", options, async (shell) => (await import("./commands/store/keep.ts")).eraseKey(shell, name, key, options)),
    );
  command(store, "receipts", "what was given up, taken out or erased, by whom and why, newest first")
    .option("--store <store>", "only of this one")
    .option("--kind <kind>", "compact, prune, purge, erase or late")
    .option("--limit <count>", "how many (default 50)")
    .option("--cursor <cursor>", "of the part before")
    .action((options: StoreReceiptsOptions) =>
      run("store receipts", options, async (shell) => (await import("./commands/store/receipts.ts")).storeReceipts(shell, options)),
    );
  command(store, "resolve <id>", "what an id of a fact leads to: the fact, or what is left of it")
    .option("--boundary", "the boundary that it was closed with, where there is one")
    .action((id: string, options: StoreResolveOptions) =>
      run("store resolve", options, async (shell) => (await import("./commands/store/receipts.ts")).resolveId(shell, id, options)),
    );
}

function planned(store: Command): Command {
  return store
    .option("--dry-run", "only tell the plan")
    .option("--plan <hash>", "carry out exactly the plan of this hash, or nothing")
    .option("--reason <text>", "why; recorded, and readable afterwards");
}
