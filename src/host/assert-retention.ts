// Refuses rules that cannot be meant, before anything is given up by them.

import { ConfigError, InputError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { keys } from "../run/head.ts";
import { hasHead } from "./each-head.ts";
import { type RetentionProblem, type RetentionRule, retentionProblem, unknownContract } from "./retention.ts";

/** Rules of a call. @throws InputError `bad_retention` */
export function assertRetention(rules: unknown, ledger: Ledger, names: readonly string[]): void {
  // The second asks what the first has made sure of.
  const found = retentionProblem(rules) ?? strangeContract(rules as readonly RetentionRule[], ledger, names);
  if (found !== undefined) throw new InputError("bad_retention", found.message, found);
}

/** Rules of a runtime, whose form was looked at when it was created. @throws ConfigError `bad_retention` */
export function assertOwnRetention(rules: readonly RetentionRule[], ledger: Ledger, names: readonly string[]): void {
  const found = strangeContract(rules, ledger, names);
  if (found !== undefined) throw new ConfigError("bad_retention", found.message, found);
}

/** A contract that is gone from the project may have runs still: then it is known. */
function strangeContract(rules: readonly RetentionRule[], ledger: Ledger, names: readonly string[]): RetentionProblem | undefined {
  return unknownContract(rules, (name) => names.includes(name) || hasHead(ledger, { keys: [keys.contract(name)] }), names);
}
