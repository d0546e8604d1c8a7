// `keys`: the care of an encrypted ledger's keys: whether all open with the master key, and changing it.

import { checkKeys, type KeySource, LedgerError, rotateKeys } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { loadConfig } from "../config-file.ts";
import { keySource } from "../key-option.ts";
import { UsageError } from "../problem.ts";
import { type GlobalOptions, ledgerPlace } from "../project.ts";
import type { Shell } from "../shell.ts";
import { counted, indented } from "../view/text.ts";
import { visible } from "../view/visible.ts";

/** What `keys` takes. */
export interface KeysOptions extends GlobalOptions {
  readonly key?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Checks or rotates the keys of the project's ledger. */
export async function keys(shell: Shell, act: string, options: KeysOptions): Promise<Answer> {
  if (act !== "check" && act !== "rotate")
    throw new UsageError("bad_argument", `keys can check and rotate, and not ${visible(act)}`, { fix: `${shell.program} keys check` });
  const place = ledgerPlace(await loadConfig(shell.cwd, options.config));
  const { folder } = place;
  if (folder === undefined)
    throw new LedgerError("not_a_folder", `the ledger ${place.location} is no folder`, {
      fix: "keys works on ledgers made with fileLedger(folder).",
    });
  const own = act === "check" ? options.key : options.from;
  const key = own === undefined ? place.key : keySource(shell, own);
  if (key === undefined)
    throw new UsageError("no_key", "nothing says where the key is", {
      fix: `Put ledgerKey into kindling.config.ts, or give --${act === "check" ? "key" : "from"} env:NAME.`,
    });
  return act === "check" ? check(shell, folder, key) : rotate(shell, folder, key, options.to);
}

async function check({ out: { paint }, program }: Shell, folder: string, key: KeySource): Promise<Answer> {
  const report = await checkKeys(folder, key);
  const sizes = `${counted(report.live, "key")}, ${report.destroyed} destroyed`;
  if (report.ok) return { ok: true, result: report, lines: [`${paint("good", "✓")} ${folder}: ${sizes}`, `  master key ${report.key}`] };
  const faults = report.faults.map(({ file, message }) => `${file}: ${message}`);
  const fix = report.isChanging
    ? `Changing the master key was cut short: do it again with both keys: ${program} keys rotate --from … --to …`
    : "Restore the file from a backup. Only the runs whose key is named are concerned.";
  const message = report.isChanging
    ? `the master key of ${folder} is being changed`
    : `${counted(faults.length, "key")} of ${folder} cannot be read`;
  const problem = { name: "LedgerError", code: "ledger_keys_faulty", message, fix, details: { report } };
  return { ok: false, exit: 5, problem, lines: [`${paint("bad", "✗")} ${message}`, `  ${sizes}`, ...indented(faults), "", fix] };
}

async function rotate(shell: Shell, folder: string, from: KeySource, to: string | undefined): Promise<Answer> {
  if (to === undefined) throw new UsageError("no_key", "nothing says where the new key is", { fix: "Give --to env:NAME." });
  const report = await rotateKeys(folder, from, keySource(shell, to));
  const { paint } = shell.out;
  const lost =
    report.damaged.length === 0 ? [] : [`  ${counted(report.damaged.length, "slot")} could not be read: ${report.damaged.join(", ")}`];
  return {
    ok: true,
    result: report,
    lines: [
      `${paint("good", "✓")} ${counted(report.rewrapped, "key")} of ${folder} put under the master key ${report.key}`,
      ...lost,
      "  the old key still opens copies of keys/ that were made before; name the new one in kindling.config.ts",
    ],
  };
}
