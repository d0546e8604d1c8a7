// `report`: a run told whole: what went in, what came out or where and why it failed, what it waits for, how long it took and what it cost.

import { reportMarkdown, reportOf, reportText } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { type AsOfOption, pastOf } from "../moment-option.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import { contractOf } from "../run-contract.ts";
import { withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { jsonLines } from "../view/json-lines.ts";
import { visibleCopy } from "../view/visible.ts";

/** What `report` takes. */
export interface ReportOptions extends GlobalOptions, AsOfOption {
  readonly format?: string;
}

const FORMATS = ["text", "markdown", "json"] as const;

/** Reports on a run. */
export function report(shell: Shell, name: string, options: ReportOptions): Promise<Answer> {
  const format = FORMATS.find((each) => each === (options.format ?? "text"));
  if (format === undefined) throw new UsageError("bad_option", `--format ${options.format} is unknown`, { fix: "text, markdown or json" });
  const past = pastOf(options);
  return withRun(shell, options, "read", name, async ({ kindling }, run): Promise<Answer> => {
    const view = await run.get(past);
    const told = reportOf(view, contractOf(kindling, view).graph);
    const seen = visibleCopy(told);
    switch (format) {
      case "text": {
        const color = shell.out.paint("strong", "x") !== "x";
        return { ok: true, result: { format, text: reportText(seen), report: told }, lines: reportText(seen, { color }).split("\n") };
      }
      case "markdown": {
        const text = reportMarkdown(seen);
        return { ok: true, result: { format, text, report: told }, lines: text.split("\n") };
      }
      case "json":
        return { ok: true, result: { format, report: told }, lines: jsonLines(told) };
    }
  });
}
