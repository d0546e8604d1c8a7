// Texts that many facts name, kept once beside the log: a prompt that a hundred thousand items are asked with costs each of them no more than its hash.

import { LedgerError } from "../errors.ts";
import type { TextAccess } from "../graph/call-access.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";

/** Texts known to be kept; beyond that the oldest are looked for in the ledger again. */
const KNOWN_LIMIT = 1_000;

const known = new WeakMap<Ledger, TextAccess>();

/** The texts of a ledger. */
export function keptTexts(ledger: Ledger): TextAccess {
  const before = known.get(ledger);
  if (before !== undefined) return before;
  const access = accessTo(ledger);
  known.set(ledger, access);
  return access;
}

function accessTo({ blobs }: Ledger): TextAccess {
  const kept = new Map<string, Promise<string>>();
  return {
    keep: (text) => {
      const hash = sha256(text);
      const before = kept.get(hash);
      if (before !== undefined) return before;
      const [oldest] = kept.keys();
      if (kept.size >= KNOWN_LIMIT && oldest !== undefined) kept.delete(oldest);
      const keeping = blobs.put(Buffer.from(text));
      kept.set(hash, keeping);
      // What could not be kept is tried again by whoever asks next.
      keeping.catch(() => kept.delete(hash));
      return keeping;
    },
    read: async (hash) => {
      const bytes = await blobs.get(hash);
      if (bytes !== undefined) return Buffer.from(bytes).toString("utf8");
      throw new LedgerError("text_missing", `the text ${hash.slice(0, 12)}, which a fact names, is not in the ledger`, {
        fix: "`kindling verify` says whether the ledger is whole.",
      });
    },
  };
}
