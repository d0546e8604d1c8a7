// Hooks: callbacks of this process that are told of facts as they become durable. They change nothing in a run, and what they throw is reported.

import { LedgerError } from "../errors.ts";
import type { Entry, Ledger } from "../ledger/ledger.ts";
import { compactedNote } from "../run/compacted.ts";
import type { Fact, RecordedFact } from "../run/fact.ts";
import { DEFAULT_REDACTION } from "../redact.ts";
import { readNote } from "../run/head.ts";
import type { RunReader } from "./run-reader.ts";

/** Which facts a hook wants to hear of; all of the type where nothing is said. */
export interface HookFilter {
  readonly contract?: string;
  readonly run?: string;
  /** From the root run; `posts[*]/draft` means the node in every child of `posts`. */
  readonly path?: string;
}

/** A fact of one type. */
export type FactOf<T extends Fact["type"]> = Extract<RecordedFact, { readonly type: T }>;

/** Where a fact belongs. */
export interface HookContext {
  /** The root run. */
  readonly run: string;
  readonly contract: string;
}

/** What a hook threw, and at what. */
export interface HookFault {
  readonly error: unknown;
  readonly type: Fact["type"];
  readonly run: string;
  readonly path: string;
}

interface Hook {
  readonly type: Fact["type"];
  readonly filter: HookFilter;
  readonly call: (fact: RecordedFact, context: HookContext) => unknown;
}

/** The hooks of a runtime. The ledger is followed only while there are some. */
export class Hooks {
  readonly #reader: () => { readonly ledger: Ledger; readonly reader: RunReader };
  readonly #onFault: (fault: HookFault) => void;
  readonly #hooks = new Set<Hook>();
  #abort: AbortController | undefined;

  constructor(reader: () => { readonly ledger: Ledger; readonly reader: RunReader }, onFault: (fault: HookFault) => void) {
    this.#reader = reader;
    this.#onFault = onFault;
  }

  /** Begins to tell of facts from now on; the function given back ends it. */
  add<T extends Fact["type"]>(type: T, filter: HookFilter, call: (fact: FactOf<T>, context: HookContext) => unknown): () => void {
    // Called with facts of its own type only.
    const hook: Hook = { type, filter, call: call as Hook["call"] };
    this.#hooks.add(hook);
    this.#abort ??= this.#follow();
    return () => {
      this.#hooks.delete(hook);
      if (this.#hooks.size === 0) this.close();
    };
  }

  /** Follows another ledger from now on: this process has taken over the writing. */
  restart(): void {
    if (this.#hooks.size === 0) return;
    this.close();
    this.#abort = this.#follow();
  }

  close(): void {
    this.#abort?.abort();
    this.#abort = undefined;
  }

  #follow(): AbortController {
    const abort = new AbortController();
    const { ledger, reader } = this.#reader();
    const run = async () => {
      for await (const entry of ledger.changes({ after: ledger.position, live: true, signal: abort.signal })) this.#tell(reader, entry);
    };
    // The end of the ledger is told to whoever waits for a run; a hook has nothing to add to it.
    run().catch((error: unknown) => {
      if (abort.signal.aborted) return;
      this.#tellFault({ error, type: "run.failed", run: "", path: "" });
      // A compaction has overtaken this process: what left the disk is told no more, and what follows is.
      if (error instanceof LedgerError && error.code === "cursor_too_old") this.restart();
    });
    return abort;
  }

  #tell(reader: RunReader, entry: Entry): void {
    const root = reader.rootOf(entry.run);
    const head = root === undefined ? undefined : reader.ledger.head(root);
    const contract = head === undefined ? undefined : (compactedNote(head.note) ?? readNote(head.note))?.contract;
    if (root === undefined || contract === undefined) return;
    for (const fact of this.#recorded(reader, entry, root)) {
      for (const hook of this.#hooks) if (isMeant(hook, fact, { run: root, contract })) this.#call(hook, fact, { run: root, contract });
    }
  }

  /** A run that cannot be read here ends no hook: others go on. */
  #recorded(reader: RunReader, entry: Entry, root: string): readonly RecordedFact[] {
    try {
      return reader.recorded(entry);
    } catch (error) {
      this.#tellFault({ error, type: "run.failed", run: root, path: "" });
      return [];
    }
  }

  /** Whoever hears of faults may have one of his own: it ends no hook. */
  #tellFault(fault: HookFault): void {
    try {
      this.#onFault(fault);
    } catch (error) {
      warnOfFault({ ...fault, error });
    }
  }

  #call({ call }: Hook, fact: RecordedFact, context: HookContext): void {
    const fault = (error: unknown) => this.#tellFault({ error, type: fact.type, run: context.run, path: fact.path });
    try {
      const given = call(fact, context);
      if (given instanceof Promise) given.catch(fault);
    } catch (error) {
      fault(error);
    }
  }
}

/** A hook's fault that nobody asked to hear of. */
export function warnOfFault({ error, type, path }: HookFault, redaction = DEFAULT_REDACTION): void {
  const message = redaction.text(error instanceof Error ? error.message : String(error));
  process.emitWarning(`a hook on ${type}${path === "" ? "" : ` at ${path}`} threw: ${message}`, "KindlingHookWarning");
}

function isMeant({ type, filter }: Hook, fact: RecordedFact, { run, contract }: HookContext): boolean {
  return (
    type === fact.type &&
    (filter.contract === undefined || filter.contract === contract) &&
    (filter.run === undefined || filter.run === run) &&
    (filter.path === undefined || filter.path === fact.path || filter.path === fact.path.replaceAll(/\[[^\]]*\]/g, "[*]"))
  );
}
