// What an id of a fact leads to: the fact, or what is left of it when it was given up, redirected or erased. Of facts of the application and of runs.

import { compactedNote } from "../run/compacted.ts";
import { isErased } from "../run/erased.ts";
import type { RecordedFact } from "../run/fact.ts";
import { readNote } from "../run/head.ts";
import type { RunReceipt } from "../run/run-receipt.ts";
import type { FactRef, RawFact } from "../store/fact.ts";
import { refOf } from "../store/fact.ts";
import { factOf, findFact } from "../store/fact-reader.ts";
import { boundaryOf } from "../store/hold.ts";
import { keyNoteOf } from "../store/key-note.ts";
import { assertOneOf, assertOptions } from "../graph/given.ts";
import { assertFactId, placeOf, streamOf } from "../store/names.ts";
import { type KeepingReceipt, receiptById, receiptKeys, receiptsBy } from "../store/receipt.ts";
import type { RunReader } from "./run-reader.ts";
import { readReceipt } from "./run-receipts.ts";

/** What an id leads to. */
export type Resolved =
  | { readonly status: "found"; readonly id: string; readonly fact: RawFact }
  | { readonly status: "found"; readonly id: string; readonly runFact: RecordedFact }
  /** Its value was given up. `ref` is what is left of it: of a fact that was pruned all but its value, of one that was compacted nothing. */
  | {
      readonly status: "detail_unavailable";
      readonly id: string;
      readonly receipt: KeepingReceipt | undefined;
      readonly ref: FactRef | undefined;
      /** Id of the latest fact of the boundary whose detail it was. */
      readonly boundary: string | undefined;
    }
  /** It was closed with a boundary, which answers for it: `boundary` is the latest fact of that, with the result. */
  | { readonly status: "redirected"; readonly id: string; readonly boundary: RawFact }
  /** A fact of a run that was compacted. */
  | { readonly status: "detail_unavailable"; readonly id: string; readonly runReceipt: RunReceipt }
  /** Nobody can read it any more. The receipt says who erased it and why; that of a run is among `kindling.erased()`. */
  | { readonly status: "erased"; readonly id: string; readonly receipt: KeepingReceipt | undefined }
  | { readonly status: "not_found"; readonly id: string };

/** What is wanted. */
export interface ResolveOptions {
  /** `raw`: the fact itself. `boundary`: the boundary that it was closed with, where there is one. `raw` when left out. */
  readonly fidelity?: "raw" | "boundary";
}

const RUN_FACT = /^(?<run>.+):(?<number>[1-9]\d{0,14})$/s;

/** @throws InputError `bad_fact_id` (what is no text), `bad_options`; `fact_differs`, when the fact that stands there is another one */
export async function resolveFact(reader: RunReader, id: string, options: ResolveOptions = {}): Promise<Resolved> {
  assertFactId(id);
  assertOptions("resolve", options);
  const { fidelity = "raw" } = options;
  assertOneOf("resolve: fidelity", fidelity, ["raw", "boundary"]);
  const place = placeOf(id);
  if (place === undefined) return resolveRunFact(reader, id);
  const { ledger } = reader;
  const found = await findFact({ ledger }, id);
  const stream = streamOf(place.kind, place.store, place.key);
  const closing = found.status === "not_found" || found.status === "erased" ? undefined : boundaryOf(ledger, stream, place.number);
  if (fidelity === "boundary" && closing !== undefined) {
    const boundary = await factOf({ ledger, now: 0 }, closing);
    if (boundary !== undefined) return { status: "redirected", id, boundary };
  }
  switch (found.status) {
    case "found":
      return { status: "found", id, fact: found.fact };
    case "given_up": {
      const boundary = closing === undefined ? undefined : (keyNoteOf(ledger.head(closing)).id ?? undefined);
      const receipt = found.receipt === undefined ? undefined : receiptById(ledger, found.receipt);
      return { status: "detail_unavailable", id, receipt, ref: found.ref === undefined ? undefined : refOf(found.ref), boundary };
    }
    case "erased": {
      const key = receiptKeys.about("erase", stream);
      return { status: "erased", id, receipt: receiptsBy(ledger, { keys: [key], newestFirst: true, limit: 1 })[0] };
    }
    case "not_found":
      return { status: "not_found", id };
  }
}

async function resolveRunFact(reader: RunReader, id: string): Promise<Resolved> {
  const { run, number } = RUN_FACT.exec(id)?.groups ?? {};
  const { ledger } = reader;
  const head = run === undefined ? undefined : ledger.head(run);
  if (run === undefined || head === undefined) return { status: "not_found", id };
  if (isErased(head.note)) return { status: "erased", id, receipt: undefined };
  if (compactedNote(head.note) !== undefined) return { status: "detail_unavailable", id, runReceipt: await readReceipt(ledger, run) };
  if (readNote(head.note) === undefined || Number(number) > head.version) return { status: "not_found", id };
  const [entry] = await ledger.read(run, { from: Number(number), limit: 1 });
  const runFact = entry === undefined ? undefined : reader.recorded(entry).find((fact) => fact.id === id);
  // It may have been compacted or erased meanwhile.
  if (runFact === undefined && ledger.head(run)?.position !== head.position) return resolveRunFact(reader, id);
  return runFact === undefined ? { status: "not_found", id } : { status: "found", id, runFact };
}
