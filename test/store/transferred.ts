// Stores, ledgers and what is asked of them, for tests of one ledger that follows another.

import { createRuntime, defineHistory, defineStore, InputError, type Kindling, memoryLedger } from "kindling";
import { z } from "zod";

export const notes = defineStore("notes", { schema: z.object({ text: z.string(), by: z.string() }), indexes: { by: ({ by }) => by } });
export const calls = defineHistory("calls", { schema: z.object({ who: z.string() }), partitionBy: ({ who }) => who });
const stores = [notes, calls];

export const open = (): Promise<Kindling> => createRuntime({ contracts: [], stores, ledger: memoryLedger() });

export async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of source) found.push(each);
  return found;
}

export async function code(work: Promise<unknown>): Promise<{ readonly code: string; readonly details: unknown }> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof InputError) return { code: error.code, details: error.details };
  throw new Error("it was not refused", { cause: error });
}
