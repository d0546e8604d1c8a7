// A project opened for one command: its config, and a runtime over its ledger with the access the command needs.

import { resolve } from "node:path";
import {
  type AnchorOptions,
  type AnyContract,
  createRuntime,
  fileLedger,
  InputError,
  type Kindling,
  LedgerError,
  type LedgerPlace,
  type LogLine,
  memoryLedger,
} from "../index.ts";
import { loadConfig, type LoadedConfig } from "./config-file.ts";
import type { Shell } from "./shell.ts";

/**
 * What a command may need the ledger for: asking; changing something, be it through the process that writes already; asking what a change would come to, of an empty ledger where there
 * is none; or writing itself, for what no other process knows.
 */
export type Access = "read" | "shared" | "plan" | "write";

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** A project with its runtime. */
export interface Project extends AsyncDisposable {
  readonly kindling: Kindling;
  readonly loaded: LoadedConfig;
  /** Hears what authors' `ctx.log` says, and why a run could not be gone on with. */
  readonly onLog: (listener: (line: LogLine) => void) => void;
  /** Resolves when what was recorded is taken in: what is derived is made of it, its events have started runs and answered awaits. What hinders it is told, since the work itself is done. */
  readonly settle: () => Promise<void>;
}

/** An event that cannot be taken now is not waited for longer. */
const SETTLE_MOST_MS = 10_000;

const DEFAULT_LEDGER = ".kindling/ledger";

/** Opens the project, with further contracts that a command brings along. With `read`, a ledger that is not there yet is told as a run that is not there. @throws ConfigError, LedgerError, InputError */
export async function openProject(
  shell: Shell,
  { config }: GlobalOptions,
  access: Access,
  more: readonly AnyContract[] = [],
): Promise<Project> {
  const loaded = await loadConfig(shell.cwd, config);
  const named = ledgerPlace(loaded);
  // Who only asks makes no ledger.
  const place = access !== "plan" || (await isThere(named)) ? named : memoryLedger();
  const log = new LogRelay();
  const { contracts, approvers, stores, models, model, prices, limits, retention, compactEvery, redact, telemetry } = loaded.config;
  const anchor = access === "read" ? undefined : anchorOf(loaded);
  try {
    const kindling = await createRuntime({
      contracts: [...contracts, ...more.filter((each) => !contracts.includes(each))],
      ledger: place,
      access: access === "plan" ? "shared" : access,
      onLog: (line) => log.tell(line),
      ...(approvers === undefined ? {} : { approvers }),
      ...(stores === undefined ? {} : { stores }),
      ...(models === undefined ? {} : { models }),
      ...(model === undefined ? {} : { model }),
      ...(prices === undefined ? {} : { prices }),
      ...(limits === undefined ? {} : { limits }),
      ...(retention === undefined ? {} : { retention }),
      ...(compactEvery === undefined ? {} : { compactEvery }),
      ...(anchor === undefined ? {} : { anchor }),
      ...(redact === undefined ? {} : { redact }),
      // Who only reads carries no runs, and has nothing to tell.
      ...(telemetry === undefined || access === "read" ? {} : { telemetry }),
    });
    const settle = () => settled(kindling, log);
    const close = async (): Promise<void> => {
      // Whoever reads after this process finds what it recorded taken in.
      if (access !== "read") await settle();
      await kindling.close();
    };
    return { kindling, loaded, onLog: (listener) => log.listen(listener), settle, [Symbol.asyncDispose]: close };
  } catch (error) {
    if (access === "read" && isMissing(error)) throw noRuns(shell);
    throw error;
  }
}

async function isThere(place: LedgerPlace): Promise<boolean> {
  try {
    await using _ledger = await place.open({ access: "read" });
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

async function settled(kindling: Kindling, log: LogRelay): Promise<void> {
  // Without stores nothing waits for anything.
  if (kindling.stores.length === 0) return;
  try {
    await kindling.settle({ signal: AbortSignal.timeout(SETTLE_MOST_MS) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.tell({
      run: "",
      path: "",
      message: `what was recorded is not taken in yet: the next process that writes goes on with it (${message})`,
      details: {},
    });
  }
}

/** Where a project's anchors go. */
function anchorOf({ config: { anchor }, folder }: LoadedConfig): AnchorOptions | undefined {
  if (anchor === undefined || !("file" in anchor.to)) return anchor;
  return { ...anchor, to: { file: resolve(folder, anchor.to.file) } };
}

/** Where a project's ledger lies, and its key where it has one. */
export function ledgerPlace({ config: { ledger = DEFAULT_LEDGER, ledgerKey }, folder }: LoadedConfig): LedgerPlace {
  if (typeof ledger !== "string") return ledger;
  const key = ledgerKey !== undefined && "file" in ledgerKey ? { file: resolve(folder, ledgerKey.file) } : ledgerKey;
  return fileLedger(resolve(folder, ledger), key === undefined ? {} : { key });
}

/** True for the error of a project that has no ledger yet. */
export function isMissing(error: unknown): boolean {
  return error instanceof LedgerError && error.code === "ledger_missing";
}

/** The error for who asks about a run where none was ever started. */
export function noRuns({ program }: Shell): InputError {
  return new InputError("run_not_found", "there are no runs yet", { fix: `Start one: ${program} run <contract>`, details: { runs: 0 } });
}

const LINES_KEPT = 100;

/** Passes log lines on; those that come before anybody listens are kept, up to a limit. */
class LogRelay {
  readonly #early: LogLine[] = [];
  #listener: ((line: LogLine) => void) | undefined;

  tell(line: LogLine): void {
    if (this.#listener !== undefined) this.#listener(line);
    else if (this.#early.length < LINES_KEPT) this.#early.push(line);
  }

  listen(listener: (line: LogLine) => void): void {
    this.#listener = listener;
    for (const line of this.#early.splice(0)) listener(line);
  }
}
