// What connections to other servers are given of the world: variables of the environment, time, and where a server's own words go.

import { setTimeout as pause } from "node:timers/promises";

/** The world of connections. */
export interface ClientWorld {
  readonly env: (name: string) => string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after some time; rejects when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** What a server's process writes to its standard error: shown to whoever started the command, or dropped. */
  readonly stderr: "inherit" | "ignore";
}

/** The world of this process. What a server says of itself is dropped: it is untrusted text, and logs are read by people and programs. */
export const PROCESS_WORLD: ClientWorld = {
  env: (name) => process.env[name],
  now: Date.now,
  pause: (ms, signal) => pause(ms, undefined, { signal }),
  stderr: "ignore",
};
