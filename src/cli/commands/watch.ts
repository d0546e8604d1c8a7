// `watch`: facts of stores and histories while they are recorded, until Ctrl-C; or what enters a part of an index, changes in it and leaves it. A row for people, with --json a line for programs.

import type { Feed, FeedQuery, IndexChange, Kindling, RawFact } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import { findRun } from "../run-name.ts";
import type { Shell } from "../shell.ts";
import { configuredStore, storeMeant, withStores } from "../stores.ts";
import { watchRow } from "../view/store-lines.ts";
import { visibleCopy } from "../view/visible.ts";
import { assertIndex, indexValueOf } from "./store/query.ts";

/** Options of `watch`. */
export interface WatchOptions extends GlobalOptions {
  readonly store?: readonly string[];
  readonly in?: string;
  readonly kind?: readonly string[];
  readonly act?: readonly string[];
  readonly key?: readonly string[];
  readonly run?: string;
  readonly cursor?: string;
  readonly after?: string;
  /** False with `--no-live`. */
  readonly live?: boolean;
}

/** Tells facts as they come. A line counts as done when it has left this process. */
export function watch(shell: Shell, options: WatchOptions): Promise<Answer> {
  const { after, cursor } = options;
  if (after !== undefined && !/^\d{1,15}$/.test(after))
    throw new UsageError("bad_option", `--after ${after} is no position`, { fix: "Give a whole number from 0 on." });
  return withStores(shell, options, async ({ kindling }): Promise<Answer> => {
    const from = after === undefined ? startOf(options) : Number(after);
    const query: FeedQuery = {
      signal: shell.signal,
      live: options.live !== false,
      ...(cursor === undefined ? {} : { cursor }),
      ...(from === undefined ? {} : { after: from }),
    };
    const feed = options.in === undefined ? await factFeed(shell, kindling, options, query) : await indexFeed(kindling, options, query);
    for await (const change of feed) {
      const row = watchRow(visibleCopy(change), { paint: shell.out.paint, now: shell.now() });
      await shell.out.write(`${options.json === true ? JSON.stringify(change) : row}\n`);
      // Nobody reads on: what is written now is not done.
      if (!shell.out.hasReader()) return DONE;
      if (cursor !== undefined) await feed.commit();
    }
    // What was passed over need not be looked at again.
    if (cursor !== undefined) await feed.commit();
    return DONE;
  });
}

const DONE: Answer = { ok: true, result: null, lines: [] };

/** Who waits for what comes sees that; all others begin where they were, or with the oldest fact. */
function startOf({ cursor, live }: WatchOptions): "end" | undefined {
  return cursor !== undefined || live === false ? undefined : "end";
}

async function factFeed(shell: Shell, kindling: Kindling, options: WatchOptions, query: FeedQuery): Promise<Feed<RawFact>> {
  const { store, kind, act, key, run } = options;
  for (const name of store ?? []) await storeMeant(kindling, name);
  // What there is not is refused with what there is.
  type Kinds = NonNullable<Parameters<Kindling["factChanges"]>[0]>;
  return kindling.factChanges({
    ...query,
    ...(store === undefined ? {} : { stores: store }),
    ...(kind === undefined ? {} : { kinds: kind as NonNullable<Kinds["kinds"]> }),
    ...(act === undefined ? {} : { acts: act as NonNullable<Kinds["acts"]> }),
    ...(key === undefined ? {} : { keys: key }),
    ...(run === undefined ? {} : { run: await findRun(kindling, run, shell) }),
  });
}

async function indexFeed(kindling: Kindling, options: WatchOptions, query: FeedQuery): Promise<Feed<IndexChange<unknown>>> {
  const { store: [name, ...others] = [], in: part = "", kind, act, key, run } = options;
  const end = part.indexOf("=");
  if (name === undefined || others.length > 0 || end < 1 || [kind, act, key, run].some((each) => each !== undefined))
    throw new UsageError("bad_option", "--in is about a value of an index of one store, and of nothing else", {
      fix: "Give --store <store> --in <index>=<value>, e.g. --store reminders --in open=ada.",
    });
  const store = await configuredStore(kindling, name, "what its indexes hold, only its definition says");
  if (store.kind === "history") throw new UsageError("not_a_store", `${name} is a history, and has no indexes`, { fix: "Leave --in out." });
  const index = part.slice(0, end);
  assertIndex(name, Object.keys(store.definition.indexes), index);
  return store.handle.watch(index, indexValueOf(part.slice(end + 1)), query);
}
