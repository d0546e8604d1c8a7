// `store compact`, `prune`, `purge` and `erase`: what of the past of stores goes, told first with --dry-run.

import { resolve } from "node:path";
import { InputError, type Kindling, type KeepingOptions, type KeepingReport } from "../../../index.ts";
import type { Answer } from "../../answer.ts";
import { UsageError } from "../../problem.ts";
import type { GlobalOptions } from "../../project.ts";
import { withProject } from "../../runs.ts";
import type { Shell } from "../../shell.ts";
import { configuredStore, keyNotFound, storeMeant, withStores } from "../../stores.ts";
import { keepingLines } from "../../view/keeping-lines.ts";
import { counted } from "../../view/text.ts";
import { visibleCopy } from "../../view/visible.ts";

/** What all of them take. */
export interface StoreKeepOptions extends GlobalOptions {
  readonly dryRun?: boolean;
  /** Hash of a plan. */
  readonly plan?: string;
  readonly reason?: string;
}

/** What `store purge` takes besides. */
export interface StorePurgeOptions extends StoreKeepOptions {
  readonly archive?: string;
  readonly overCursors?: boolean;
}

/** What `store erase` takes besides. */
export interface StoreEraseOptions extends StoreKeepOptions {
  readonly derived?: boolean;
  readonly yes?: boolean;
}

/** Gives up what the retention of some stores, or of all of the config, does not keep. */
export function compactStores(shell: Shell, names: readonly string[], options: StoreKeepOptions): Promise<Answer> {
  return keep(shell, options, async (kindling, said) => {
    const known = names.map((name) => configuredStore(kindling, name, "how much of it is kept is said by its definition"));
    const stores = (await Promise.all(known)).map(({ definition }) => definition);
    return kindling.compactFacts(stores.length === 0 ? said : { ...said, stores });
  });
}

/** Gives up the values of named facts. */
export function pruneStore(shell: Shell, ids: readonly string[], options: StoreKeepOptions): Promise<Answer> {
  return keep(shell, options, (kindling, said) =>
    kindling.pruneFacts({ ...said, ids, reason: reasonOf(options, `${shell.program} store prune <id> --reason`) }),
  );
}

/** Takes what was given up off the disk. */
export function purgeStores(shell: Shell, options: StorePurgeOptions): Promise<Answer> {
  const { archive, overCursors = false } = options;
  return keep(shell, options, (kindling, said) =>
    kindling.purgeFacts({ ...said, overCursors, ...(archive === undefined ? {} : { archive: resolve(shell.cwd, archive) }) }),
  );
}

/** Makes a key unreadable for ever. Nothing brings it back, so it is done only when that was said. */
export async function eraseKey(shell: Shell, name: string, key: string, options: StoreEraseOptions): Promise<Answer> {
  const { yes = false, dryRun = false, derived = false } = options;
  // No ledger is made for something to be erased in it.
  await withStores(shell, options, async () => {});
  return keep(shell, options, async (kindling, said) => {
    const meant = await storeMeant(kindling, name);
    const request = {
      store: { kind: meant.kind, name },
      key,
      derived,
      reason: reasonOf(options, `${shell.program} store erase <store> <key> --reason`),
    };
    const report = await kindling.eraseFacts({ ...said, ...request, dryRun: dryRun || !yes });
    const { ready } = report;
    if (ready.length === 0 && !report.repeated) throw await keyNotFound(meant, key, shell.program);
    if (dryRun || yes) return report;
    throw new InputError("not_confirmed", `${counted(ready.length, "key")} would be erased for ever, and nothing brings that back`, {
      fix: `To read what: --dry-run. To do it: --yes.`,
      details: { keys: ready.map((each) => `${each.store} ${each.key}`) },
    });
  });
}

function keep(
  shell: Shell,
  options: StoreKeepOptions,
  work: (kindling: Kindling, said: KeepingOptions) => Promise<KeepingReport>,
): Promise<Answer> {
  const { dryRun = false, plan, reason } = options;
  const said: KeepingOptions = {
    dryRun,
    actor: { id: `cli:${shell.user}`, assurance: "outOfBand" },
    ...(plan === undefined ? {} : { plan }),
    ...(reason === undefined ? {} : { reason }),
  };
  return withProject(shell, options, dryRun ? "plan" : "shared", async ({ kindling }): Promise<Answer> => {
    const report = await work(kindling, said);
    return { ok: true, result: { report }, lines: keepingLines(visibleCopy(report), shell.out.paint) };
  });
}

/** @throws UsageError `no_reason` */
function reasonOf({ reason }: StoreKeepOptions, command: string): string {
  if (reason !== undefined && reason.trim() !== "") return reason;
  throw new UsageError("no_reason", "nothing says why", { fix: `${command} "…": it is recorded, and readable afterwards.` });
}
