// Facts of the application in the host that writes: recorded with nothing in them that the project does not want recorded, given up, taken out or erased; and what is derived from them.

import { asError, failureOf, LedgerError, RunError } from "../errors.ts";
import { type Duration, toMilliseconds } from "../graph/duration.ts";
import type { DeriveWorld } from "../store/derive-world.ts";
import { FactKeeper } from "../store/fact-keeper.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { takeFacts } from "../store/import-facts.ts";
import { FactWriter } from "../store/fact-writer.ts";
import { COMMITS_AT_ONCE } from "../store/outcome-writer.ts";
import { erasedUpTo, isErasing, pointCommit } from "../store/projection-log.ts";
import type { AnyStore } from "../store/store.ts";
import { Turns, TurnsByName } from "../turns.ts";
import { Derivations } from "./derivations.ts";
import type { EmbeddedHost } from "./embedded.ts";
import type { HistoryFeed } from "./history-feed.ts";
import type { Host } from "./host.ts";
import { redactedFailure } from "./redacted-fact.ts";

/** What of a host the work needs. */
type FactHost = Pick<EmbeddedHost, "assertOpen" | "clock" | "disclosure" | "ledger" | "log">;

/** The work of a host on facts. */
export class FactWork {
  readonly derivations: Derivations;
  /** Of calls that look at a key and write it. */
  readonly turns = new TurnsByName();
  readonly #host: FactHost;
  readonly #writer: FactWriter;
  readonly #keeping = new Turns();
  readonly #keeper: FactKeeper;
  readonly #ledger: Ledger;
  readonly #intake = new Turns();
  /** Gives up computations that are waited for. */
  readonly #closing = new AbortController();

  constructor(host: FactHost, stores: readonly AnyStore[]) {
    this.#host = host;
    this.#ledger = host.ledger;
    this.#writer = new FactWriter(host.ledger);
    this.#keeper = new FactKeeper(host.ledger, this.#writer, () => host.clock.now(), {
      takenUpTo: (store) => this.derivations.takenUpTo(store),
      lost: (stores) => this.derivations.lost(stores),
    });
    this.derivations = new Derivations(stores, this.#world(), (error) =>
      host.log({
        run: "",
        path: "",
        message: "what is derived is behind: with the next write it is tried again",
        details: { error: asError(error).message },
      }),
    );
  }

  readonly record: Host["record"] = async (order) => {
    this.#host.assertOpen();
    this.derivations.assertWritten(order.orders);
    const receipt = await this.#writer.record(order, { kept: (value) => this.#host.disclosure.given(value) });
    this.derivations.nudge();
    return receipt;
  };

  readonly keep: Host["keep"] = async (order) => {
    this.#host.assertOpen(order);
    // Nothing can be derived any more from what goes.
    if (order.verb === "compact" || order.verb === "prune") await this.derivations.order({ act: "settle" });
    // What is made of a fact that is erased meanwhile would be recorded after it, and nothing would tell.
    const report = await (order.verb === "erase" ? this.derivations.apart(() => this.#keeper.keep(order)) : this.#keeper.keep(order));
    // The beginning of the log may have moved beyond where something was derived last.
    this.derivations.nudge();
    return report;
  };

  readonly derive: Host["derive"] = (order) => {
    // How it stands is asked above all where nothing goes on.
    if (order.act !== "status") this.#host.assertOpen();
    return this.derivations.order(order);
  };

  /** Resolves when what was recorded before is taken in by those who wait for it. */
  async settle(histories: Pick<HistoryFeed, "caughtUp">, signal: AbortSignal | undefined): Promise<null> {
    this.#host.assertOpen();
    await histories.caughtUp(signal);
    await this.derivations.order({ act: "settle" });
    this.#host.assertOpen();
    return null;
  }

  upToDate(store: string): Promise<void> {
    return this.derivations.upToDate(store);
  }

  readonly project: Host["project"] = async ({ name, ...point }) => {
    this.#host.assertOpen();
    // One after the other: each stands in place of the one before.
    return this.#keeping.do(async () => {
      const { ledger, disclosure } = this.#host;
      // It was made before facts were erased, and may hold them.
      if (isErasing(ledger) || point.upTo < erasedUpTo(ledger)) return null;
      // By the writer, whose orders on their way an erasure waits for.
      await this.#writer.record(
        { orders: [] },
        { beside: [pointCommit(ledger, name, { ...point, state: disclosure.given(point.state) })] },
      );
      return null;
    });
  };

  /** Parts one after the other: each says how far those before it went. */
  readonly intake: Host["intake"] = (part) =>
    this.#intake.do(async () => {
      this.#host.assertOpen();
      const report = await takeFacts(this.#ledger, this.#writer, part);
      this.derivations.nudge();
      return report;
    });

  /** Completes what a crash cut short. */
  complete(): Promise<void> {
    return this.derivations.apart(() => this.#keeper.complete());
  }

  /** Waits for no computation any more: what was derived so far is on the disk, and the next process goes on from there. */
  close(): Promise<void> {
    this.#closing.abort(new LedgerError("ledger_closed", "the ledger was closed while a value was derived"));
    return this.derivations.close();
  }

  #world(): DeriveWorld {
    const { ledger, clock, disclosure } = this.#host;
    return {
      ledger,
      now: () => clock.now(),
      commitsAtOnce: COMMITS_AT_ONCE,
      given: (value) => disclosure.given(value),
      record: async (orders, beside) => {
        await this.#writer.record({ orders }, { kept: (value) => disclosure.given(value), beside, areCausesRead: true });
      },
      within: (limit, derived, work) => this.#within(limit, derived, work),
      told: (error) => redactedFailure(disclosure.redaction, failureOf(error)),
    };
  }

  async #within<T>(limit: Duration, derived: string, work: () => T | Promise<T>): Promise<T> {
    const { clock } = this.#host;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener("abort", giveUp);
    const timer = clock.at(clock.now() + (toMilliseconds(limit) ?? 0), () =>
      reject(
        new RunError("derivation_timed_out", `${derived}: compute took longer than ${limit}`, {
          fix: "Let it end sooner, or raise timeLimit.",
        }),
      ),
    );
    try {
      return await Promise.race([work(), late]);
    } finally {
      timer.cancel();
      signal.removeEventListener("abort", giveUp);
    }
  }
}
