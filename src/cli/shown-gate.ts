// What a gate shows to whoever decides it on the command line, before anything is asked or sent.

import type { AwaitDetail } from "../index.ts";
import type { GlobalOptions } from "./project.ts";
import type { FullOption } from "./runs.ts";
import type { Shell } from "./shell.ts";
import { indented, oneLine } from "./view/text.ts";
import { FULL, labelled, READING } from "./view/value.ts";
import { visible, visibleCopy } from "./view/visible.ts";

/** Shows it on standard error; a program that reads JSON has asked for it before. */
export async function showGate(shell: Shell, detail: AwaitDetail, options: GlobalOptions & FullOption): Promise<void> {
  if (options.json !== true) await shell.err.write(`${shownLines(shell, detail, options).join("\n")}\n`);
}

/** What is being decided, made safe to look at: nothing in it can hide or move what stands around it. */
function shownLines(shell: Shell, detail: AwaitDetail, options: FullOption): string[] {
  const { paint } = shell.err;
  const extent = options.full === true ? FULL : READING;
  const values = labelled(visibleCopy(detail.values), extent, paint);
  const heading = `${paint("warn", "◆")} ${paint("strong", oneLine(visible(detail.path), 200))} of ${visible(detail.contract)} ${detail.run}`;
  return [heading, ...(detail.description === undefined ? [] : [`  ${visible(detail.description)}`]), ...indented(values), ""];
}
