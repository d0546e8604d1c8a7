// Signed decisions as they stand in a ledger or a receipt, each checked again: that the key signed just the words that are recorded, and that the words are about just what is recorded. Whose
// key it is, is for others to say. Pure: reads facts that are given.

import { hashJson, isJsonObject, type JsonObject } from "../json.ts";
import type { Entry } from "../ledger/ledger.ts";
import type { SignedEvidence } from "../run/event-facts.ts";
import type { Actor } from "../run/fact.ts";
import { joinPath } from "../run/path.ts";
import { readFact } from "../run/read-fact.ts";
import { DECISION_NAMESPACE, readStatement } from "../signing/decision-statement.ts";
import { checkSshSignature } from "../signing/ssh-signature.ts";

/** A decision that is recorded as signed. */
export interface CheckedDecision {
  /** The stream it stands in: the run, or a child of it. */
  readonly stream: string;
  /** Position of its commit. */
  readonly position: number;
  /** From the root run. */
  readonly path: string;
  /** Who is recorded as having signed. */
  readonly approver: string;
  /** The public key that signed, as a line; undefined where that is not known. */
  readonly key: string | undefined;
  /** Why it shows nothing; undefined for one that holds. */
  readonly fault: string | undefined;
}

/**
 * Every decision in some commits that is recorded as signed, or has a signature, checked. Decisions whose large values were left out are passed over: what is not there shows nothing.
 *
 * @param ledger id of the ledger that the commits are of
 * @param entries whole streams, each in its order
 */
export function checkDecisions(ledger: string, entries: readonly Entry[]): readonly CheckedDecision[] {
  const streams = new Map<string, StreamReader>();
  return entries.flatMap((entry) => {
    const reader = streams.get(entry.run) ?? new StreamReader(ledger, entry.run);
    streams.set(entry.run, reader);
    return reader.take(entry);
  });
}

/** A decision, and what it must be about. */
interface Recorded {
  readonly ledger: string;
  readonly run: string;
  readonly path: string;
  readonly event: string;
  readonly shown: string;
  /** Undefined where the facts of its opening are gone. */
  readonly opening: string | undefined;
  /** Its digest. */
  readonly payload: string;
  readonly actor: Actor;
  readonly time: number;
  readonly signature: SignedEvidence | undefined;
}

class StreamReader {
  readonly #ledger: string;
  readonly #stream: string;
  #root = "";
  #path = "";
  readonly #openings = new Map<string, { readonly id: string; readonly shown: string }>();

  constructor(ledger: string, stream: string) {
    this.#ledger = ledger;
    this.#stream = stream;
  }

  take({ facts, first, position, time }: Entry): readonly CheckedDecision[] {
    return facts.flatMap((fact, index) => {
      if (!CONCERNS.has(fact["type"]) || isJsonObject(fact["blobs"])) return [];
      return this.#recorded(fact, `${this.#stream}:${first + index}`, time).map((recorded) => ({
        stream: this.#stream,
        position,
        path: recorded.path,
        approver: recorded.actor.id,
        ...checked(recorded),
      }));
    });
  }

  #recorded(json: JsonObject, id: string, time: number): readonly Recorded[] {
    const fact = readFact(json, this.#stream);
    switch (fact.type) {
      case "run.started":
        this.#root = fact.root;
        this.#path = fact.path;
        return [];
      case "await.opened":
        this.#openings.set(fact.node, { id, shown: fact.shown });
        return [];
      case "event.delivered":
      case "event.counted": {
        const { node, event, actor, payload, signature } = fact;
        if (actor.assurance !== "signed" && signature === undefined) return [];
        const opening = this.#openings.get(node);
        const place = { ledger: this.#ledger, run: this.#root, path: joinPath(this.#path, node), event };
        return [{ ...place, shown: opening?.shown ?? "", opening: opening?.id ?? "", payload: hashJson(payload), actor, time, signature }];
      }
      case "run.compacted": {
        const { run, decisions } = fact.receipt;
        const signed = decisions.filter(({ actor, signature }) => actor.assurance === "signed" || signature !== undefined);
        return signed.map(({ signature, ...decision }) => ({ ledger: this.#ledger, run, opening: undefined, signature, ...decision }));
      }
      default:
        return [];
    }
  }
}

const CONCERNS: ReadonlySet<unknown> = new Set(["run.started", "await.opened", "event.delivered", "event.counted", "run.compacted"]);

function checked(recorded: Recorded): Pick<CheckedDecision, "key" | "fault"> {
  const { signature, actor } = recorded;
  if (signature === undefined) return { key: undefined, fault: "it is recorded as signed, and there is no signature" };
  const { key } = signature;
  const statement = readStatement(signature.statement);
  if (statement === undefined) return { key, fault: "what was signed is no statement about a decision" };
  const made = checkSshSignature(signature.statement, signature.signature, DECISION_NAMESPACE);
  if (!made.ok) return { key, fault: `the signature ${made.reason}` };
  if (made.line !== key) return { key, fault: "another key signed than the one that is recorded" };
  if (actor.assurance !== "signed" || statement.approver !== actor.id)
    return { key, fault: `${statement.approver} signed it, and it is recorded as the word of ${actor.id} (${actor.assurance})` };
  const { ledger, run, path, event, shown, opening, payload } = recorded;
  const members = Object.entries({ ledger, run, path, event, shown, opening, payload } satisfies Partial<
    Record<keyof typeof statement, unknown>
  >);
  const other = members.find(([name, value]) => value !== undefined && value !== new Map(Object.entries(statement)).get(name));
  if (other !== undefined) return { key, fault: `it is not what was signed: ${WHAT[other[0]] ?? other[0]} is another` };
  return {
    key,
    fault:
      recorded.time > Date.parse(statement.expires) ? `it was recorded after ${statement.expires}, when the signature was over` : undefined,
  };
}

const WHAT: Readonly<Record<string, string>> = {
  shown: "what was shown",
  opening: "the time it opened",
};
