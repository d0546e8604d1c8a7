// What goes, went or stays of facts of the application, and the receipts of it, as people read it.

import type { BlockedFacts, KeepingReceipt, KeepingReport, Resolved } from "../../index.ts";
import { heldLines } from "./compacted-lines.ts";
import { clock } from "./moment.ts";
import type { Paint } from "./paint.ts";
import { counted, groupDigits, indented, oneLine, table } from "./text.ts";

/** Rows that are named one by one. */
const ROWS_SHOWN = 20;

const WHY: Readonly<Record<BlockedFacts["reason"], string>> = {
  latest: "the latest fact of a key stays",
  boundary: "a boundary that is closed rests on it",
  derived: "was derived from it: --derived takes it along; later it is erased by its own key",
  not_registered: "the config does not know it, so nobody says how much it keeps",
  too_large: "too much of it would have to be written again",
};

const VERBS: Readonly<Record<KeepingReport["verb"], readonly [would: string, did: string]>> = {
  compact: ["would be given up", "given up"],
  prune: ["would be given up", "given up"],
  purge: ["would be taken off the disk", "taken off the disk"],
  erase: ["would be erased for ever", "erased for ever"],
};

/** A plan, or what was done. Expects a visible copy. */
export function keepingLines(report: KeepingReport, paint: Paint): string[] {
  const { ready, blocked, blockedCount, missing, stores, ledger, hash, dryRun, receipts, repeated } = report;
  const rows = ready
    .slice(0, ROWS_SHOWN)
    .map(({ store, key, numbers, facts }) => [store, key, counted(facts, "fact"), paint("faint", numbersText(numbers))]);
  const keys = stores.reduce((sum, each) => sum + each.keys, 0);
  const stays = blocked
    .slice(0, ROWS_SHOWN)
    .map(({ store, key = "", id, reason }) => [id ?? store, id === undefined ? key : "", WHY[reason]]);
  return [
    repeated ? `${paint("good", "✓")} this plan was carried out before` : headline(report, paint),
    ...(ledger === null ? [] : heldLines(ledger, paint)),
    ...indented(table(rows)),
    ...more(keys - rows.length, paint),
    ...(stays.length === 0 ? [] : ["", paint("strong", "stays"), ...indented(table(stays)), ...more(blockedCount - stays.length, paint)]),
    ...(missing.length === 0
      ? []
      : ["", paint("strong", "not there"), ...indented(missing.slice(0, ROWS_SHOWN)), ...more(missing.length - ROWS_SHOWN, paint)]),
    ...(receipts.length === 0 ? [] : ["", ...receipts.map(({ id }) => `receipt ${id}`)]),
    ...(dryRun ? ["", `plan ${hash}`] : []),
  ];
}

function headline({ verb, stores, ledger, dryRun }: KeepingReport, paint: Paint): string {
  const [would, did] = VERBS[verb];
  const mark = dryRun ? paint("faint", "▫") : paint("good", "✓");
  const what =
    ledger === null
      ? counted(
          stores.reduce((sum, { facts }) => sum + facts, 0),
          "fact",
        )
      : `${counted(ledger.removed.commits, "commit")} and ${counted(ledger.blobs.count, "large value")} (${groupDigits(ledger.removed.bytes + ledger.blobs.bytes)} bytes)`;
  return `${mark} ${what} ${dryRun ? would : did}`;
}

/** Receipts as rows. Expects a visible copy. */
export function receiptRows(receipts: readonly KeepingReceipt[], paint: Paint): string[][] {
  return receipts.map(({ id, kind, store, status, keys, facts, subject, reason, actor, time }) => [
    clock(time),
    paint("strong", kind),
    store ?? "",
    kind === "purge" ? counted(facts, "commit") : `${counted(facts, "fact")} of ${counted(keys, "key")}`,
    subject ?? "",
    `${status === "done" ? "" : "begun  "}${actor === null ? "" : `by ${actor.id}  `}${reason === null ? "" : oneLine(reason, 80)}`,
    paint("faint", id),
  ]);
}

/** What an id leads to. Expects a visible copy. */
export function resolvedLines(resolved: Resolved, paint: Paint): string[] {
  const { id, status } = resolved;
  const head = `${paint("strong", id)}  ${status.replaceAll("_", " ")}`;
  switch (status) {
    case "found":
    case "not_found":
      return [head];
    case "redirected":
      return [head, `  boundary ${resolved.boundary.id}`];
    case "erased":
      return [head, ...indented(resolved.receipt === undefined ? [] : table(receiptRows([resolved.receipt], paint)))];
    case "detail_unavailable": {
      if ("runReceipt" in resolved)
        return [head, `  run ${resolved.runReceipt.run} was compacted at ${clock(resolved.runReceipt.compactedAt)}`];
      const { receipt, boundary } = resolved;
      return [
        head,
        ...indented(receipt === undefined ? [] : table(receiptRows([receipt], paint))),
        ...(boundary === undefined ? [] : [`  boundary ${boundary}`]),
      ];
    }
  }
}

function numbersText(numbers: readonly (readonly [number, number])[]): string {
  return oneLine(numbers.map(([from, to]) => (from === to ? `#${from}` : `#${from}–${to}`)).join(", "), 60);
}

function more(count: number, paint: Paint): string[] {
  return count > 0 ? [`  ${paint("faint", `and ${groupDigits(count)} more`)}`] : [];
}
