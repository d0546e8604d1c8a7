// `upgrade`: with --check how the runs that are not ended stand to the contracts of today; else lets one go on whose contract changed where it has been.

import type { UpgradeCheck } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { revisedAnswer } from "../changed-inputs.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import { type FullOption, withProject, withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { counted, oneLine, table } from "../view/text.ts";
import { visible } from "../view/visible.ts";

/** What `upgrade` takes besides the run. */
export interface UpgradeOptions extends GlobalOptions, FullOption {
  readonly check?: boolean;
  readonly keep?: boolean;
  readonly rerun?: boolean;
}

/** Checks all runs, or upgrades one and follows it. */
export function upgrade(shell: Shell, name: string | undefined, options: UpgradeOptions): Promise<Answer> {
  const { check = false, keep = false, rerun = false } = options;
  if (check && name === undefined && !keep && !rerun) return checkAll(shell, options);
  if (check || name === undefined || keep === rerun)
    throw new UsageError("bad_option", "upgrade takes --check alone, or a run with --keep or --rerun", {
      fix: `${shell.program} upgrade --check tells which runs need it.`,
    });
  return upgradeOne(shell, name, keep ? "keep" : "rerun", options);
}

async function checkAll(shell: Shell, options: UpgradeOptions): Promise<Answer> {
  try {
    return await withProject(shell, options, "read", async ({ kindling }) => checked(shell, await kindling.checkUpgrades()));
  } catch (error) {
    // There was never a run, so there is none to be upgraded.
    if (error instanceof Error && "code" in error && error.code === "run_not_found") return checked(shell, []);
    throw error;
  }
}

function checked(shell: Shell, checks: readonly UpgradeCheck[]): Answer {
  const changed = checks.filter(({ verdict }) => verdict === "changed").length;
  const rows = checks.map((each) => rowOf(each, shell));
  const sum = `${counted(checks.length, "run")} not ended, ${changed === 0 ? "none" : changed} to decide about`;
  return {
    ok: true,
    result: { checks: checks.map((each) => ({ ...each, next: commandsFor(each, shell.program) })), changed },
    lines: rows.length === 0 ? ["no run is open"] : [...table(rows), "", shell.out.paint("faint", sum)],
  };
}

function rowOf(check: UpgradeCheck, { out: { paint }, program }: Shell): string[] {
  const { run, contract, from, to, verdict, nodes } = check;
  const versions = to === undefined || to === from ? `version ${from}` : `version ${from} → ${to}`;
  const start = [run, visible(contract), visible(versions)];
  const [first = ""] = commandsFor(check, program);
  switch (verdict) {
    case "same":
      return [`${paint("good", "✓")} same`, ...start, "nothing to do"];
    case "goes_on":
      return [`${paint("good", "✓")} goes on`, ...start, "changed where it has not been; nothing to do"];
    case "changed":
      return [`${paint("warn", "◆")} changed`, ...start, `${oneLine(visible(nodes.join(", ")), 80)}: ${first} (or --rerun)`];
    case "unknown":
      return [
        `${paint("bad", "✗")} unknown`,
        ...start,
        "its contract is not in the config: add it there, or leave the run to the project that has it",
      ];
  }
}

function commandsFor({ run, verdict }: UpgradeCheck, program: string): readonly string[] {
  return verdict === "changed" ? ["keep", "rerun"].map((policy) => `${program} upgrade ${run} --${policy}`) : [];
}

function upgradeOne(shell: Shell, name: string, policy: "keep" | "rerun", options: UpgradeOptions): Promise<Answer> {
  return withRun(shell, options, "shared", name, async (project, run) => {
    const after = (await run.facts()).at(-1)?.position ?? 0;
    await project.kindling.upgrade(run.id, policy);
    const accepted = (await run.facts()).flatMap((fact) => (fact.position > after && fact.type === "run.upgraded" ? [fact] : []));
    const nodes = accepted.flatMap(({ changed = [], path }) => changed.map((node) => (path === "" ? node : `${path}/${node}`)));
    const said =
      nodes.length === 0
        ? "nothing in it had changed"
        : `${policy === "keep" ? "kept the values of" : "runs again"}: ${oneLine(visible(nodes.join(", ")), 300)}`;
    return revisedAnswer(shell, project, run, options, { said, extra: { upgraded: nodes, policy }, after });
  });
}
