// Sends anchors of the ledger every so often while this process writes it, and once more when it closes. A failure is told and made good; the ledger never waits for it.

import { ConfigError } from "../errors.ts";
import { type Duration, toMilliseconds } from "../graph/duration.ts";
import { AnchorMaker, anchorLine } from "../ledger/anchor.ts";
import { ANCHOR_TIMEOUT_MS, type AnchorTarget, requireTarget, sendAnchor } from "../ledger/anchor-target.ts";
import { ledgerFolder } from "../ledger/folder.ts";
import { realDisk } from "../ledger/real-disk.ts";
import type { Clock, Timer } from "./clock.ts";

/** When anchors are made, and where they go. */
export interface AnchorOptions {
  /** Made so often while there is something new; at least a second apart. */
  readonly every: Duration;
  readonly to: AnchorTarget;
  /** Hears of what did not get there; a warning of the process when left out. It is tried again in any case. */
  readonly onFault?: (error: unknown) => void;
}

/** What anchors are made with. */
export interface AnchorWorld {
  readonly folder: string | undefined;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
}

/** A failed anchor is tried again after this, and after twice as long each further time, up to the interval. */
const FIRST_RETRY_MS = 10_000;
/** Closing waits no longer than this for the last anchor. */
const CLOSING_TIMEOUT_MS = 5_000;
const SHORTEST_INTERVAL_MS = 1_000;

/** The anchors of a runtime. */
export class Anchors {
  readonly #options: AnchorOptions;
  readonly #world: AnchorWorld;
  readonly #everyMs: number;
  readonly #maker: AnchorMaker;
  #sent: string | undefined;
  #failures = 0;
  #timer: Timer | undefined;
  #sending: Promise<void> | undefined;
  #isClosing = false;

  /** @throws ConfigError `anchor_interval`, `anchor_target`, `not_a_folder` */
  constructor(options: AnchorOptions, world: AnchorWorld) {
    const everyMs = toMilliseconds(options.every);
    if (everyMs === undefined || everyMs < SHORTEST_INTERVAL_MS)
      throw new ConfigError("anchor_interval", `anchor.every is ${JSON.stringify(options.every)}`, {
        fix: 'Give a second or more, such as "10m".',
      });
    if (world.folder === undefined)
      throw new ConfigError("not_a_folder", "anchors are made of ledgers in a folder", {
        fix: "Use fileLedger(folder), or leave anchor out.",
      });
    requireTarget(options.to, world.folder);
    this.#options = options;
    this.#world = world;
    this.#everyMs = everyMs;
    this.#maker = new AnchorMaker(realDisk, ledgerFolder(world.folder), () => world.clock.now());
  }

  /** Begins: this process writes. The time between anchors keeps the process alive until `close`. */
  start(): void {
    this.#timer ??= this.#in(this.#everyMs);
  }

  /** Sends what is not anchored yet, and ends. */
  async close(): Promise<void> {
    if (this.#timer === undefined) return;
    this.#isClosing = true;
    this.#timer.cancel();
    await this.#sending;
    await this.#send(CLOSING_TIMEOUT_MS);
  }

  #in(delayMs: number): Timer {
    return this.#world.clock.at(this.#world.clock.now() + delayMs, () => {
      this.#sending = this.#send(ANCHOR_TIMEOUT_MS).then(() => {
        if (!this.#isClosing) this.#timer = this.#in(this.#nextMs());
      });
    });
  }

  #nextMs(): number {
    return this.#failures === 0 ? this.#everyMs : Math.min(this.#everyMs, FIRST_RETRY_MS * 2 ** (this.#failures - 1));
  }

  async #send(timeoutMs: number): Promise<void> {
    const { to } = this.#options;
    try {
      const anchor = await this.#maker.make();
      if (anchor === undefined || anchor.chain === this.#sent) return;
      await sendAnchor(anchorLine(anchor), to, this.#world.fetch, timeoutMs);
      this.#sent = anchor.chain;
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.#tell(error);
    }
  }

  /** Whoever hears of faults may have one of his own: it ends no anchors. */
  #tell(error: unknown): void {
    try {
      (this.#options.onFault ?? warn)(error);
    } catch (thrown) {
      warn(thrown);
    }
  }
}

function warn(error: unknown): void {
  process.emitWarning(`an anchor was not made: ${error instanceof Error ? error.message : String(error)}`, "KindlingAnchorWarning");
}
