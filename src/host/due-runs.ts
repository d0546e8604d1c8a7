// Runs whose time comes. The ledger knows the next time of every run; memory holds the times of the next minute, taken a page at a time, and when to look again.

import type { Head, StreamHead } from "../ledger/ledger.ts";
import { readNote } from "../run/head.ts";
import type { Timer } from "./clock.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { exitIsDue, timeIsUp } from "./time-is-up.ts";
import type { Timers } from "./timers.ts";

/** Times that come sooner than this are kept in memory; later ones stay in the ledger. */
export const WINDOW_MS = 60_000;

/** Runs taken from the ledger at once: no more are brought back side by side since their time has come. */
export const DUE_PAGE = 100;

/** Keeps the times of a host's runs. */
export class DueRuns {
  readonly #host: EmbeddedHost;
  readonly #timers: Timers;
  /** Runs whose time has come, with that time, until their heads show another one. Those that this process cannot carry on stay here. */
  readonly #come = new Map<string, string | undefined>();
  /** How many of them are being looked at. */
  #underWay = 0;
  /** More are due than were taken: the rest follows when these are done. */
  #isBehind = false;
  #nextLook: { readonly at: number; readonly timer: Timer } | undefined;
  #isClosed = false;

  constructor(host: EmbeddedHost, timers: Timers) {
    this.#host = host;
    this.#timers = timers;
  }

  close(): void {
    this.#isClosed = true;
    this.#nextLook?.timer.cancel();
    this.#timers.close();
  }

  /** A node of a run in memory is to be looked at. With `isNoted` the head of the run tells the time too: then one that is far off needs no memory. */
  set(run: string, node: string, at: number, isNoted: boolean): void {
    if (!isNoted || this.#isNear(at)) this.#setNode(run, node, at);
  }

  /** What follows on the end of a run is to be tried again. Its head tells the time. */
  setExit(run: string, at: number): void {
    if (this.#isNear(at)) this.#setExit(run, at);
  }

  /** A head is durable: from now on the ledger finds its run by its time. */
  noted(run: string, head: Head): void {
    const { due, note } = head;
    if (turnOf(head) === this.#come.get(run)) return;
    this.#come.delete(run);
    if (due === undefined || due >= (this.#nextLook?.at ?? Number.POSITIVE_INFINITY) || this.#timers.has(exitTimer(run), due)) return;
    const { timers = [] } = readNote(note) ?? {};
    if (!timers.some(({ node, at }) => at === due && this.#timers.has(nodeTimer(run, node), at))) this.#lookAt(due);
  }

  /**
   * Takes the runs from the ledger whose time has come or is near, the earliest first.
   * @param at the time that has come, whatever the clock shows now: it may have been set back
   */
  look(at = 0): void {
    if (this.#isClosed) return;
    const now = Math.max(at, this.#host.clock.now());
    this.#nextLook?.timer.cancel();
    this.#nextLook = undefined;
    this.#isBehind = false;
    for (const [place, head] of this.#notYetCome().entries()) {
      const { due = now } = head;
      if (place < DUE_PAGE && due <= now) this.#runIsDue(head, due, now);
      else if (place < DUE_PAGE && due <= now + WINDOW_MS) this.#arm(head, now + WINDOW_MS);
      else if (due > now) return this.#lookAt(due);
      else {
        this.#isBehind = true;
        return this.#goOn();
      }
    }
  }

  /** The next page of runs that have a time, and one more that tells when to look again. */
  #notYetCome(): readonly StreamHead[] {
    // Those that have come stand first and are passed over. Should there be many, asking for twice as many each time costs no more than the last asking, twice.
    for (let limit = this.#come.size + DUE_PAGE + 1; ; limit *= 2) {
      const heads = this.#host.ledger.due({ until: Number.MAX_SAFE_INTEGER, limit });
      const fresh = heads.filter((head) => this.#come.get(head.run) !== turnOf(head));
      if (fresh.length > DUE_PAGE || heads.length < limit) return fresh.slice(0, DUE_PAGE + 1);
    }
  }

  #arm({ run, note, due = 0 }: StreamHead, until: number): void {
    const timers = readNote(note)?.timers ?? [];
    if (timers.length === 0) this.#setExit(run, due);
    for (const { node, at } of timers) if (at <= until) this.#setNode(run, node, at);
  }

  #runIsDue(head: StreamHead, due: number, now: number): void {
    const { run, note } = head;
    const known = readNote(note);
    // It belongs to those who have its contract.
    if (known === undefined || this.#host.plans.of(this.#host.ledger, run) === undefined) return void this.#come.set(run, turnOf(head));
    const nodes = (known.timers ?? []).filter(({ at }) => at <= now);
    const looks = nodes.map(({ node, at }) => timeIsUp(this.#host, run, node, at));
    this.#hasCome(run, now, nodes.length === 0 ? exitIsDue(this.#host, run, due) : Promise.all(looks));
  }

  #setNode(run: string, node: string, at: number): void {
    this.#timers.set(nodeTimer(run, node), at, () => this.#hasCome(run, at, timeIsUp(this.#host, run, node, at)));
  }

  #setExit(run: string, at: number): void {
    this.#timers.set(exitTimer(run), at, () => this.#hasCome(run, at, exitIsDue(this.#host, run, at)));
  }

  #hasCome(run: string, at: number, work: Promise<unknown>): void {
    const head = this.#host.ledger.head(run);
    // A head that tells a later time does not know of this one yet.
    if (head?.due !== undefined && head.due <= at) this.#come.set(run, turnOf(head));
    this.#underWay += 1;
    const over = work.finally(() => {
      this.#underWay -= 1;
      this.#goOn();
    });
    this.#host.background(over);
  }

  #goOn(): void {
    if (this.#isBehind && this.#underWay === 0) setImmediate(() => this.look());
  }

  /** One timer, replaced by an earlier one: times of runs that were answered meanwhile leave nothing behind. */
  #lookAt(at: number): void {
    if (this.#isClosed || at >= (this.#nextLook?.at ?? Number.POSITIVE_INFINITY)) return;
    this.#nextLook?.timer.cancel();
    this.#nextLook = { at, timer: this.#host.clock.at(at, () => this.look(at)) };
  }

  #isNear(at: number): boolean {
    return at <= this.#host.clock.now() + WINDOW_MS;
  }
}

/** What comes next in a run: the time and whose it is, since the node that is reached in that very moment may have the same one. */
function turnOf({ due, note }: Head): string | undefined {
  if (due === undefined) return undefined;
  const nodes = (readNote(note)?.timers ?? []).filter(({ at }) => at === due).map(({ node }) => node);
  return [due, ...nodes].join(" ");
}

function nodeTimer(run: string, node: string): string {
  return `${run}/${node}`;
}

function exitTimer(run: string): string {
  return `${run} exit`;
}
