// The calls of a client about derived stores, answered by the process that derives.

import { InputError } from "../errors.ts";
import { whatIs } from "../graph/given.ts";
import type { AnyStore } from "../store/store.ts";
import { type DerivationStatus, type DeriveOrder, recordedStatus } from "./derivations.ts";
import type { Standing } from "./standing.ts";

/** What can be asked of derived stores; each call waits for those before it. */
export interface DerivationCalls {
  /** How they stand, each behind those that it is derived from. @throws InputError `unknown_derivation` */
  status(name?: string): Promise<readonly DerivationStatus[]>;
  /** Resolves when everything that was recorded before the call is taken in, and what follows from it is durable. What failed is told by the status. @throws InputError `unknown_derivation` */
  settle(name?: string): Promise<readonly DerivationStatus[]>;
  /** Tries again what failed. @throws InputError `unknown_derivation` */
  retry(name?: string): Promise<readonly DerivationStatus[]>;
  /** Derives everything anew from all there is in the sources; what is the same stays as it is. @throws InputError `unknown_derivation` */
  rebuild(name?: string): Promise<readonly DerivationStatus[]>;
}

/** Made once for a runtime. */
export function derivationCalls(standing: Standing, stores: readonly AnyStore[]): DerivationCalls {
  const act = (act: DeriveOrder["act"]) => async (name?: string) => {
    assertName(act, name);
    const order = { act, ...(name === undefined ? {} : { name }) };
    return standing.write((host) => host.derive(order));
  };
  const told = act("status");
  return {
    status: async (name) => {
      assertName("status", name);
      const { ledger, writing } = await standing.fresh();
      return writing.by === "none" ? recordedStatus(ledger, stores, name) : told(name);
    },
    settle: act("settle"),
    retry: act("retry"),
    rebuild: act("rebuild"),
  };
}

/** Others than names are no names of derived stores either. @throws InputError `unknown_derivation` */
function assertName(call: string, name: unknown): void {
  if (name === undefined || typeof name === "string") return;
  throw new InputError("unknown_derivation", `derivations.${call}: ${whatIs(name)} names no derived store`, {
    fix: 'Give its name, or nothing for all: "hours".',
  });
}
