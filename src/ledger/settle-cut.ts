// Makes what was found of a log true for one moment: runs that were replaced while the log was looked through were needed in its first lines and not in its later ones.

import { decodeBody } from "./body.ts";
import { ByteWindow } from "./byte-window.ts";
import type { Cut, ScannedLog } from "./compaction-scan.ts";
import type { KeptDraft } from "./kept-draft.ts";
import { lineAt } from "./scan.ts";

/** Leaves lines of such runs out of the draft. A cut at the same place, with what is kept for it now. */
export async function settleCut(scanned: ScannedLog, cut: Cut, draft: KeptDraft, from: number): Promise<Cut> {
  const { view } = scanned;
  const replaced = await replacedSince(scanned, from);
  if (replaced.size === 0) return cut;
  // All at once: what is replaced from now on was needed in every line.
  const firsts = new Map(Array.from(replaced, (run) => [run, view.firstOf(run) ?? Number.POSITIVE_INFINITY]));
  const { mark, commits, bytes } = await draft.leaveOut(cut.mark, ({ position, body }) => {
    const run = decodeBody(position, body)?.run;
    return run !== undefined && position < (firsts.get(run) ?? 0);
  });
  return {
    ...cut,
    mark,
    kept: { commits: cut.kept.commits - commits, bytes: cut.kept.bytes - bytes },
    removed: { commits: cut.removed.commits + commits, bytes: cut.removed.bytes + bytes },
  };
}

/** Runs that were replaced behind an address of the log. */
async function replacedSince({ log, view, pause }: ScannedLog, from: number): Promise<ReadonlySet<string>> {
  const runs = new Set<string>();
  const window = new ByteWindow(log);
  for (let at = from, lines = 1; at < view.end.offset; lines++) {
    const reading = await lineAt(window, at);
    // It stands there durably; what cannot be read is found by whoever needs it.
    if (reading.kind !== "line") break;
    const { position, body, bytes } = reading.line;
    const entry = body.includes('"replaces"') ? decodeBody(position, body) : undefined;
    if (entry?.replaces !== undefined) runs.add(entry.run);
    at += bytes;
    if (lines % LINES_BETWEEN_PAUSES === 0) await pause();
  }
  return runs;
}

const LINES_BETWEEN_PAUSES = 256;
