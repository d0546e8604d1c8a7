// Erasing runs for ever. Who asks and why is recorded first, in a stream beside the run; then the keys of its whole tree are destroyed. An erasure that a crash cut short
// is completed by the next host.

import { setTimeout } from "node:timers/promises";
import { InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { compactedNote } from "../run/compacted.ts";
import { erasedMeanwhile, isErased } from "../run/erased.ts";
import { effectNotes } from "../store/effects.ts";
import type { Actor } from "../run/fact.ts";
import { keys } from "../run/head.ts";
import { eachHead, hasHead } from "./each-head.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { ERASURE_KEY, erasureIn, erasureStream, type Erasure } from "./erasure.ts";
import type { EraseOrder } from "./host.ts";
import { rootNote } from "./known-run.ts";

/** The records of all erasures share a key, which is destroyed with none of them. No stream has this name. */
const RECORDS_TREE = "erasures";

/** How the head of a root names the letters that it took from a mailbox. */
const MAILED = keys.mailed("");

/** How long is waited for the children of a run that has ended. */
const CLOSING_LOOKS = 200;
const CLOSING_STEP_MS = 5;

/** Facts that are named to who erases what they rest on. */
const RESTING_SHOWN = 100;

const UNKNOWN: Actor = { id: "unknown", assurance: "agent" };

/** The erasures of a host. */
export class Erasures {
  readonly #host: EmbeddedHost;
  readonly #underWay = new Map<string, Promise<Erasure>>();

  constructor(host: EmbeddedHost) {
    this.#host = host;
  }

  /**
   * Erases a root run and all its children; one that is erased stays so.
   * @throws InputError `run_not_found`, `run_open`, LedgerError `ledger_not_encrypted`
   */
  erase(order: EraseOrder): Promise<Erasure> {
    this.#host.assertOpen(order);
    const { run } = order;
    // The second of two calls is told what the first one did.
    const erasing = this.#underWay.get(run) ?? this.#begin(order).finally(() => this.#underWay.delete(run));
    this.#underWay.set(run, erasing);
    return erasing;
  }

  /** Completes what a crash cut short. */
  async complete(): Promise<void> {
    // All of them first: each is found no more when it is done.
    const begun = [...eachHead(this.#host.ledger, { keys: [ERASURE_KEY], open: true })];
    for (const head of begun) {
      const erasure = erasureIn(head);
      if (erasure !== undefined) await this.#finish(erasure);
    }
  }

  async #begin({ run, reason, actor = UNKNOWN }: EraseOrder): Promise<Erasure> {
    const { ledger, residents, clock } = this.#host;
    const record = ledger.head(erasureStream(run));
    const known = record === undefined ? undefined : erasureIn(record);
    if (known !== undefined) return record?.open === true ? this.#finish(known) : known;
    const { contract } = contractOf(ledger, run);
    // Nothing yet: asks whether this ledger can erase.
    await ledger.erase([]);
    await this.#closed(run);
    this.#requireEnded(run);
    if (!(await residents.shut(run, erasedMeanwhile))) throw inUse(run);
    try {
      // Somebody may have made it go on before nobody could any more.
      this.#requireEnded(run);
      const { startedAt = 0 } = ledger.head(run) ?? {};
      const runs = [...this.#treeOf(run)].length;
      const erasure: Erasure = {
        run,
        contract,
        runs,
        startedAt,
        erasedAt: clock.now(),
        actor,
        ...(reason === undefined ? {} : { reason }),
      };
      const resting = await this.#restingOn(run);
      await this.#record(erasure, "run.erasing");
      await this.#finish(erasure);
      return resting.count === 0 ? erasure : { ...erasure, restingFacts: resting };
    } catch (error) {
      await residents.reopen(run);
      throw error;
    }
  }

  /** A run that was cancelled a moment ago may have children that are about to end. */
  async #closed(run: string): Promise<void> {
    for (let look = 0; look < CLOSING_LOOKS && this.#isClosing(run); look++) await setTimeout(CLOSING_STEP_MS);
  }

  #isClosing(run: string): boolean {
    const { ledger } = this.#host;
    return ledger.head(run)?.open === false && hasHead(ledger, { keys: [keys.inTree(run)], open: true });
  }

  #requireEnded(run: string): void {
    if (this.#isClosing(run))
      throw new InputError("run_open", `run ${run} has ended, and something inside it has not`, {
        fix: "Do it again in a moment.",
        details: { run },
      });
    if (this.#host.ledger.head(run)?.open === true)
      throw new InputError("run_open", `run ${run} has not ended`, {
        fix: `Cancel it first: kindling cancel ${run}`,
        details: { run },
      });
  }

  async #finish(erasure: Erasure): Promise<Erasure> {
    const { ledger, mailbox, snapshots } = this.#host;
    const { run, contract } = erasure;
    // What is being written beside the log now would come after the rest is gone.
    await snapshots.idle();
    const mailed = (ledger.head(run)?.keys ?? []).filter((key) => key.startsWith(MAILED)).map((key) => key.slice(MAILED.length));
    // Before the run, whose head is the last to know them.
    await mailbox.erase(contract, mailed, run);
    const runs = [...this.#treeOf(run)];
    if (runs.length > 0) await ledger.erase([{ tree: run, runs }]);
    await this.#record(erasure, "run.erased");
    return erasure;
  }

  /** Facts of the application that name a fact of the tree as their cause. */
  async #restingOn(root: string): Promise<{ readonly count: number; readonly ids: readonly string[] }> {
    const ids = new Set<string>();
    for (const run of this.#treeOf(root)) for await (const { effect } of effectNotes(this.#host.ledger, run)) ids.add(effect);
    return { count: ids.size, ids: [...ids].slice(0, RESTING_SHOWN) };
  }

  /** The streams of a tree that are not erased yet. */
  *#treeOf(root: string): Generator<string> {
    const { ledger } = this.#host;
    const head = ledger.head(root);
    if (head !== undefined && !isErased(head.note)) yield root;
    for (const { run } of eachHead(ledger, { keys: [keys.inTree(root)] })) yield run;
  }

  async #record(erasure: Erasure, type: "run.erasing" | "run.erased"): Promise<void> {
    const { ledger } = this.#host;
    const run = erasureStream(erasure.run);
    // Every member of it is JSON.
    const note = erasure as unknown as JsonObject;
    const head = { open: type === "run.erasing", keys: [ERASURE_KEY], note };
    await ledger.append([{ run, tree: RECORDS_TREE, expected: ledger.head(run)?.version ?? 0, facts: [{ type, ...note }], head }]);
  }
}

/** Also of a run of which only a receipt is left: that may have to go, too. */
function contractOf(ledger: Ledger, run: string): { readonly contract: string } {
  return compactedNote(ledger.head(run)?.note ?? {}) ?? rootNote(ledger, run);
}

function inUse(run: string): InputError {
  return new InputError("run_open", `somebody works with run ${run} at this moment`, { fix: "Do it again.", details: { run } });
}
