// `replay`: plays recorded runs again. Needs no ledger and no keys; nothing outside is asked or done.

import type { Spending } from "../../index.ts";
import { replay, type Replay } from "../../testing/replay.ts";
import type { Answer } from "../answer.ts";
import { loadConfig } from "../config-file.ts";
import type { GlobalOptions } from "../project.ts";
import { openRecording } from "../recordings.ts";
import type { Shell } from "../shell.ts";
import { counted, groupDigits, indented, shellWord } from "../view/text.ts";
import { visible } from "../view/visible.ts";

/** Replays recordings, one after the other; fails when one is different. */
export async function replayFiles(shell: Shell, files: readonly string[], options: GlobalOptions): Promise<Answer> {
  const { config } = await loadConfig(shell.cwd, options.config);
  const replays: { readonly file: string; readonly replay: Replay }[] = [];
  for (const file of files) {
    shell.signal.throwIfAborted();
    const { recording, contract } = await openRecording(shell, config, file);
    replays.push({ file, replay: await replay(recording, contract) });
  }
  const lines = replays.flatMap((each) => linesOf(shell, each));
  const different = replays.filter((each) => !each.replay.isSame);
  const result = { replays: replays.map(({ file, replay: { isSame, altered, lines: told } }) => ({ file, isSame, altered, lines: told })) };
  if (different.length === 0) return { ok: true, result, lines };
  const fix = `Undo what is not meant, or record again what is different: ${shell.program} record ${different.map(({ file }) => `--update ${shellWord(file)}`).join(" ")}`;
  const message = `${different.length} of ${counted(replays.length, "recording")} ${different.length === 1 ? "does" : "do"} not replay as recorded`;
  return {
    ok: false,
    exit: 1,
    problem: { name: "RunError", code: "replay_differs", message, fix, details: result },
    lines: [...lines, "", `${shell.out.paint("accent", "→")} ${fix}`],
  };
}

function linesOf(
  { out: { paint } }: Shell,
  { file, replay: { isSame, lines, view } }: { readonly file: string; readonly replay: Replay },
): readonly string[] {
  if (isSame)
    return [`${paint("good", "✓")} ${visible(file)}  ${paint("faint", `${view.status} as it was recorded${savedBy(view.spending)}`)}`];
  const [first = "", ...rest] = lines.map((line) => visible(line));
  return [`${paint("bad", "✗")} ${visible(file)}  ${first}`, ...indented(rest)];
}

/** What the same would have used. */
function savedBy({ calls, inputTokens, outputTokens }: Spending): string {
  return calls === 0
    ? ""
    : `; ${counted(calls, "model call")} answered from it, ${groupDigits(inputTokens + outputTokens)} tokens not spent`;
}
