// `stats`: the figures of the ledger, and what of them is beyond its threshold; with `--check` that decides the exit code.

import { type Alert, type AlertThresholds, assertThresholds, type Stats } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import { withStores } from "../stores.ts";
import type { Shell } from "../shell.ts";
import { alertText, statsLines } from "../view/stats-lines.ts";
import { counted } from "../view/text.ts";
import { visibleCopy } from "../view/visible.ts";

/** What `stats` takes. */
export interface StatsCommandOptions extends GlobalOptions {
  readonly check?: boolean;
  readonly alert?: readonly string[];
}

/** Tells them. Thresholds of the command line stand over those of the config. */
export function stats(shell: Shell, options: StatsCommandOptions): Promise<Answer> {
  const given = thresholdsIn(options.alert ?? []);
  return withStores(shell, options, async ({ kindling, loaded }): Promise<Answer> => {
    const figures = await kindling.stats({ thresholds: { ...loaded.config.alerts, ...given }, signal: shell.signal });
    const lines = statsLines(visibleCopy(figures), { paint: shell.out.paint, now: shell.now() });
    if (options.check !== true || figures.alerts.length === 0) return { ok: true, result: figures, lines };
    return alarm(figures, figures.alerts, lines);
  });
}

function alarm(figures: Stats, alerts: readonly Alert[], lines: readonly string[]): Answer {
  const message = `${counted(alerts.length, "alert")}: ${alerts.map(alertText).join("; ")}`;
  const problem = {
    name: "Alerts",
    code: "alerts",
    message,
    fix: "Do something about what is measured, or give another threshold: alerts in the config, --alert name=number.",
    details: { alerts, stats: figures },
  };
  return { ok: false, exit: 1, problem, lines };
}

/** @throws UsageError `bad_option`; InputError `bad_threshold` */
function thresholdsIn(pairs: readonly string[]): AlertThresholds {
  const thresholds: Record<string, number> = {};
  for (const pair of pairs) {
    const [, name, value] = /^([A-Za-z]+)=(\d{1,15}(?:\.\d+)?)$/.exec(pair) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError("bad_option", `--alert ${pair} is no name with a number`, { fix: "Write --alert cursorLag=10000." });
    thresholds[name] = Number(value);
  }
  assertThresholds(thresholds);
  return thresholds;
}
