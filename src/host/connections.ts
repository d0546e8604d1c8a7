// What the calls of a host hold open between them, such as a process they talk to: one of each, made by the first call that wants it, closed with the host. Knows
// nothing of what it holds.

import { failureOf } from "../errors.ts";
import type { LogLine } from "./carrier.ts";

/** The connections of one host, by who wants them. */
export class Connections {
  readonly #open = new Map<object, AsyncDisposable>();

  /** The one of this key; made now, if there is none. The cast holds: a key is only ever used with one way to make it. */
  of<C extends AsyncDisposable>(key: object, open: () => C): C {
    const known = this.#open.get(key) as C | undefined;
    if (known !== undefined) return known;
    const made = open();
    this.#open.set(key, made);
    return made;
  }

  /** Closes all of them, each whatever becomes of the others; what goes wrong is told. */
  async close(log: (line: LogLine) => void): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    const ends = await Promise.allSettled(open.map(async (each) => each[Symbol.asyncDispose]()));
    for (const end of ends)
      if (end.status === "rejected")
        log({ run: "", path: "", message: `a connection did not close: ${failureOf(end.reason).message}`, details: {} });
  }
}
