// The client interface: all that callers, the CLI, the MCP server and pages hold. Whatever host carries the runs stands behind it.

import type { Outlook } from "../compile/outlook.ts";
import type { AnyContract, Contract } from "../graph/contract.ts";
import type { Assurance } from "../graph/gate.ts";
import type { ApproverSummary } from "../approver.ts";
import type { JsonObject } from "../json.ts";
import type { Fact, RecordedFact } from "../run/fact.ts";
import type { RunReceipt } from "../run/run-receipt.ts";
import type { RunStatus } from "../run/state.ts";
import type { PastOptions } from "./as-of.ts";
import type { Changes, ChangesQuery } from "./changes.ts";
import type { CompactReport, CompactRequest } from "./compact-report.ts";
import type { Statement, StatementRequest } from "./decision-statement.ts";
import type { Delivery, DeliverRequest } from "./delivery.ts";
import type { CostQuery, CostReport } from "./cost-report.ts";
import type { DiffOptions, RunDifference } from "./diff-runs.ts";
import type { ErasedQuery, Erasure } from "./erasure.ts";
import type { ExecutorSummary } from "./executors.ts";
import type { ExplainedRun, ExplainOptions } from "./explain-run.ts";
import type { FactCalls } from "./fact-calls.ts";
import type { FactOf, HookContext, HookFilter } from "./hooks.ts";
import type { KeepingCalls } from "./keeping-calls.ts";
import type { Stats, StatsOptions } from "./stats.ts";
import type { TransferCalls } from "./transfer-calls.ts";
import type { Load } from "./load/load.ts";
import type { CallOptions, CancelRequest, EraseRequest, ForkOptions, RetryOptions, StartOptions, UpdateOptions } from "./requests.ts";
import type { RecordedPrompt } from "./recorded-prompts.ts";
import type { CompactedQuery } from "./run-receipts.ts";
import type { AwaitDetail, OpenAwait, RunSummary, RunView } from "./run-summary.ts";
import type { StoreSummary } from "../store/summary.ts";
import type { RuntimeReport } from "./verify-signatures.ts";
import type { WatchCursor, WatchEvent } from "./watch-event.ts";

/** Which runs to list. */
export interface ListQuery extends CallOptions {
  readonly contract?: string;
  readonly status?: RunStatus;
  /** Only runs that were started with this tag. */
  readonly tag?: string;
  /** 1 to 1,000; default 50. */
  readonly limit?: number;
  /** From the page before. */
  readonly cursor?: string;
}

/** Which open awaits to list. */
export interface InboxQuery {
  /** Of this root run and its children; of all when left out. */
  readonly run?: string;
  /** Only gates, which people decide. */
  readonly by?: "human";
  /** At most so many; all when left out. */
  readonly limit?: number;
  /** The last one of the part before: those behind it follow. */
  readonly after?: Pick<OpenAwait, "path" | "since" | "started"> | undefined;
}

/** A part of a list; pass `cursor` for the next part. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor: string | undefined;
}

/** What an update changed. */
export interface Revision {
  /** Names of the inputs that are different now. */
  readonly changed: readonly string[];
  /** Nodes of the root run that may be touched by it; each runs again only if what it reads is different. */
  readonly touched: readonly string[];
}

/** How a run that is not ended stands to the contract this runtime has. */
export interface UpgradeCheck {
  readonly run: string;
  readonly contract: string;
  /** The version it was started with, and the one this runtime has. */
  readonly from: string;
  readonly to: string | undefined;
  /** `same`: nothing to do. `goes_on`: the contract changed where the run has not been. `changed`: what it has done is different now. `unknown`: no such contract here. */
  readonly verdict: "same" | "goes_on" | "changed" | "unknown";
  /** For `changed`: paths of the nodes that are different. */
  readonly nodes: readonly string[];
}

/** An effect that failed for good: `retry` with its run tries it again, under the same idempotency key. */
export interface DeadLetter {
  /**
   * `effect`: it could not be done. `compensation`: it could not be taken back, and somebody must see to it. `start`, `await`: nothing could be made of an event of a
   * history, and the next one was taken.
   */
  readonly what: "effect" | "compensation" | "start" | "await";
  /** The root run's id; empty for an event. */
  readonly run: string;
  readonly path: string;
  readonly contract: string;
  readonly error: { readonly code: string; readonly message: string };
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** The event of the history: the id of that fact. */
  readonly event?: string;
}

/** From where to watch. */
export interface WatchOptions extends CallOptions {
  /** Only what stands after this position; default 0, everything. */
  readonly after?: number;
  /** How much was seen of replies that may still be on their way, by path: only what follows is told. Kept by `cursorAfter`. */
  readonly texts?: WatchCursor["texts"];
}

/** Which facts, and of when. */
export interface FactsOptions extends CallOptions, PastOptions {
  /** Only what stands after this position; default 0, everything. */
  readonly after?: number;
}

/** A contract as a runtime knows it. */
export interface ContractSummary {
  readonly name: string;
  readonly version: string;
  readonly description: string | undefined;
  readonly contract: AnyContract;
  /** Gates anywhere in it, by path; a child that exists once for each item stands as `posts[*]`. */
  readonly gates: readonly { readonly path: string; readonly event: string; readonly assurance: Assurance }[];
  readonly inputSchema: JsonObject;
  /** JSON Schema of what a run of it gives; undefined where nothing is known of it before it runs. */
  readonly outputSchema: JsonObject | undefined;
}

/** A run in hand. */
export interface Run<Out = unknown> {
  readonly id: string;
  /** False when the idempotency key gave a run that was there already. */
  readonly created: boolean;
  /** Resolves when nothing more happens by itself: the run has ended, or it waits for events. */
  settled(options?: CallOptions): Promise<RunView>;
  /** Resolves with the outputs when the run succeeds, however long that takes: the process goes on for as long, where others can reach it through its ledger's folder. @throws RunError `run_failed`, `run_cancelled` */
  result(options?: CallOptions): Promise<Out>;
  get(options?: PastOptions): Promise<RunView>;
  watch(options?: WatchOptions): AsyncIterable<WatchEvent>;
  facts(options?: FactsOptions): Promise<readonly RecordedFact[]>;
  /** The prompt files it and its children have asked models with, with their text as it was. @throws LedgerError `text_missing` */
  prompts(): Promise<readonly RecordedPrompt[]>;
  cancel(request?: CancelRequest): Promise<RunView>;
  /** See `Kindling.erase`. */
  erase(request?: EraseRequest): Promise<Erasure>;
  /** See `Kindling.update`. */
  update(inputs: Readonly<Record<string, unknown>>, options?: UpdateOptions): Promise<Revision>;
  /** See `Kindling.retry`. */
  retry(options?: RetryOptions): Promise<RunView>;
  /** See `Kindling.fork`; the fork gives what this run gives. */
  fork(options?: ForkOptions): Promise<Run<Out>>;
}

/** A runtime: contracts, models and a ledger, ready to run. Asking for a status never executes anything. */
export interface Kindling extends RunCalls, FactCalls, KeepingCalls, TransferCalls {}

/** What a client can do with runs, and with the ledger as a whole. */
export interface RunCalls extends AsyncDisposable {
  /** Where the ledger lies. */
  readonly location: string;
  readonly contracts: readonly ContractSummary[];
  /** The stores and histories handed in. */
  readonly stores: readonly StoreSummary[];
  /** The executors handed in and those the contracts run, by key and version. */
  readonly executors: readonly ExecutorSummary[];
  /** The people who may sign decisions or decide on the page. */
  readonly approvers: readonly ApproverSummary[];

  /**
   * Starts a run; it is durable when this resolves.
   * @throws InputError `contract_not_found`, `invalid_inputs` (with every issue), `idempotency_conflict`; LedgerError `ledger_low` (the disk is almost full), and what writing throws
   */
  start(contract: string, inputs: unknown, options?: StartOptions): Promise<Run>;
  // `NoInfer` keeps the contract's own input type, so that a wrong input is an error on that word.
  start<In, Out>(contract: Contract<In, Out>, inputs: NoInfer<In>, options?: StartOptions): Promise<Run<Out>>;

  /**
   * What a run would do, need and cost, before there is one: order, missing inputs, awaited events and gates, model calls, effects. Inputs may be partial. Executes nothing.
   * @throws InputError `contract_not_found`
   */
  plan(contract: string, inputs?: Readonly<Record<string, unknown>>): Outlook;
  plan<In>(contract: Contract<In, unknown>, inputs?: Partial<NoInfer<In>>): Outlook;

  /**
   * What runs cost: by contract, run, model, node or day. Heads of runs tell it, so a question costs two looks at each run in question; by node and by day,
   * and of runs at work, also their facts are read. Executes nothing.
   * @throws InputError `run_not_found`, `run_erased`
   */
  cost(query?: CostQuery): Promise<CostReport>;

  /** A handle on a run that exists. @throws InputError `run_not_found` */
  run(id: string): Promise<Run>;
  /** The run as it stands, or as it stood then. @throws InputError `bad_as_of`, `as_of_ahead`, `as_of_too_early` */
  get(id: string, options?: PastOptions): Promise<RunView | undefined>;
  /** Root runs, newest first, as they are now. */
  list(query?: ListQuery): Promise<Page<RunSummary>>;
  /**
   * Open awaits, those of the oldest run first; with `by: "human"` only gates. With `limit` part by part: what opens meanwhile in runs that were listed is not seen.
   * @example for (let part = await kindling.inbox({ limit: 50 }); part.length > 0; part = await kindling.inbox({ limit: 50, after: part.at(-1) })) show(part);
   */
  inbox(query?: InboxQuery): Promise<readonly OpenAwait[]>;
  /** An open await with what it shows. @throws InputError `run_not_found`, `not_awaiting` */
  awaiting(run: string, path?: string): Promise<AwaitDetail>;
  /**
   * The words by which an approver decides an open await, ready to be signed: `ssh-keygen -Y sign -n kindling-decision`. Records nothing.
   * @throws InputError `run_not_found`, `not_awaiting`, `invalid_payload`, `payload_not_stable` (the schema changes what it gave itself), `approver_unknown` (none with a key), `bad_validity`
   * @example const { text, payload, event, path } = await kindling.statement({ run: run.id, payload: { decision: "approve" }, approver: "ada" });
   * await kindling.deliver({ event, run: run.id, path, payload, signature: { statement: text, signature: await sign(text) } });
   */
  statement(request: StatementRequest): Promise<Statement>;
  deliver(request: DeliverRequest, options?: CallOptions): Promise<Delivery>;
  /** @throws InputError `run_not_found` */
  cancel(id: string, request?: CancelRequest): Promise<RunView>;
  /**
   * Makes all that a run and its children recorded unreadable for ever, by destroying their key: inputs, prompts, replies, values, events. That they were stays: ids, times, counts.
   * Forks of it are runs of their own. Doing it again changes nothing. Afterwards every question about the run is answered with `run_erased`.
   * @throws InputError `run_not_found`, `run_open` (cancel it first), LedgerError `ledger_not_encrypted`
   */
  erase(id: string, request?: EraseRequest): Promise<Erasure>;
  /**
   * Gives up what root runs and their children recorded that no retention rule keeps any longer, and takes it off the disk: a receipt stays of each. Runs go on meanwhile. One that cannot be
   * given up yet is named with the reason. Aborting the signal ends it between two runs. Afterwards every question about a run that was is answered with `run_compacted`, and its idempotency key still gives no second run.
   * @throws InputError `bad_retention`; LedgerError `archive_unfit`, `ledger_damaged` (nothing was removed)
   */
  compact(request?: CompactRequest): Promise<CompactReport>;
  /** What is left of runs that were compacted, those that were started last first. @throws InputError `bad_cursor` */
  compacted(query?: CompactedQuery): Promise<Page<RunReceipt>>;
  /** What is left of one; undefined for a run that was not compacted. @throws InputError `run_not_found`, `run_erased` */
  receiptOf(id: string): Promise<RunReceipt | undefined>;
  /** Runs that were erased, newest erasure first. */
  erased(query?: ErasedQuery): Promise<Page<Erasure>>;
  /**
   * Goes on with other inputs: what reads them runs again, and of that only what then reads something different (R10). A run that has ended goes on. Approvals stand while
   * what was shown is the same; effects are not repeated unless they say so.
   * @throws InputError `run_not_found`, `invalid_inputs`, `run_cancelled`, `correlation_fixed` (the inputs by which events find the run stay)
   */
  update(id: string, inputs: Readonly<Record<string, unknown>>, options?: UpdateOptions): Promise<Revision>;
  /**
   * Tries again what failed, in the same run: all of it, or the item or node at a path.
   * @throws InputError `run_not_found`, `nothing_to_retry`
   */
  retry(id: string, options?: RetryOptions): Promise<RunView>;
  /**
   * Starts a run from what another one has done: its unchanged work is taken over and not repeated, effects included.
   * @throws InputError `run_not_found`, `invalid_inputs`, `override_unknown`, `no_such_node`, `fact_not_found`, `idempotency_conflict`
   */
  fork(id: string, options?: ForkOptions): Promise<Run>;
  /** Lets a run go on whose contract has changed where it has been: finished nodes that are different keep their values, or run again. One that is up to date stays as it is. @throws InputError `run_not_found` */
  upgrade(id: string, changed: "keep" | "rerun", options?: CallOptions): Promise<RunView>;
  /** Effects that failed for good, oldest first. */
  deadLetters(query?: { readonly contract?: string }): Promise<readonly DeadLetter[]>;
  /**
   * Why a run, or something in it, stands as it stands: `posts[en]/draft`, an item `posts[en]`, or an output's name. Executes nothing.
   * @throws InputError `run_not_found`, `path_not_found` with the nearest path, and what `get` throws; RunError `contract_changed`
   */
  explain(id: string, path?: string, options?: ExplainOptions): Promise<ExplainedRun>;
  /** Two runs side by side, node by node: a fork and its origin, two runs of a contract, or of two versions of it. @throws InputError `run_not_found` */
  diff(a: string, b: string, options?: DiffOptions): Promise<RunDifference>;
  /** How each run that is not ended stands to the contracts of this runtime. Changes nothing. */
  checkUpgrades(): Promise<readonly UpgradeCheck[]>;
  /** Facts of a run and of its children, in ledger order, live until the run ends. @throws InputError `run_not_found` */
  watch(id: string, options?: WatchOptions): AsyncIterable<WatchEvent>;
  /** Facts of a run and of its children so far, or so far then, in ledger order. @throws InputError `run_not_found`, and what `get` throws */
  facts(id: string, options?: FactsOptions): Promise<readonly RecordedFact[]>;
  /**
   * Facts of all runs in the order of the ledger, commit by commit, as fast as they are taken: for what must see each of them once at least, across restarts of its own.
   * @throws LedgerError `cursor_too_old` (of another ledger, or what followed is gone), `cursor_ahead`, both with `oldest` and `newest` in their details; InputError `unknown_kind`, `bad_cursor_name`,
   * `run_not_found`; RunError `fact_too_new`
   * @example const changes = kindling.changes({ cursor: "mail", kinds: ["run.failed"], live: true });
   * for await (const { position, facts } of changes) { await mail(facts); await changes.commit(position); }
   */
  changes(query?: ChangesQuery): Changes;
  /**
   * Calls back for every fact of a type that becomes durable from now on, in the order of the ledger, whatever process wrote it. For what must happen, use an effect or
   * `onSuccess`: a hook is told only while this process runs. What it throws is given to `onHookFault`. The function given back ends it.
   * @example kindling.on("node.failed", { contract: "press-release" }, (fact) => console.warn(fact.path, fact.error.message));
   */
  on<T extends Fact["type"]>(type: T, filter: HookFilter, call: (fact: FactOf<T>, context: HookContext) => unknown): () => void;
  /** What the process that writes does at this moment: its limits, what is in use, what waits in which line and why, and which models are not called for a while. Nothing of it is recorded. */
  load(options?: CallOptions): Promise<Load>;
  /**
   * Figures of the ledger: room, stores, consumers and how far they are behind, derived stores, what the process that writes does; and what of it is beyond a threshold. Cheap: no fact is read.
   * @throws InputError `bad_threshold`
   * @example const { alerts } = await kindling.stats({ thresholds: { cursorLag: 10_000 } });
   */
  stats(options?: StatsOptions): Promise<Stats>;
  /** Walks every byte of the ledger, and checks the signatures of decisions against the approvers and contracts of this runtime. Changes nothing. */
  verify(): Promise<RuntimeReport>;
  /** Ends the work in this process; runs stay as they are in the ledger and go on with the next runtime. */
  close(): Promise<void>;
}
