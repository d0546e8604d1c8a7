// Telling a client how far the run is that it waits for: only where its request asks for it, ever further, and not more often than anybody reads. Knows the
// protocol's notification and a clock, and nothing of how progress is counted.

import type { ProgressToken, ServerContext } from "@modelcontextprotocol/server";
import type { RunView, WatchEvent } from "../src/index.ts";
import { RunProgress, type Progress } from "./run-progress.ts";

/** Hears what happens in a run while a call waits for it. */
export interface Listener {
  readonly hear: (event: WatchEvent) => void;
  /** The waiting is over; resolves when everything was told. */
  readonly end: () => Promise<void>;
}

/** Begins to tell the client about a run. */
export type TellProgress = (run: RunView) => Listener;

/** Between two notifications at least. */
const GAP_MS = 200;

/** What tells the client of a request about progress; undefined for one that did not ask. */
export function progressFor({ mcpReq }: ServerContext, gapMs = GAP_MS): TellProgress | undefined {
  const token = mcpReq._meta?.progressToken;
  if (token === undefined) return undefined;
  return (run) => new ProgressListener(run, (progress) => mcpReq.notify(noticeOf(token, progress)), gapMs);
}

function noticeOf(progressToken: ProgressToken, progress: Progress) {
  return { method: "notifications/progress" as const, params: { progressToken, ...progress } };
}

class ProgressListener implements Listener {
  readonly #progress: RunProgress;
  readonly #send: (progress: Progress) => Promise<void>;
  readonly #gapMs: number;
  /** The last one not told yet. */
  #held: Progress | undefined;
  #pause: NodeJS.Timeout | undefined;
  #isGone = false;
  #sent: Promise<void> = Promise.resolve();

  constructor(run: RunView, send: (progress: Progress) => Promise<void>, gapMs: number) {
    this.#progress = new RunProgress(run);
    this.#send = send;
    this.#gapMs = gapMs;
  }

  readonly hear = (event: WatchEvent): void => {
    this.#held = this.#progress.see(event) ?? this.#held;
    if (this.#pause === undefined) this.#tell();
  };

  readonly end = (): Promise<void> => {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    if (this.#held !== undefined) this.#queue(this.#held);
    this.#held = undefined;
    return this.#sent;
  };

  #tell(): void {
    this.#pause = undefined;
    const held = this.#held;
    if (held === undefined) return;
    this.#held = undefined;
    this.#queue(held);
    this.#pause = setTimeout(() => this.#tell(), this.#gapMs);
  }

  #queue(progress: Progress): void {
    const send = async () => {
      if (!this.#isGone) await this.#send(progress);
    };
    // Nobody hears it any more: the request ends by itself, and the run goes on.
    this.#sent = this.#sent.then(send).catch(() => {
      this.#isGone = true;
    });
  }
}
