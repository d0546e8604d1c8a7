// A bank in a file, as effects meet it: it does an action once for each key, and remembers every call, whoever made it and whatever became of them.

import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

/** A call of the bank. */
export interface BankCall {
  readonly action: string;
  readonly key: string;
  readonly amount: number;
}

/** A bank that keeps its book in a file. */
export interface Bank {
  readonly file: string;
  /** Does an action once under a key; gives the key as the receipt. */
  readonly act: (action: string, key: string, amount: number) => { readonly receipt: string; readonly amount: number };
  readonly calls: () => readonly BankCall[];
  /** `pay`, `refund` and so on, in the order in which they were first asked for. */
  readonly actions: () => readonly string[];
  /** The keys an action was asked for with, each once. */
  readonly keys: (action: string) => readonly string[];
}

/** Opens a bank; in a new file when none is given. */
export function bankIn(file: string): Bank {
  const calls = () =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      // Written below.
      .map((line) => JSON.parse(line) as BankCall);
  appendFileSync(file, "");
  return {
    file,
    act: (action, key, amount) => {
      appendFileSync(file, `${JSON.stringify({ action, key, amount })}\n`);
      const first = calls().find((call) => call.key === key);
      return { receipt: key, amount: first?.amount ?? amount };
    },
    calls,
    actions: () => [...new Map(calls().map(({ action, key }) => [key, action])).values()],
    keys: (action) => [...new Set(calls().flatMap((call) => (call.action === action ? [call.key] : [])))],
  };
}

/** A bank that is gone after the test. */
export async function newBank(): Promise<Bank> {
  return bankIn(join(await temporaryFolder(), "bank"));
}
