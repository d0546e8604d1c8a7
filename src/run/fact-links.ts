// Which facts of a run rest on which: on each other, on those of its parent and its children, on facts of stores. Read from the facts alone, so that the contract of
// the run need not be there.

import { childRunId } from "./ids.ts";
import type { Fact, ParentLink } from "./fact.ts";
import { storeFactIn } from "./rests-on.ts";

/** What gives a node its value. */
const OUTCOMES: ReadonlySet<Fact["type"]> = new Set(["node.succeeded", "node.reused", "event.delivered"]);
/** What a node does for a while ends with one of these. */
const ENDS: ReadonlySet<Fact["type"]> = new Set([...OUTCOMES, "node.failed"]);
const RUN_ENDS: ReadonlySet<Fact["type"]> = new Set(["run.succeeded", "run.failed", "run.cancelled"]);

/** The facts of one run, by their numbers from 1. */
export class FactLinks {
  readonly #run: string;
  readonly #facts: readonly Fact[];
  /** Numbers of the facts of each node, in order. */
  readonly #ofNode = new Map<string, number[]>();
  /** Which facts have this one among their causes. */
  readonly #restOn = new Map<number, number[]>();

  constructor(run: string, facts: readonly Fact[]) {
    this.#run = run;
    this.#facts = facts;
    for (const [index, fact] of facts.entries()) {
      if ("node" in fact) listIn(this.#ofNode, fact.node).push(index + 1);
      for (const cause of causesIn(fact)) listIn(this.#restOn, cause).push(index + 1);
    }
  }

  get parent(): ParentLink | undefined {
    const [first] = this.#facts;
    return first?.type === "run.started" ? first.parent : undefined;
  }

  /** The number of the fact by which it ended; its last one while it goes on. */
  get end(): number {
    const end = this.#facts.findLastIndex(({ type }) => RUN_ENDS.has(type));
    return end < 0 ? this.#facts.length : end + 1;
  }

  has(number: number): boolean {
    return number >= 1 && number <= this.#facts.length;
  }

  /** Facts that this one rests on: ids of the run's own and of stores. What it rests on in other runs is asked of `childEnds`, `inParent`. */
  causesOf(number: number): readonly string[] {
    const fact = this.#facts[number - 1];
    if (fact === undefined) return [];
    const own = [...causesIn(fact), ...this.#workFor(number, fact)].map((cause) => `${this.#run}:${cause}`);
    if (fact.type === "run.started") return fact.from === undefined ? [] : [fact.from];
    if (fact.type === "node.reused") return [...own, fact.source];
    if (fact.type === "event.delivered") return [...own, ...storeFactIn(fact.deliveryId)];
    if (fact.type === "node.succeeded" || fact.type === "node.failed") return [...own, ...this.#readFor(number, fact.node)];
    return RUN_ENDS.has(fact.type) ? this.#outcomesBefore(number) : own;
  }

  /** Facts of this run that rest on this one. */
  effectsOf(number: number): readonly number[] {
    const fact = this.#facts[number - 1];
    const own = this.#restOn.get(number) ?? [];
    if (fact === undefined) return own;
    if (fact.type === "run.started") return [...own, ...this.#firstOnes()];
    if (fact.type === "child.settled" || fact.type === "await.opened" || fact.type === "children.listed")
      return [...own, ...this.#nextOf(fact.node, number, ENDS)];
    return OUTCOMES.has(fact.type) && own.length === 0 && this.parent !== undefined ? [this.end] : own;
  }

  /** Facts that rest on this fact of a store: the values made of it, and what it started or answered. */
  restingOn(id: string): readonly number[] {
    return this.#facts.flatMap((fact, index) => {
      if (fact.type === "facts.read" && fact.facts.includes(id)) return this.#nextOf(fact.node, index + 1, ENDS).slice(0, 1);
      const isMeant = (fact.type === "run.started" && fact.from === id) || (fact.type === "event.delivered" && fact.deliveryId === id);
      return isMeant ? [index + 1] : [];
    });
  }

  /** The child run whose end this fact notes. */
  childEnded(number: number): string | undefined {
    const fact = this.#facts[number - 1];
    if (fact?.type !== "child.settled") return undefined;
    return fact.source ?? childRunId(this.#run, fact.node, fact.key);
  }

  /** The child runs that this fact brought forth. */
  childrenListed(number: number): readonly string[] {
    const fact = this.#facts[number - 1];
    return fact?.type === "children.listed" ? fact.keys.map((key) => childRunId(this.#run, fact.node, key)) : [];
  }

  /** What a child of this run was given its inputs by: the listing of its key, and for one that was asked for by those before it, their ends. */
  givenTo({ node, key }: ParentLink): readonly string[] {
    const about = this.#ofNode.get(node) ?? [];
    const listed = about.findLast((number) => {
      const fact = this.#facts[number - 1];
      return fact?.type === "children.listed" && fact.keys.includes(key);
    });
    const listing = this.#facts[(listed ?? 0) - 1];
    const before = listing?.type === "children.listed" && listing.more === true ? about : [];
    const ends = before.filter((number) => number < (listed ?? 0) && this.#facts[number - 1]?.type === "child.settled");
    return [...(listed === undefined ? [] : [listed]), ...ends].map((number) => `${this.#run}:${number}`);
  }

  /** The number of the note of a child's end. */
  settledAt({ node, key }: ParentLink): readonly number[] {
    const isOf = (number: number): boolean => {
      const fact = this.#facts[number - 1];
      return fact?.type === "child.settled" && fact.key === key;
    };
    return (this.#ofNode.get(node) ?? []).filter(isOf).slice(-1);
  }

  /** The notes of children and the await that an outcome came of. */
  #workFor(number: number, fact: Fact): readonly number[] {
    if (!("node" in fact) || !ENDS.has(fact.type)) return [];
    return this.#sinceLastEnd(number, fact.node).filter((each) => {
      const type = this.#facts[each - 1]?.type;
      return type === "child.settled" || type === "await.opened" || type === "children.listed";
    });
  }

  #readFor(number: number, node: string): readonly string[] {
    return this.#sinceLastEnd(number, node).flatMap((each) => {
      const fact = this.#facts[each - 1];
      return fact?.type === "facts.read" ? fact.facts : [];
    });
  }

  #sinceLastEnd(number: number, node: string): readonly number[] {
    const before = (this.#ofNode.get(node) ?? []).filter((each) => each < number);
    const last = before.findLastIndex((each) => OUTCOMES.has(this.#facts[each - 1]?.type ?? "run.started"));
    return before.slice(last + 1);
  }

  #nextOf(node: string, number: number, types: ReadonlySet<Fact["type"]>): readonly number[] {
    const next = (this.#ofNode.get(node) ?? []).find((each) => each > number && types.has(this.#facts[each - 1]?.type ?? "run.started"));
    return next === undefined ? [] : [next];
  }

  /** Outcomes that nothing else in the run was made of. */
  #outcomesBefore(number: number): readonly string[] {
    return this.#facts.flatMap((fact, index) => {
      const isLast = index + 1 < number && ENDS.has(fact.type) && (this.#restOn.get(index + 1) ?? []).length === 0;
      return isLast ? [`${this.#run}:${index + 1}`] : [];
    });
  }

  /** What is made of nothing but the inputs stands with the start as its cause; what is listed or read at once may not. */
  #firstOnes(): readonly number[] {
    return this.#facts.flatMap((fact, index) => {
      const isFirst =
        (ENDS.has(fact.type) || fact.type === "children.listed" || fact.type === "await.opened") && causesIn(fact).length === 0;
      return isFirst && "node" in fact && fact.type !== "event.delivered" ? [index + 1] : [];
    });
  }
}

function causesIn(fact: Fact): readonly number[] {
  return "cause" in fact ? (fact.cause ?? []) : [];
}

function listIn<K>(lists: Map<K, number[]>, key: K): number[] {
  const known = lists.get(key) ?? [];
  lists.set(key, known);
  return known;
}
