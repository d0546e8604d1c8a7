// What is left of a compacted run, and what a compaction gave up, as people read it.

import { type CompactReport, describeMilliseconds, type DecisionReceipt, type RunReceipt } from "../../index.ts";
import { clock } from "./moment.ts";
import type { Paint } from "./paint.ts";
import { describeTotal } from "./spending.ts";
import { counted, groupDigits, indented, oneLine, table } from "./text.ts";
import { brief } from "./value.ts";

/** Characters of a hash that are enough to tell two apart. */
const HASH_SHOWN = 16;

/** A receipt. Expects a visible copy. */
export function compactedLines(receipt: RunReceipt, paint: Paint): string[] {
  const { run, contract, version, status, error, startedAt, endedAt, starter, correlation, decisions, decisionCount } = receipt;
  const left = decisionCount - decisions.length;
  return [
    `${paint("faint", "▫")} ${paint("strong", run)} was compacted: this is what is left of it`,
    "",
    ...indented(
      table(
        [
          ["contract", `${contract}, version ${version}, plan ${receipt.plan.slice(0, HASH_SHOWN)}`],
          ["status", error === null ? status : `${status}: ${error}`],
          ["started", `${clock(startedAt)}${starter === null ? "" : ` by ${starter.id}`}`],
          ["ended", `${clock(endedAt)}, after ${describeMilliseconds(Math.max(0, endedAt - startedAt))}`],
          ...(Object.keys(correlation).length === 0 ? [] : [["found by", brief(correlation, 200)]]),
          ["inputs", `sha256 ${receipt.inputs.slice(0, HASH_SHOWN)}…`],
          ...(receipt.outputs === null ? [] : [["outputs", `sha256 ${receipt.outputs.slice(0, HASH_SHOWN)}…`]]),
          ["cost", describeTotal(receipt.spending) || "no model was called"],
          [
            "size",
            `${counted(receipt.facts, "fact")}, ${counted(receipt.children, "child", "children")}, up to position ${receipt.position}`,
          ],
          ["digest", `sha256 ${receipt.digest}`],
          [
            "compacted",
            `${clock(receipt.compactedAt)} by ${receipt.compactedBy.id}${receipt.reason === null ? "" : `: ${oneLine(receipt.reason, 200)}`}`,
          ],
          ["rule", brief(receipt.rule, 200)],
          ...(receipt.archive === null ? [] : [["archive", receipt.archive]]),
        ].map(([label = "", text = ""]) => [paint("faint", label), text]),
      ),
    ),
    "",
    paint("strong", "decisions"),
    ...indented(decisions.length === 0 ? ["none"] : table(decisions.map(decisionRow))),
    ...(left === 0 ? [] : indented([paint("faint", `and ${groupDigits(left)} more`)])),
  ];
}

function decisionRow({ path, event, actor, time, payload, approved }: DecisionReceipt): string[] {
  const said = approved === undefined ? "" : approved ? "approved" : "rejected";
  return [path, event, said, `by ${actor.id} (${actor.assurance})`, clock(time), `sha256 ${payload.slice(0, HASH_SHOWN)}…`];
}

/** Blocked runs that are named one by one. */
const BLOCKED_SHOWN = 20;

const WHY: Readonly<Record<CompactReport["blocked"][number]["reason"], string>> = {
  follows: "what follows on its end is not done",
  open_inside: "a child of it has not ended",
  dead_letters: "an effect of it failed for good, and waits for somebody",
  in_use: "somebody works with it at this moment",
  unreadable: "its facts do not tell how it began and ended",
};

/** What was given up, what stays and why, and what that does to the disk. Expects a visible copy. */
export function reportLines({ dryRun, contracts, blocked, blockedCount, ledger }: CompactReport, paint: Paint): string[] {
  const runs = contracts.reduce((sum, each) => sum + each.runs, 0);
  const rows = contracts.map((each) => [
    each.contract,
    counted(each.runs, "run"),
    counted(each.children, "child", "children"),
    counted(each.facts, "fact"),
  ]);
  const named = blocked.slice(0, BLOCKED_SHOWN).map(({ run, contract, reason }) => [run, contract, WHY[reason]]);
  const more = blockedCount - named.length;
  return [
    headline(runs, blockedCount, dryRun, paint),
    ...indented(table(rows)),
    ...(blockedCount === 0 ? [] : [`${paint("warn", "◆")} past retention, and kept for now: ${counted(blockedCount, "run")}`]),
    ...indented(table(named)),
    ...(more === 0 ? [] : indented([paint("faint", `and ${groupDigits(more)} more`)])),
    ...diskLines(ledger, dryRun, paint),
  ];
}

function headline(runs: number, blocked: number, dryRun: boolean, paint: Paint): string {
  if (runs === 0) return `${paint("good", "✓")} ${blocked === 0 ? "no run is past its retention" : "no run could be given up"}`;
  if (dryRun) return `${paint("accent", "▸")} would give up ${counted(runs, "run")}; nothing was done`;
  return `${paint("good", "✓")} gave up ${counted(runs, "run")}; their receipts stay`;
}

/** Whom the removal waits for. */
export function heldLines({ heldBy }: CompactReport["ledger"], paint: Paint): string[] {
  if (heldBy === null) return [];
  return [`${paint("warn", "◆")} held up by the cursor "${heldBy.cursor}", which stands at ${heldBy.position}: see --over-cursors`];
}

function diskLines(ledger: CompactReport["ledger"], dryRun: boolean, paint: Paint): string[] {
  const { removed, kept, blobs, archive } = ledger;
  const held = heldLines(ledger, paint);
  if (removed.commits === 0 && blobs.count === 0)
    return [paint("faint", dryRun ? "  of what was given up before, nothing would leave the disk" : "  nothing left the disk"), ...held];
  const what = [counted(removed.commits, "commit"), counted(blobs.count, "large value"), counted(removed.segments, "segment")].join(", ");
  return [
    `  ${dryRun ? "of what was given up before, " : ""}${groupDigits(removed.bytes + blobs.bytes)} bytes ${dryRun ? "would leave" : "left"} the disk: ${what}`,
    ...(kept.commits === 0
      ? []
      : [
          paint(
            "faint",
            `  ${counted(kept.commits, "older commit that is needed", "older commits that are needed")}, ${groupDigits(kept.bytes)} bytes, lie together now`,
          ),
        ]),
    ...(archive === null ? [] : [`  what was removed is in ${archive}`]),
    ...held,
  ];
}
