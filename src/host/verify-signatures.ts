// Checks the signatures of all decisions in a ledger again, and holds them against what a project says today: whose keys they are, and which gates want one. Changes nothing.

import { Approvers } from "./approvers.ts";
import { assertApprovers, type Approver } from "../approver.ts";
import { isNoKey, readPublicKey } from "../ssh-public-key.ts";
import type { Plan } from "../compile/plan.ts";
import type { AnyContract } from "../graph/contract.ts";
import type { JsonObject } from "../json.ts";
import type { Entry, Ledger, LedgerPlace, VerifyReport } from "../ledger/ledger.ts";
import { joinPath } from "../run/path.ts";
import { eachHead } from "./each-head.ts";
import { Plans } from "./plans.ts";
import { type CheckedDecision, checkDecisions } from "./checked-decisions.ts";

/** What a project says of decisions. */
export interface SignaturesQuery {
  /** Whose keys count. */
  readonly approvers?: readonly Approver[];
  /** Whose gates say that they want a signature. */
  readonly contracts?: readonly AnyContract[];
}

/** What was found of the signatures of decisions. */
export interface SignatureReport {
  /** Decisions that are recorded as signed and whose signature holds. */
  readonly whole: number;
  /** Those of them signed by a key that stands beside the approver's name in the project today. */
  readonly confirmed: number;
  /** Those whose key does not: it may have been taken out since. The first 100. */
  readonly unconfirmed: readonly Pick<CheckedDecision, "stream" | "path" | "position" | "approver" | "key">[];
  /** What is not as it was signed, or not signed though its gate wants that. */
  readonly faults: readonly (Pick<CheckedDecision, "stream" | "path" | "position"> & { readonly message: string })[];
}

/** What `verify` of a runtime finds. */
export interface RuntimeReport extends VerifyReport {
  /** Of the signatures of decisions; left out where nothing was signed, or the ledger itself is damaged. */
  readonly signatures?: SignatureReport;
}

const SHOWN = 100;

/**
 * Checks the signatures in a ledger, beside whoever writes there.
 *
 * @example
 * ```ts
 * const { faults } = await verifySignatures(fileLedger(".kindling/ledger"), { approvers, contracts });
 * ```
 * @throws ConfigError `bad_approvers`; LedgerError as for opening it
 */
export async function verifySignatures(place: LedgerPlace, query: SignaturesQuery = {}): Promise<SignatureReport> {
  assertApprovers(query.approvers ?? []);
  await using ledger = await place.open({ access: "read" });
  return await signaturesIn(ledger, query);
}

/** Everything that an open ledger can show. */
export async function verifyAll(ledger: Ledger, query: SignaturesQuery): Promise<RuntimeReport> {
  const report = await ledger.verify();
  if (!report.ok) return report;
  const signatures = await signaturesIn(ledger, query);
  if (signatures.whole === 0 && signatures.faults.length === 0) return report;
  return { ...report, ok: signatures.faults.length === 0, signatures };
}

/** The same for a ledger that is open. */
export async function signaturesIn(ledger: Ledger, { approvers = [], contracts = [] }: SignaturesQuery): Promise<SignatureReport> {
  const people = new Approvers(approvers);
  const plans = new Plans(contracts);
  const report = { whole: 0, confirmed: 0, unconfirmed: [] as CheckedDecision[], faults: [] as SignatureReport["faults"][number][] };
  for (const run of await streamsOf(ledger, hasSignedGate(plans))) {
    const entries = await ledger.read(run);
    const decisions = checkDecisions(ledger.id, entries);
    for (const decision of decisions) {
      const { stream, path, position, fault } = decision;
      if (fault !== undefined) report.faults.push({ stream, path, position, message: fault });
      else {
        report.whole += 1;
        if (isOwnKey(people, decision)) report.confirmed += 1;
        else if (report.unconfirmed.length < SHOWN) report.unconfirmed.push(decision);
      }
    }
    report.faults.push(...unsignedIn(entries, plans, ledger));
  }
  return report;
}

/** The streams that somebody signed something in, or may have had to. Only their names are held. */
async function streamsOf(ledger: Ledger, hasGates: boolean): Promise<ReadonlySet<string>> {
  const concerns = (fact: JsonObject) =>
    fact["type"] === "run.compacted" || (DECISIONS.has(fact["type"]) && (hasGates || isSigned(fact))) || (hasGates && isGiven(fact));
  const streams = new Set<string>();
  // What is kept of before the log's beginning is found by its heads.
  for (const { run, started } of eachHead(ledger, { keys: [] })) {
    if (started >= ledger.oldest) break;
    streams.add(run);
  }
  for await (const { run, facts } of ledger.changes({ after: ledger.oldest - 1 })) if (facts.some(concerns)) streams.add(run);
  return streams;
}

const DECISIONS: ReadonlySet<unknown> = new Set(["event.delivered", "event.counted"]);

function isSigned({ actor, signature }: JsonObject): boolean {
  return (
    signature !== undefined || (typeof actor === "object" && actor !== null && "assurance" in actor && actor["assurance"] === "signed")
  );
}

/** A value that somebody gave instead of the node's own work. */
function isGiven({ type, by }: JsonObject): boolean {
  return type === "node.succeeded" && by !== undefined;
}

/** Decisions without a signature at gates that want one, by the plan the run had then. */
function unsignedIn(entries: readonly Entry[], plans: Plans, ledger: Ledger): SignatureReport["faults"] {
  let pinned: unknown;
  let path = "";
  return entries.flatMap(({ run, position, facts }) =>
    facts.flatMap((fact) => {
      if (fact["type"] === "run.started" && typeof fact["path"] === "string") path = fact["path"];
      if (fact["type"] === "run.started" || fact["type"] === "run.upgraded") pinned = fact["plan"];
      const node = typeof fact["node"] === "string" ? fact["node"] : "";
      const isBare = (DECISIONS.has(fact["type"]) && !isSigned(fact)) || isGiven(fact);
      const plan = isBare ? plans.of(ledger, run) : undefined;
      const work = plan?.hash === pinned ? plan?.byName.get(node)?.definition.behaviour.work : undefined;
      if (work?.type !== "wait" || work.gate?.assurance !== "signed") return [];
      return [
        {
          stream: run,
          position,
          path: joinPath(path, node),
          message: "its gate wants a signature, and the decision has none",
        },
      ];
    }),
  );
}

function hasSignedGate(plans: Plans): boolean {
  return [...plans.all()].some(wantsSignature);
}

function wantsSignature({ nodes }: Plan): boolean {
  return nodes.some(({ definition, parts }) => {
    const { work } = definition.behaviour;
    return (work.type === "wait" && work.gate?.assurance === "signed") || Object.values(parts).some(wantsSignature);
  });
}

function isOwnKey(people: Approvers, { key = "", approver }: CheckedDecision): boolean {
  const read = readPublicKey(key);
  return !isNoKey(read) && people.ownerOf(read)?.id === approver;
}
