// What stays of a run whose facts were given up: what it was, who decided what, what it cost, and hashes by which a copy of what is gone can be recognised. Pure.

import { canonicalJson, hashJson, isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Entry } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";
import { accountOf } from "./account.ts";
import type { SignedEvidence } from "./event-facts.ts";
import type { Actor, Fact } from "./fact.ts";
import { joinPath } from "./path.ts";
import { readFact } from "./read-fact.ts";
import type { Spending } from "./spending.ts";

/** What somebody decided, or delivered, in a run that was compacted: no payload. */
export interface DecisionReceipt {
  /** From the root run. */
  readonly path: string;
  readonly event: string;
  readonly deliveryId: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly actor: Actor;
  /** SHA-256 of the canonical JSON of the payload. */
  readonly payload: string;
  /** Digest of what was shown when it was decided. */
  readonly shown: string;
  /** Of a decision that was signed: by what, so that it can be checked again. Editions that did not keep it left it out. */
  readonly signature?: SignedEvidence;
  /** Of a gate whose payload says yes or no: which. */
  readonly approved?: boolean;
}

/** What stays of a root run that was compacted. Hashes are SHA-256 of canonical JSON, times milliseconds since 1970. */
export interface RunReceipt {
  readonly run: string;
  readonly contract: string;
  readonly version: string;
  /** Hash of the plan it was pinned to at its end. */
  readonly plan: string;
  readonly status: "succeeded" | "failed" | "cancelled";
  readonly correlation: JsonObject;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly starter: Actor | null;
  /** Hash of its inputs, as they were last. */
  readonly inputs: string;
  /** Hash of what it gave; null when it did not succeed, or when its contract was not there in the form it needed. */
  readonly outputs: string | null;
  /** Code of the error it ended with. */
  readonly error: string | null;
  /** In order; the first 1,000 of `decisionCount`. */
  readonly decisions: readonly DecisionReceipt[];
  readonly decisionCount: number;
  readonly spending: Spending;
  /** Runs under it that had facts of their own, and facts of all of them together. */
  readonly children: number;
  readonly facts: number;
  /** Where its last fact stood in the ledger. */
  readonly position: number;
  /** SHA-256 of all facts of the run and its children in the order of the ledger, each as canonical JSON and a line feed. */
  readonly digest: string;
  readonly compactedAt: number;
  readonly compactedBy: Actor;
  readonly reason: string | null;
  /** The rule that allowed it. */
  readonly rule: { readonly contract?: string; readonly status?: string; readonly keep: number | string };
  /** The folder that was named for what is removed; null when none was. */
  readonly archive: string | null;
}

/** The run was compacted: this is all that is left of it. */
export interface RunCompacted {
  readonly type: "run.compacted";
  readonly v: 2;
  readonly receipt: RunReceipt;
}

/** What a receipt says besides what the facts of the run say. */
export interface ReceiptOccasion
  extends Pick<RunReceipt, "correlation" | "outputs" | "compactedAt" | "compactedBy" | "reason" | "rule" | "archive"> {
  /** True where the await of a run is a gate. */
  readonly isGate: (run: string, node: string) => boolean;
}

/** Decisions in a receipt. */
const DECISIONS_LIMIT = 1_000;

/**
 * The receipt of a run that has ended.
 * @param entries its commits and its children's, in the order of the ledger
 * @returns undefined when its facts do not tell of a beginning and an end
 */
export function receiptFrom(run: string, entries: readonly Entry[], { isGate, ...occasion }: ReceiptOccasion): RunReceipt | undefined {
  const account = accountOf(run, entries);
  const ended = endOf(run, entries);
  if (account === undefined || account.status === "open" || ended === undefined) return undefined;
  const { contract, status, error, starter, inputs, spending, firstTime } = account;
  const decisions = decisionsIn(entries, isGate);
  return {
    run,
    contract,
    version: ended.version,
    plan: ended.plan,
    status,
    correlation: occasion.correlation,
    startedAt: firstTime,
    endedAt: ended.time,
    starter,
    inputs: hashJson(inputs),
    outputs: occasion.outputs,
    error: error?.code ?? null,
    decisions: decisions.slice(0, DECISIONS_LIMIT),
    decisionCount: decisions.length,
    spending,
    children: account.runs.length - 1,
    facts: entries.reduce((sum, { facts }) => sum + facts.length, 0),
    position: entries.at(-1)?.position ?? 0,
    digest: digestOfFacts(entries),
    compactedAt: occasion.compactedAt,
    compactedBy: occasion.compactedBy,
    reason: occasion.reason,
    rule: occasion.rule,
    archive: occasion.archive,
  };
}

/** SHA-256 over all facts of entries, by which an archived copy is compared with a receipt. */
export function digestOfFacts(entries: readonly Pick<Entry, "facts">[]): string {
  return sha256(entries.flatMap(({ facts }) => facts.map((fact) => `${canonicalJson(fact)}\n`)).join(""));
}

/** When a run ended last, and the plan it had then. */
function endOf(
  run: string,
  entries: readonly Entry[],
): { readonly version: string; readonly plan: string; readonly time: number } | undefined {
  let pinned: { readonly version: string; readonly plan: string } | undefined;
  let time: number | undefined;
  for (const entry of entries) {
    if (entry.run !== run) continue;
    for (const json of entry.facts) {
      const fact = readFact(json, run);
      if (fact.type === "run.started" || fact.type === "run.upgraded") pinned = { version: fact.version, plan: fact.plan };
      if (fact.type === "run.succeeded" || fact.type === "run.failed" || fact.type === "run.cancelled") time = entry.time;
    }
  }
  return pinned === undefined || time === undefined ? undefined : { ...pinned, time };
}

function decisionsIn(entries: readonly Entry[], isGate: ReceiptOccasion["isGate"]): readonly DecisionReceipt[] {
  const paths = new Map<string, string>();
  const shown = new Map<string, string>();
  const decisions: DecisionReceipt[] = [];
  for (const { run, time, facts } of entries) {
    for (const json of facts) {
      const fact: Fact = readFact(json, run);
      if (fact.type === "run.started") paths.set(run, fact.path);
      if (fact.type === "await.opened") shown.set(`${run}/${fact.node}`, fact.shown);
      if (fact.type !== "event.delivered" && fact.type !== "event.counted") continue;
      const { node, event, deliveryId, actor, payload, signature } = fact;
      const approved = isGate(run, node) ? saysYes(payload) : undefined;
      decisions.push({
        path: joinPath(paths.get(run) ?? "", node),
        event,
        deliveryId,
        time,
        actor,
        payload: hashJson(payload),
        shown: shown.get(`${run}/${node}`) ?? "",
        ...(signature === undefined ? {} : { signature }),
        ...(approved === undefined ? {} : { approved }),
      });
    }
  }
  return decisions;
}

const YES = /^(approved?|accept(ed)?|yes|ok|allow(ed)?|pass(ed)?)$/i;
const NO = /^(reject(ed)?|declined?|refused?|no|deny|denied|block(ed)?|fail(ed)?)$/i;

/** Fields of a payload that hold the decision, the likeliest first. */
const DECISION_FIELDS = ["decision", "approved", "approve", "accepted", "accept", "verdict", "answer", "outcome", "choice", "status", "ok"];

/** Whether a payload says yes or no; undefined when it says neither in words that are known. */
function saysYes(payload: JsonValue): boolean | undefined {
  if (typeof payload === "boolean") return payload;
  if (typeof payload === "string") return YES.test(payload) ? true : NO.test(payload) ? false : undefined;
  if (!isJsonObject(payload)) return undefined;
  for (const field of DECISION_FIELDS) {
    const value = payload[field];
    const said = typeof value === "boolean" || typeof value === "string" ? saysYes(value) : undefined;
    if (said !== undefined) return said;
  }
  return undefined;
}
