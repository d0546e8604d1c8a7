// Facts of runs in a lineage of facts of the application: what they rest on, and what rests on them, over parents, children and stores. Reads runs as a whole, each once.

import type { Ledger } from "../ledger/ledger.ts";
import { FactLinks } from "../run/fact-links.ts";
import { keys, readNote } from "../run/head.ts";
import { placeOf } from "../run/explain-tree.ts";
import { readFact } from "../run/read-fact.ts";
import { subjectsOf } from "../run/rests-on.ts";
import type { OtherFacts } from "../store/lineage.ts";
import { eachHead } from "./each-head.ts";

/** Made for one question. */
export class RunFacts implements OtherFacts {
  readonly #ledger: Ledger;
  readonly #runs = new Map<string, Promise<FactLinks | undefined>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  async causesOf(id: string): Promise<readonly string[] | undefined> {
    if (this.#isRun(id)) {
      const links = await this.#linksOf(id);
      return links === undefined ? [] : [`${id}:${links.end}`];
    }
    const { run, number } = placeOf(id);
    if (!this.#isRun(run)) return undefined;
    const links = await this.#linksOf(run);
    if (links === undefined || !links.has(number)) return [];
    const own = links.causesOf(number);
    if (number === 1 && links.parent !== undefined)
      return [...own, ...((await this.#linksOf(links.parent.run))?.givenTo(links.parent) ?? [])];
    const child = links.childEnded(number);
    const inside = child === undefined ? undefined : await this.#linksOf(child);
    return inside === undefined ? own : [...own, `${child}:${inside.end}`];
  }

  async effectsOf(id: string): Promise<readonly string[]> {
    const subjects = subjectsOf(id);
    if (subjects.length > 0) return this.#restingOn(id, subjects);
    if (this.#isRun(id)) return [...eachHead(this.#ledger, { keys: [keys.under(id)] })].map(({ run }) => run);
    const { run, number } = placeOf(id);
    const links = this.#isRun(run) ? await this.#linksOf(run) : undefined;
    if (links === undefined) return [];
    const own = links.effectsOf(number).map((each) => `${run}:${each}`);
    const children = links.childrenListed(number).filter((child) => this.#isRun(child));
    const { parent } = links;
    const above = parent === undefined || number !== links.end ? undefined : await this.#linksOf(parent.run);
    const settled = parent === undefined ? [] : (above?.settledAt(parent) ?? []).map((each) => `${parent.run}:${each}`);
    return [...own, ...children.map((child) => `${child}:1`), ...settled];
  }

  /** What runs have made of a fact of a store. */
  async #restingOn(id: string, subjects: readonly string[]): Promise<readonly string[]> {
    const runs = new Set(
      subjects.flatMap((subject) => [...eachHead(this.#ledger, { keys: [keys.restsOn(subject)] })].map(({ run }) => run)),
    );
    const found: string[] = [];
    for (const run of runs) {
      const links = await this.#linksOf(run);
      // Of a run whose facts are gone it is known that it rests on some fact of this key.
      found.push(...(links === undefined ? [run] : links.restingOn(id).map((number) => `${run}:${number}`)));
    }
    return found;
  }

  #isRun(id: string): boolean {
    const head = this.#ledger.head(id);
    return head !== undefined && (readNote(head.note) !== undefined || head.keys.includes(keys.compacted));
  }

  /** Undefined for a run whose facts are gone. */
  #linksOf(run: string): Promise<FactLinks | undefined> {
    const known = this.#runs.get(run) ?? this.#read(run);
    this.#runs.set(run, known);
    return known;
  }

  async #read(run: string): Promise<FactLinks | undefined> {
    const head = this.#ledger.head(run);
    if (head === undefined || readNote(head.note) === undefined) return undefined;
    const entries = await this.#ledger.read(run);
    return new FactLinks(
      run,
      entries.flatMap(({ facts }) => facts.map((json) => readFact(json, run))),
    );
  }
}
