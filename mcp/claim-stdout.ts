// Takes standard output for the protocol alone. A contract that calls `console.log` must not break the connection: its words go to standard error.

import { Writable } from "node:stream";

/** Standard output in one hand. */
export interface ClaimedStdout {
  /** Writes to standard output; nothing else does while it is claimed. */
  readonly output: Writable;
  /** Gives standard output back to everybody. */
  readonly release: () => void;
}

/** Claims standard output until `release`. What writes to the file descriptor itself, past `process.stdout`, is not caught. */
export function claimStdout(): ClaimedStdout {
  const { stdout, stderr } = process;
  const own = Object.getOwnPropertyDescriptor(stdout, "write");
  const write = stdout.write.bind(stdout);
  const output = new Writable({
    decodeStrings: false,
    write: (chunk: string | Uint8Array, encoding, done) => {
      if (typeof chunk === "string") write(chunk, encoding, done);
      else write(chunk, undefined, done);
    },
  });
  // The reader may go before we do: that ends the connection and not the process.
  const failed = (error: Error) => output.destroy(error);
  stdout.on("error", failed);
  Object.assign(stdout, { write: stderr.write.bind(stderr) });
  return {
    output,
    release: () => {
      stdout.off("error", failed);
      if (own === undefined) Reflect.deleteProperty(stdout, "write");
      else Object.defineProperty(stdout, "write", own);
    },
  };
}
