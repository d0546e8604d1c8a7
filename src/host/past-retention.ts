// Runs that no rule keeps any longer, and what keeps one of them from being given up all the same. It reads heads and changes nothing.

import type { Ledger, StreamHead } from "../ledger/ledger.ts";
import { keys, readNote, type RunNote } from "../run/head.ts";
import type { BlockedRun } from "./compact-report.ts";
import { eachHead, eachPage, hasHead } from "./each-head.ts";
import { isOver } from "./resume-run.ts";
import { keepMsOf, type RetentionRule, ruleFor } from "./retention.ts";

/** A root run whose time is over. */
export interface Expired {
  readonly head: StreamHead;
  readonly note: RunNote;
  readonly rule: RetentionRule;
}

/** The root runs that are past their retention, oldest first, a page at a time: who has much to do with each lets others go first between them. */
export function* pastRetention(ledger: Ledger, rules: readonly RetentionRule[], now: number): Generator<readonly Expired[], void> {
  const shortest = Math.min(...rules.map((rule) => keepMsOf(rule) ?? Number.POSITIVE_INFINITY));
  for (const page of eachPage(ledger, { keys: [keys.root] })) {
    yield page.flatMap((head) => expired(ledger, head, rules, now) ?? []);
    // A run ends after it began, and those behind began later.
    if ((page.at(-1)?.startedAt ?? 0) > now - shortest) return;
  }
}

/** A run as it stands when its time is over; undefined while it is kept. */
function expired(ledger: Ledger, head: StreamHead, rules: readonly RetentionRule[], now: number): Expired | undefined {
  const note = readNote(head.note);
  if (note === undefined || !isOver(note)) return undefined;
  const rule = ruleFor(rules, note);
  const keepMs = rule === undefined ? undefined : keepMsOf(rule);
  if (rule === undefined || keepMs === undefined || head.time > now - keepMs) return undefined;
  for (const { time } of eachHead(ledger, { keys: [keys.inTree(head.run)] })) if (time > now - keepMs) return undefined;
  return { head, note, rule };
}

/** What keeps a run that has ended; undefined when nothing does. */
export function blockOf(ledger: Ledger, { run, open }: StreamHead): BlockedRun["reason"] | undefined {
  if (open) return "follows";
  if (hasHead(ledger, { keys: [keys.inTree(run)], open: true })) return "open_inside";
  const isDead = ledger.head(run)?.keys.includes(keys.dead) === true || hasHead(ledger, { keys: [keys.inTree(run), keys.dead] });
  return isDead ? "dead_letters" : undefined;
}
