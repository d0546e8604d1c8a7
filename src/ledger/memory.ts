// The ledger in memory: for tests and for runs nobody needs to remember. Loads what is behind it when it is first opened.

import type { LedgerPlace } from "./ledger.ts";
import type { MemoryLog } from "./memory-log.ts";

/** A ledger in memory. The place holds the facts: opened again, it shows what was appended before. */
export function memoryLedger(): LedgerPlace {
  let log: MemoryLog | undefined;
  return {
    location: "memory",
    async open(options) {
      const { MemoryLog, openMemory } = await import("./memory-log.ts");
      log ??= new MemoryLog();
      return openMemory(log, options);
    },
  };
}
