// Takes trees of streams out of an encrypted ledger for ever: marks them, destroys their keys, and leaves no copy of what they said beside the log. Their lines stay, so the chain does.

import { ERASED, ERASED_KEY, ERASING_KEY } from "./content.ts";
import type { IndexKeeper } from "./index-keeper.ts";
import type { Commit, ErasedTree, Head, Receipt } from "./ledger.ts";
import type { LogView } from "./log-view.ts";
import type { SnapshotFiles } from "./snapshot-files.ts";
import type { Vault } from "./vault.ts";

/** What erasing needs. */
export interface EraserParts {
  readonly vault: Vault;
  readonly view: LogView;
  readonly keeper: IndexKeeper;
  readonly snapshots: SnapshotFiles;
  readonly append: (commits: readonly Commit[]) => Promise<readonly Receipt[]>;
}

/** Erases trees of streams. */
export class Eraser {
  readonly #parts: EraserParts;

  constructor(parts: EraserParts) {
    this.#parts = parts;
  }

  /** Erases trees; resolves when nobody can read them any more. A crash in between is gone on with by `resume`. */
  async erase(trees: readonly ErasedTree[]): Promise<void> {
    if (trees.length === 0) return;
    // The intention first: without it, a crash would leave heads that say what the facts no longer do.
    await this.#mark(trees, ERASING_KEY, true);
    await this.#finish(trees);
  }

  /** Goes on with what was begun before a crash. */
  async resume(): Promise<void> {
    const begun = this.#parts.view.find({ keys: [ERASING_KEY] });
    const trees = Map.groupBy(begun, ({ run, note }) => (typeof note.tree === "string" ? note.tree : run));
    if (trees.size > 0) await this.#finish([...trees].map(([tree, heads]) => ({ tree, runs: heads.map(({ run }) => run) })));
  }

  async #finish(trees: readonly ErasedTree[]): Promise<void> {
    const { vault, view, keeper, snapshots } = this.#parts;
    const roots = trees.map(({ tree }) => tree);
    const named = trees.flatMap(({ runs }) => runs.flatMap((run) => view.slotOf(run) ?? []));
    await vault.destroy([...new Set([...(await vault.slotsOf(roots)), ...named])]);
    for (const { runs } of trees) for (const run of runs) await snapshots.drop(run);
    // With a new key, which opens nothing else: that it is over must be known without the old one.
    await this.#mark(trees, ERASED_KEY, false);
    // Older tables still hold what the streams were found by.
    await keeper.remake();
  }

  async #mark(trees: readonly ErasedTree[], key: string, open: boolean): Promise<void> {
    const commits = trees.flatMap(({ tree, runs }) =>
      runs.map((run): Commit => {
        const head: Head = { open, keys: [key], note: { erased: true, tree } };
        return { run, tree, expected: this.#parts.view.version(run), facts: [ERASED], head };
      }),
    );
    await this.#parts.append(commits);
  }
}
