// The part of the command line for facts of the application: stores and histories.

import type { Command } from "commander";
import { command, gather, run } from "./command.ts";
import type { StoreActivityOptions } from "./commands/store/activity.ts";
import type { StoreGetOptions } from "./commands/store/get.ts";
import type { StoreHistoryOptions } from "./commands/store/history.ts";
import type { StoreLineageOptions } from "./commands/store/lineage.ts";
import type { FollowOption, GivenValueOptions, StoreChangeOptions } from "./commands/store/put.ts";
import type { StoreQueryOptions } from "./commands/store/query.ts";
import type { WatchOptions } from "./commands/watch.ts";
import type { GlobalOptions } from "./project.ts";
import { addTransfers } from "./store-transfer-grammar.ts";
import { addStoreKeeping } from "./store-keeping-grammar.ts";

/** Adds `store` and what it can do. */
export function addStores(program: Command): void {
  const store = command(
    program,
    "store",
    "facts of the application: what stores and histories hold, where it comes from, and changes of it",
  );
  addReading(store);
  addTelling(store);
  addChanging(store);
  addIndexing(store);
  addTransfers(store);
  addStoreKeeping(store);
  addWatching(program);
}

function addWatching(program: Command): void {
  command(program, "watch", "facts of stores and histories as they are recorded, until Ctrl-C; with --json a JSON line for each")
    .option("--store <store>", "only of this one (repeatable)", gather)
    .option("--in <index=value>", "what enters this part of an index of the store, changes in it and leaves it")
    .option("--kind <kind>", "only of stores, or of histories: store or history", gather)
    .option("--act <act>", "only values, or removals: written or removed", gather)
    .option("--key <key>", "only of this key, or part of a history (repeatable)", gather)
    .option("-r, --run <run>", "only what this run and its children recorded, or what names them as a cause")
    .option("--cursor <name>", "go on behind what was told under this name, and keep how far it went")
    .option("--after <position>", "only what stands behind a position, whatever the cursor says")
    .option("--no-live", "what there is, and no waiting for more")
    // Each line is JSON by itself: an envelope around them has no place.
    .action((options: WatchOptions) =>
      run("watch", { ...options, json: false }, async (shell) => (await import("./commands/watch.ts")).watch(shell, options)),
    );
}

function addReading(store: Command): void {
  command(store, "list", "stores and histories that the ledger holds or the config knows").action((options: GlobalOptions) =>
    run("store list", options, async (shell) => (await import("./commands/store/list.ts")).listStores(shell, options)),
  );
  command(store, "get <store> <key>", "what a key says")
    .option(...AS_OF)
    .option("--valid-at <time>", "as it held in the world at a time")
    .option("--raw", "as it was recorded, not as the definition reads it")
    .option("--full", "show the value whole")
    .action((name: string, key: string, options: StoreGetOptions) =>
      run("store get", options, async (shell) => (await import("./commands/store/get.ts")).getFact(shell, name, key, options)),
    );
  command(store, "query <store> <index> [value]", "what an index finds under a value, in a part of it, or in all of it, in its order")
    .option("--from <value>", "from this value on; --above without it")
    .option("--above <value>", "what is greater")
    .option("--to <value>", "up to this value; --below without it")
    .option("--below <value>", "what is less")
    .option("--starts-with <text>", "texts that begin so")
    .option("--descending", "in the other order")
    .option("--limit <count>", "how many (default 100)")
    .option("--cursor <cursor>", "of the part before")
    .option(...AS_OF)
    .option("--scan", "with --as-of: also over 10,000 keys, each of which is looked at")
    .addHelpText("after", "\nA value is JSON when it is a number, true, false, null or a quoted text; any other text as it stands.")
    .action((name: string, index: string, value: string | undefined, options: StoreQueryOptions) =>
      run("store query", options, async (shell) =>
        (await import("./commands/store/query.ts")).queryStore(shell, name, index, value, options),
      ),
    );
}

function addTelling(store: Command): void {
  inParts(command(store, "history <store> [key]", "all that a key was, or a part of a history; without one, which there are"))
    .option(...AS_OF)
    .option("--raw", "as they were recorded, not as the definition reads them")
    .action((name: string, key: string | undefined, options: StoreHistoryOptions) =>
      run("store history", options, async (shell) => (await import("./commands/store/history.ts")).storeHistory(shell, name, key, options)),
    );
  command(store, "lineage <id>", "where a fact comes from, as a tree")
    .option("--effects", "what followed from it instead; of a run, too")
    .option("--depth <steps>", "how far (default 20)")
    .option("--limit <facts>", "how many facts (default 1,000)")
    .option("--values", "with what the facts say")
    .action((id: string, options: StoreLineageOptions) =>
      run("store lineage", options, async (shell) => (await import("./commands/store/lineage.ts")).storeLineage(shell, id, options)),
    );
  command(store, "activity", "what was recorded last, newest first")
    .option("--store <stores>", "only of these, with commas between (repeatable)", gather)
    .option("--limit <count>", "how many (default 30)")
    .option("--cursor <cursor>", "of the part before")
    .action((options: StoreActivityOptions) =>
      run("store activity", options, async (shell) => (await import("./commands/store/activity.ts")).storeActivity(shell, options)),
    );
}

function addChanging(store: Command): void {
  changing(command(store, "put <store> <key> [json]", "record a value for a key of a store"), true)
    .option("--expect <state>", "absent, or the id of the latest fact: refused when it stands otherwise")
    .action((name: string, key: string, json: string | undefined, options: StoreChangeOptions & GivenValueOptions) =>
      run("store put", options, async (shell) => (await import("./commands/store/put.ts")).putValue(shell, name, { key, json }, options)),
    );
  changing(command(store, "append <store> [json]", "record an event of a history"), true)
    .option("--expect <state>", "absent, or the id of the last event of its part: refused when it stands otherwise")
    .option("--no-follow", "leave the runs that it starts or answers to the process that carries them")
    .option("--full", "show outputs whole")
    .action((name: string, json: string | undefined, options: StoreChangeOptions & GivenValueOptions & FollowOption) =>
      run("store append", options, async (shell) => (await import("./commands/store/put.ts")).appendEvent(shell, name, json, options)),
    );
  changing(command(store, "remove <store> <key>", "record that a key has no value any more; its past stays"), false)
    .option("--expect <state>", "the id of the latest fact: refused when it stands otherwise")
    .action((name: string, key: string, options: StoreChangeOptions) =>
      run("store remove", options, async (shell) => (await import("./commands/store/put.ts")).removeValue(shell, name, key, options)),
    );
}

function addIndexing(store: Command): void {
  command(store, "reindex <store>", "record values anew that were recorded before the definition had all its indexes").action(
    (name: string, options: GlobalOptions) =>
      run("store reindex", options, async (shell) => (await import("./commands/store/query.ts")).reindexStore(shell, name, options)),
  );
}

function changing(store: Command, hasValue: boolean): Command {
  return (hasValue ? store.option("--file <file>", "the value as JSON from a file, or - for stdin") : store)
    .option("--key <key>", "idempotency key: the same key records once")
    .option("--cause <id>", "a fact that it rests on (repeatable)", gather)
    .option("--valid-from <time>", "since when it holds in the world")
    .option("--by <name>", "who says it; whoever calls when left out");
}

function inParts(store: Command): Command {
  return store
    .option("--newest-first", "in the other order")
    .option("--limit <count>", "how many (default 100)")
    .option("--cursor <cursor>", "of the part before");
}

const AS_OF = ["--as-of <moment>", "as it was recorded at a time (2026-11-20T10:00Z) or at a position of the ledger"] as const;
