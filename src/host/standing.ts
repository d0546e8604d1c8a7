// What a runtime stands on, as it is now: one engine after the other, when this process takes over the writing. Those who wait through a former one go on.

import { RunError } from "../errors.ts";
import { callWriter } from "./call-writer.ts";
import type { RuntimeOptions } from "./create-runtime.ts";
import type { Disclosure } from "./disclosure.ts";
import { type Engine, takeOver } from "./engine.ts";
import { FairTurn } from "./fair-turn.ts";
import type { Host } from "./host.ts";
import type { LiveBoard } from "./live/live-board.ts";
import { mirrored } from "./live/live-door.ts";

/** One for a runtime. */
export class Standing {
  readonly #options: RuntimeOptions;
  readonly #live: LiveBoard;
  readonly #former: Engine[] = [];
  readonly #taken: () => void;
  #engine: Engine;
  #closed = false;
  readonly #turn = new FairTurn();

  /** @param taken told when this process has taken over */
  constructor(options: RuntimeOptions, live: LiveBoard, engine: Engine, taken: () => void) {
    if (engine.writing.by !== "own") live.fedBy(mirrored(live, options.ledger.folder));
    this.#options = options;
    this.#live = live;
    this.#engine = engine;
    this.#taken = taken;
  }

  get engine(): Engine {
    return this.#engine;
  }

  get disclosure(): Disclosure {
    return this.#engine.disclosure;
  }

  /** The engine of a runtime that is not closed: what is, is asked for nothing, since some of it would still be known, and most would not. @throws RunError `host_closed` */
  opened(): Engine {
    if (this.#closed) throw new RunError("host_closed", "the runtime is closed");
    return this.#engine;
  }

  /** The same, with what stands in the ledger by now. @throws RunError `host_closed` */
  async fresh(): Promise<Engine> {
    this.opened();
    await this.turn();
    await this.#engine.ledger.refresh();
    return this.#engine;
  }

  /** Lets everything else in this process have its turn, where one question or change follows another. */
  turn(): Promise<void> {
    return this.#turn.take();
  }

  /** Makes a call that writes, here or in the process that does; what was written can then be read here. @param call as `callWriter` takes it @throws LedgerError `ledger_read_only`, `writer_unreachable`; RunError `host_closed` */
  async write<T>(call: (host: Host, isHanded: boolean) => Promise<T>): Promise<T> {
    const outcome = await callWriter(
      {
        location: this.#engine.ledger.location,
        engine: () => this.#engine,
        isClosed: () => this.#closed,
        takeOver: () => this.#takeOver(),
      },
      call,
    );
    // At once: in which order runs go on depends on nothing but what they are given.
    await this.#engine.ledger.refresh();
    return outcome;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#live.fedBy(undefined);
    for (const engine of [...this.#former, this.#engine]) await engine.close();
    await this.disclosure.observers.close();
  }

  async #takeOver(): Promise<void> {
    const engine = await takeOver(this.#options, this.#live, this.disclosure);
    if (engine === undefined) return;
    this.#former.push(this.#engine);
    this.#engine = engine;
    this.#live.fedBy(undefined);
    this.#taken();
  }
}
