// Where the server's words to its operator go: standard error, since standard output is the protocol's.

/** Takes one text at a time. */
export type Log = (text: string) => void;

/** Writes to standard error. */
export function logToStandardError(text: string): void {
  process.stderr.write(`kindling mcp: ${text}\n`);
}
