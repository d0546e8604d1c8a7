// The connection of one runtime to another MCP server: opened by the first call, shared by all, opened again with growing pauses when it was lost, closed with the
// runtime. Decides which faults are tried again here: only those after which nothing can have been called.

import { ConfigError, RunError } from "../../src/index.ts";
import { callFailure, isLasting, NotDelivered, unreachable } from "./call-failure.ts";
import type { McpServer } from "./declared.ts";
import { OpenClient, type Sent } from "./open-client.ts";
import type { ToolResult } from "./result.ts";
import { Turns } from "./turns.ts";
import { unlessAborted } from "./unless-aborted.ts";
import type { ClientWorld } from "./world.ts";

/** Openings for one call. */
const TRIES = 3;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;
/** After so long without a fault the next one counts as the first. */
const SOUND_MS = 60_000;

/** A connection that calls are made over. */
export class McpConnection implements AsyncDisposable {
  readonly #server: McpServer;
  readonly #world: ClientWorld;
  readonly #turns: Turns;
  readonly #ending = new AbortController();
  #client: OpenClient | undefined;
  #opening: Promise<OpenClient> | undefined;
  #era: OpenClient["era"];
  #faults = 0;
  #lastFault = Number.NEGATIVE_INFINITY;

  constructor(server: McpServer, world: ClientWorld) {
    this.#server = server;
    this.#world = world;
    this.#turns = new Turns(server.concurrency);
  }

  /** Makes a call. @throws what callFailure gives; RunError `mcp_unreachable` when nothing was called */
  async call(sent: Sent): Promise<ToolResult> {
    const signal = AbortSignal.any([sent.signal, this.#ending.signal]);
    const leave = await this.#turns.enter(signal);
    try {
      return await this.#deliver({ ...sent, signal });
    } finally {
      leave();
    }
  }

  async #deliver(sent: Sent): Promise<ToolResult> {
    for (let tries = 1; ; tries++) {
      let client: OpenClient | undefined;
      try {
        client = await unlessAborted(this.#opened(), sent.signal);
        return await client.call(sent);
      } catch (error) {
        sent.signal.throwIfAborted();
        if (!(error instanceof NotDelivered)) throw error;
        if (client !== undefined) this.#giveUp(client);
        if (tries === TRIES || isLasting(error.cause)) throw unreachable(this.#server.name, error.cause);
      }
    }
  }

  /** The open connection; a new one where there is none, or where it is lost. Whoever comes first opens it for all. */
  #opened(): Promise<OpenClient> {
    if (this.#client?.isOpen === true) return Promise.resolve(this.#client);
    if (this.#client !== undefined) this.#fault();
    this.#client = undefined;
    this.#opening ??= this.#open().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #open(): Promise<OpenClient> {
    const { signal } = this.#ending;
    try {
      await this.#world.pause(this.#pauseMs(), signal);
      this.#client = await OpenClient.open(this.#server, this.#world, signal, this.#era);
      this.#era = this.#client.era;
      return this.#client;
    } catch (error) {
      signal.throwIfAborted();
      this.#era = undefined;
      this.#fault();
      const known = callFailure({ server: this.#server.name, tool: "", repeatable: true }, error);
      throw known instanceof ConfigError ? known : new NotDelivered("it could not be opened", { cause: error });
    }
  }

  #giveUp(client: OpenClient): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#fault();
    // Nothing came through any more; how it ends is of no interest.
    client.close().catch(() => undefined);
  }

  #pauseMs(): number {
    if (this.#faults === 0) return 0;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#faults - 1));
    return Math.max(0, this.#lastFault + pause - this.#world.now());
  }

  #fault(): void {
    const now = this.#world.now();
    this.#faults = now - this.#lastFault > SOUND_MS ? 1 : this.#faults + 1;
    this.#lastFault = now;
  }

  /** Ends all calls and closes the connection; a program that was started ends with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new RunError("host_closed", "the runtime was closed; the run goes on with the next one"));
    // What is being opened is told to stop, and closes itself.
    await Promise.allSettled([this.#opening]);
    await this.#client?.close();
  }
}
