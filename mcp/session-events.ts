// What one session of the 2025 era was told lately, so that a client whose connection broke goes on where it was. In memory, and bounded: what is older is
// gone, and the run it was about is still there to be asked.

import type { EventStore, JSONRPCMessage } from "@modelcontextprotocol/server";

const EVENTS_LIMIT = 256;
/** Characters of all messages kept. */
const SIZE_LIMIT = 1024 * 1024;

interface Kept {
  readonly stream: string;
  readonly message: JSONRPCMessage;
  readonly size: number;
}

/** The last messages of one session, by number. */
export class SessionEvents implements EventStore {
  readonly #kept = new Map<string, Kept>();
  #size = 0;
  #last = 0;

  async storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    this.#last += 1;
    const id = String(this.#last);
    const size = JSON.stringify(message).length;
    this.#kept.set(id, { stream, message, size });
    this.#size += size;
    this.#forget();
    return id;
  }

  async getStreamIdForEventId(id: string): Promise<string | undefined> {
    return this.#kept.get(id)?.stream;
  }

  /** Sends what came on the same stream after an event. */
  async replayEventsAfter(id: string, { send }: { send: (id: string, message: JSONRPCMessage) => Promise<void> }): Promise<string> {
    const stream = this.#kept.get(id)?.stream ?? "";
    // An event without content only says where a stream begins.
    for (const [later, { stream: its, message }] of this.#kept)
      if (Number(later) > Number(id) && its === stream && Object.keys(message).length > 0) await send(later, message);
    return stream;
  }

  #forget(): void {
    for (const [id, { size }] of this.#kept) {
      if (this.#kept.size <= EVENTS_LIMIT && this.#size <= SIZE_LIMIT) return;
      this.#kept.delete(id);
      this.#size -= size;
    }
  }
}
