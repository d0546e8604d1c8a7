// The calls of a client by which one ledger follows another: facts of the application written out, and taken in part by part.

import { InputError } from "../errors.ts";
import type { ExportedFact, ExportRecord, ExportStart } from "../store/exported-fact.ts";
import { partOf, startOf } from "../store/exported-fact.ts";
import { exportFacts, type ExportFactsQuery } from "../store/export-facts.ts";
import { assertOptions, whatIs } from "../graph/given.ts";
import { isDerived } from "../store/derivation-graph.ts";
import { placeOf } from "../store/names.ts";
import type { AnyStore } from "../store/store.ts";
import { type FactImport, factImports, type FactIntake, type IntakeReport, Rehearsal } from "../store/import-facts.ts";
import type { CallOptions } from "./requests.ts";
import type { Standing } from "./standing.ts";

/** How facts are taken in. */
export interface ImportFactsOptions extends CallOptions {
  /** Only tells what would become of them. */
  readonly dryRun?: boolean;
}

/** What was taken in. */
export interface ImportFactsReport {
  /** Id of the ledger they come from. */
  readonly ledger: string;
  /** Stores that were asked for there; null for all. */
  readonly stores: readonly string[] | null;
  readonly recorded: number;
  /** Those that were there already. */
  readonly known: number;
  /** Those of stores that this runtime derives itself: passed over. */
  readonly derived: number;
  /** The next export is asked for behind this position of the other ledger: `exportFacts({ after: next })`. */
  readonly next: number;
  /** False when the export ended before its end: the rest is still to come. */
  readonly isWhole: boolean;
  readonly dryRun: boolean;
}

/** What a client can do to let one ledger follow another. */
export interface TransferCalls {
  /**
   * Facts of stores and histories with all that is needed to take them in elsewhere, and to check them: JSON values, the first and the last of which say what lies between them.
   * They are read as fast as they are taken.
   * @throws InputError `bad_position`; LedgerError `cursor_too_old`, `cursor_ahead` when the first one is asked for
   * @example for await (const record of kindling.exportFacts({ after })) file.write(`${JSON.stringify(record)}\n`);
   */
  readonly exportFacts: (query?: ExportFactsQuery) => AsyncIterable<ExportRecord>;
  /**
   * Takes an export of another ledger in: a fact that is here is passed over, one that follows is recorded with its own id and hash, and with where it comes from (`origin`). It may be taken twice, in parts, and again
   * after a crash. What was recorded before an error stays.
   * @throws InputError `facts_diverged` (its key says something else here, or facts before it are missing), `fact_differs` (it does not say what its hash says), `facts_missing` (the export begins behind what was taken), `bad_export`
   * @example const { next } = await kindling.importFacts(other.exportFacts({ after }));
   */
  readonly importFacts: (source: AsyncIterable<unknown> | Iterable<unknown>, options?: ImportFactsOptions) => Promise<ImportFactsReport>;
  /** How far facts of other ledgers were taken, by ledger and by the stores that were asked for. */
  readonly factImports: () => Promise<readonly FactImport[]>;
}

/** Made once for a runtime. */
export function transferCalls(standing: Standing, stores: readonly AnyStore[]): TransferCalls {
  const derivedHere = new Set(stores.filter(isDerived).map(({ name }) => name));
  return {
    exportFacts: async function* (query = {}) {
      yield* exportFacts((await standing.fresh()).ledger, query);
    },
    importFacts: async (source, options = {}) => {
      assertOptions("importFacts", options);
      const given: unknown = source;
      if (typeof given !== "object" || given === null || !(Symbol.asyncIterator in given || Symbol.iterator in given))
        throw new InputError("bad_export", `importFacts: ${whatIs(given)} is no export`, {
          fix: "Give what kindling.exportFacts() gives, or a list of its records.",
        });
      const rehearsal = options.dryRun === true ? new Rehearsal((await standing.fresh()).ledger) : undefined;
      const take = (part: FactIntake): Promise<IntakeReport> =>
        rehearsal?.take(part) ??
        standing.write((host) => host.intake(part, options.signal === undefined ? {} : { signal: options.signal }));
      return takeAll(source, { take, derivedHere }, options);
    },
    factImports: async () => factImports((await standing.fresh()).ledger),
  };
}

/** Commits of one part: facts, notes of their causes and names of their stores. A part is one change, which has a limit. */
const PART_COMMITS = 600;
const PART_BYTES = 256 * 1024;
/** What is larger stands beside the log. */
const VALUE_BYTES = 32 * 1024;

async function takeAll(
  source: AsyncIterable<unknown> | Iterable<unknown>,
  { take, derivedHere }: { readonly take: (part: FactIntake) => Promise<IntakeReport>; readonly derivedHere: ReadonlySet<string> },
  { signal, dryRun = false }: ImportFactsOptions,
): Promise<ImportFactsReport> {
  let from: ExportStart | undefined;
  let part = new Part();
  let [recorded, known, derived, next, isWhole] = [0, 0, 0, 0, false];
  const flush = async (start: ExportStart, upTo: number | null) => {
    const report = await take({ from: start, facts: part.facts, next: upTo });
    recorded += report.recorded;
    known += report.known;
    next = Math.max(next, upTo ?? 0);
    part = new Part();
  };
  for await (const record of source) {
    signal?.throwIfAborted();
    if (from === undefined) {
      from = startOf(record);
      next = from.after ?? 0;
      continue;
    }
    const each = partOf(record);
    if (!("fact" in each)) {
      await flush(from, each.next);
      isWhole = true;
      break;
    }
    if (derivedHere.has(storeOf(each))) {
      derived += 1;
      continue;
    }
    if (!part.hasRoomFor(each)) await flush(from, part.cursor);
    part.add(each);
  }
  if (from === undefined)
    throw new InputError("bad_export", "the export of facts is empty", { fix: "Give what kindling.exportFacts() wrote." });
  if (!isWhole) await flush(from, part.cursor);
  return { ledger: from.ledger, stores: from.stores, recorded, known, derived, next, isWhole, dryRun };
}

/** The store of a fact; what has none is refused with its part. */
function storeOf({ fact: { id } }: ExportedFact): string {
  return (typeof id === "string" ? placeOf(id)?.store : undefined) ?? "";
}

/** Facts that are taken as one. */
class Part {
  readonly facts: ExportedFact[] = [];
  #commits = 0;
  #bytes = 0;

  /** Up to here everything is in it or before it; null while that is not known. */
  get cursor(): number | null {
    return this.facts.at(-1)?.cursor ?? null;
  }

  hasRoomFor(fact: ExportedFact): boolean {
    const { commits, bytes } = weightOf(fact);
    return this.facts.length === 0 || (this.#commits + commits <= PART_COMMITS && this.#bytes + bytes <= PART_BYTES);
  }

  add(fact: ExportedFact): void {
    const { commits, bytes } = weightOf(fact);
    this.facts.push(fact);
    this.#commits += commits;
    this.#bytes += bytes;
  }
}

function weightOf({ fact: { value, causes, ...rest }, found }: ExportedFact): { readonly commits: number; readonly bytes: number } {
  const bytes = Math.min(JSON.stringify(value ?? null).length, VALUE_BYTES) + JSON.stringify([rest, causes ?? [], found ?? null]).length;
  // Each cause is noted with the fact, under both ids.
  const noted = Array.isArray(causes) ? causes.length : 0;
  return { commits: 3 + noted, bytes: bytes + noted * NOTE_BYTES };
}

const NOTE_BYTES = 900;
