// What a run of the played contract may do, in a few rules: it reads the log, and judges what callers were told by it. It shares no code with the product.

import type { RecordedFact } from "../../src/index.ts";
import type { Told } from "./told.ts";

interface Await {
  status: "closed" | "open" | "due" | "decided" | "failed";
  deadline: number;
}

/** Reads facts in the order of the log; each problem is a sentence. */
export class Reference {
  readonly problems: string[] = [];
  readonly #awaits: Record<"answer" | "gate", Await> = {
    answer: { status: "closed", deadline: 0 },
    gate: { status: "closed", deadline: 0 },
  };
  readonly #texts = new Map<string, string>();
  readonly #delivered = new Set<string>();
  #run: "none" | "alive" | "succeeded" | "failed" | "cancelled" = "none";
  #hasEnded = false;
  #isPublished = false;

  read(fact: RecordedFact): void {
    const isBeginning = fact.type === "run.started" ? this.#run === "none" : this.#run === "alive";
    this.#need(isBeginning || (fact.type === "run.retried" && this.#run === "failed"), fact, `while the run is ${this.#run}`);
    const named = "node" in fact && (fact.node === "answer" || fact.node === "gate") ? this.#awaits[fact.node] : undefined;
    if (named !== undefined) return this.#readAwait(fact, named);
    if (fact.type === "run.started") this.#run = "alive";
    if (fact.type === "event.buffered") {
      this.#need(!this.#texts.has(fact.deliveryId), fact, "under an id that was taken");
      this.#texts.set(fact.deliveryId, String(fact.payload));
    }
    if (fact.type === "node.started") this.#need(this.#awaits.gate.status === "decided" && !this.#isPublished, fact, "out of turn");
    if (fact.type === "node.succeeded" && fact.node === "publish") this.#isPublished = true;
    if (fact.type === "run.retried") this.#retry();
    if (fact.type === "run.succeeded") this.#end("succeeded", fact, this.#isPublished);
    if (fact.type === "run.failed") this.#end("failed", fact, !this.#isPublished);
    if (fact.type === "run.cancelled") this.#end("cancelled", fact, true);
  }

  judge({ answer, call, node, id = "", text, isPerson, isKnown }: Told): void {
    const taken = this.#texts.get(id);
    const isRight: Readonly<Record<string, boolean | undefined>> = {
      started: call === "start",
      cancelled: call === "cancel",
      retried: call === "retry",
      delivered: this.#delivered.has(id) && taken === text,
      buffered: taken === text,
      duplicate: taken === text,
      delivery_conflict: taken !== undefined && taken !== text,
      already_decided: node !== undefined && !["closed", "open"].includes(this.#awaits[node].status),
      run_ended: this.#hasEnded,
      run_not_found: !isKnown,
      human_decision_required: node === "gate" && isPerson === false,
      nothing_to_retry: call === "retry",
    };
    if (isRight[answer] !== true) this.problems.push(`${call} ${id} ${text ?? ""} was told ${answer}`);
  }

  #readAwait(fact: RecordedFact, now: Await): void {
    if (fact.type === "await.opened") {
      this.#need(now.status === "closed", fact, `while it is ${now.status}`);
      Object.assign(now, { status: "open", deadline: fact.deadline ?? 0 });
    } else if (fact.type === "event.delivered") {
      const isKept = this.#texts.get(fact.deliveryId) === String(fact.payload);
      this.#need(now.status === "open", fact, `while it is ${now.status}`);
      this.#need(
        !this.#delivered.has(fact.deliveryId) && (isKept || !this.#texts.has(fact.deliveryId)),
        fact,
        "under an id that was taken",
      );
      this.#need(fact.node !== "gate" || fact.actor.assurance !== "agent", fact, "by an agent");
      this.#delivered.add(fact.deliveryId);
      this.#texts.set(fact.deliveryId, String(fact.payload));
      now.status = "decided";
    } else if (fact.type === "timer.fired") {
      this.#need(now.status === "open" && fact.time >= now.deadline, fact, `while it is ${now.status}, at ${fact.time - now.deadline} ms`);
      now.status = "due";
    } else if (fact.type === "node.succeeded" || fact.type === "node.failed") {
      this.#need(now.status === "due", fact, `while it is ${now.status}`);
      now.status = fact.type === "node.failed" ? "failed" : "decided";
    }
  }

  #retry(): void {
    this.#run = "alive";
    if (this.#awaits.gate.status === "failed") this.#awaits.gate.status = "closed";
  }

  #end(status: "succeeded" | "failed" | "cancelled", fact: RecordedFact, isAllowed: boolean): void {
    this.#need(isAllowed, fact, "with what it published or not");
    this.#run = status;
    this.#hasEnded = true;
  }

  #need(holds: boolean, { type, id }: RecordedFact, why: string): void {
    if (!holds) this.problems.push(`${type} (${id}) ${why}`);
  }
}
