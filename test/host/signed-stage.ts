// A gate that wants a signature, with approvers who can sign: what tests of signed decisions play with.

import { z } from "zod";
import {
  contract,
  memoryLedger,
  type Approver,
  type DecisionSignature,
  type Delivery,
  type Kindling,
  type LedgerPlace,
  type Run,
} from "../../src/index.ts";
import { manualClock, testApprover } from "../../src/testing.ts";
import { readStatement, statementText, type DecisionStatement } from "../../src/signing/decision-statement.ts";
import { openKindling } from "./open-host.ts";

export const ADA = testApprover({ id: "ada", roles: ["chief"], names: ["page:lovelace"] });
export const BOB = testApprover({ id: "bob" });
export const YES = { ok: true };

export const gated = (
  options: { readonly roles?: readonly string[]; readonly notStarter?: boolean; readonly assurance?: "outOfBand" } = {},
) =>
  contract("gated", {
    inputs: { id: z.string(), text: z.string().default("draft") },
    correlate: ["id"],
    define: (g, { text }) =>
      g.await("gate", {
        event: "decided",
        schema: z.object({ ok: z.boolean() }),
        show: { text },
        by: "human",
        timeout: "30d",
        assurance: "signed",
        ...options,
      }),
  });

export interface Stage {
  readonly kindling: Kindling;
  readonly run: Run;
  readonly clock: ReturnType<typeof manualClock>;
}

export async function begin(
  options: Parameters<typeof gated>[0] = {},
  approvers: readonly Approver[] = [ADA, BOB],
  ledger: LedgerPlace = memoryLedger(),
): Promise<Stage> {
  const clock = manualClock();
  const kindling = await openKindling({ contracts: [gated(options)], approvers, clock, ledger });
  const run = await kindling.start("gated", { id: "1" });
  await run.settled();
  return { kindling, run, clock };
}

export const words = async ({ kindling, run }: Stage, approver = ADA, payload: unknown = YES) =>
  (await kindling.statement({ run: run.id, payload, approver: approver.id })).text;

export const deliver = ({ kindling, run }: Stage, signature: DecisionSignature, payload: unknown = YES): Promise<Delivery> =>
  kindling.deliver({ event: "decided", run: run.id, payload, signature });

/** The same words with something else in them. */
export function altered(text: string, change: Partial<DecisionStatement>): string {
  const statement = readStatement(text);
  if (statement === undefined) throw new Error("no statement");
  return statementText({ ...statement, ...change });
}
