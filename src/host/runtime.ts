// A runtime: contracts, models and a ledger put together behind the client interface. Loaded when the first one is created.

import { type ApproverSummary, summaryOf } from "../approver.ts";
import { InputError } from "../errors.ts";
import type { AnyContract, Contract } from "../graph/contract.ts";
import type { Outlook } from "../compile/outlook.ts";
import type { Fact, RecordedFact } from "../run/fact.ts";
import type { RunReceipt } from "../run/run-receipt.ts";
import type {
  ContractSummary,
  DeadLetter,
  FactsOptions,
  InboxQuery,
  Kindling,
  ListQuery,
  Page,
  Revision,
  Run,
  UpgradeCheck,
  WatchOptions,
} from "./client.ts";
import type { CallOptions, CancelRequest, EraseRequest, ForkOptions, RetryOptions, StartOptions, UpdateOptions } from "./requests.ts";
import { assertOfNow, type AsOf, type PastOptions, readerAt } from "./as-of.ts";
import type { AwaitDetail, OpenAwait, RunSummary, RunView } from "./run-summary.ts";
import { decisionStatement, type Statement, type StatementRequest } from "./decision-statement.ts";
import type { Delivery, DeliverRequest } from "./delivery.ts";
import { type Changes, changesOf, type ChangesQuery } from "./changes.ts";
import { type CompactReport, compactOrder, type CompactRequest } from "./compact-report.ts";
import { type CostQuery, type CostReport, costReport } from "./cost-report.ts";
import { summarize } from "./contracts.ts";
import { callWriter } from "./call-writer.ts";
import { currentLoad } from "./current-load.ts";
import { diffRuns, type DiffOptions, type RunDifference } from "./diff-runs.ts";
import { deadLetters } from "./dead-letters.ts";
import { systemClock } from "./clock.ts";
import { keyed } from "./door-client.ts";
import { type ErasedQuery, type Erasure, listErasures } from "./erasure.ts";
import { openEngine, takeOver, type Engine } from "./engine.ts";
import { LiveBoard } from "./live/live-board.ts";
import { mirrored } from "./live/live-door.ts";
import type { RuntimeOptions } from "./create-runtime.ts";
import { assertPermitted, knownExecutors, type ExecutorSummary } from "./executors.ts";
import { explainRun, type ExplainedRun, type ExplainOptions } from "./explain-run.ts";
import { forkOrder } from "./fork-order.ts";
import type { Host } from "./host.ts";
import { Hooks, warnOfFault, type FactOf, type HookContext, type HookFilter } from "./hooks.ts";
import { openDisclosure, orClosed } from "./open-disclosure.ts";
import { outlookOf } from "./outlook-of.ts";
import type { Load } from "./load/load.ts";
import { Plans } from "./plans.ts";
import { type CompactedQuery, listReceipts, receiptOf } from "./run-receipts.ts";
import { runInHand, watchRun } from "./run-handle.ts";
import type { RunReader } from "./run-reader.ts";
import { caused, startOrder } from "./start-order.ts";
import { checkUpgrades } from "./upgrade.ts";
import { type RuntimeReport, verifyAll } from "./verify-signatures.ts";
import type { WatchEvent } from "./watch-event.ts";

/** Opens a runtime whose options were checked. */
export async function openRuntime(options: RuntimeOptions): Promise<Kindling> {
  const executors = knownExecutors(options.executors ?? [], options.contracts);
  assertPermitted(options.contracts, options.capabilities);
  const disclosure = await openDisclosure(options);
  const live = new LiveBoard((text) => disclosure.redaction.text(text));
  const engine = await orClosed(disclosure, openEngine(options, live, disclosure));
  if (engine.writing.by !== "own") live.fedBy(mirrored(live, options.ledger.folder));
  return new Runtime(options, live, engine, executors);
}

class Runtime implements Kindling {
  readonly contracts: readonly ContractSummary[];
  readonly executors: readonly ExecutorSummary[];
  readonly approvers: readonly ApproverSummary[];
  readonly #options: RuntimeOptions;
  readonly #live: LiveBoard;
  #engine: Engine;
  /** Engines this runtime stood on before it took over the writing; those who wait through them go on. */
  readonly #former: Engine[] = [];
  readonly #hooks: Hooks;
  #closed = false;

  constructor(options: RuntimeOptions, live: LiveBoard, engine: Engine, executors: readonly ExecutorSummary[]) {
    this.#hooks = new Hooks(() => this.#engine, options.onHookFault ?? ((fault) => warnOfFault(fault, engine.disclosure.redaction)));
    this.contracts = options.contracts.map(summarize);
    this.executors = executors;
    this.approvers = (options.approvers ?? []).map(summaryOf);
    this.#options = options;
    this.#live = live;
    this.#engine = engine;
  }

  get location(): string {
    return this.#engine.ledger.location;
  }

  start(contract: string, inputs: unknown, options?: StartOptions): Promise<Run>;
  start<In, Out>(contract: Contract<In, Out>, inputs: NoInfer<In>, options?: StartOptions): Promise<Run<Out>>;
  async start(contract: AnyContract | string, inputs: unknown, { signal, ...options }: StartOptions = {}): Promise<Run> {
    signal?.throwIfAborted();
    const request = startOrder(this.contracts, contract, inputs, options, this.#engine.disclosure);
    const { id, created } = await this.#write((host, isRemote) =>
      host.start(isRemote ? keyed(request) : request, signal === undefined ? {} : { signal }),
    );
    await this.#engine.ledger.refresh();
    return this.#handle(id, created);
  }

  plan(contract: string | AnyContract, inputs: Readonly<Record<string, unknown>> = {}): Outlook {
    return outlookOf(this.#options, this.contracts, contract, inputs);
  }

  async cost(query: CostQuery = {}): Promise<CostReport> {
    const { prices, clock = systemClock } = this.#options;
    return costReport((await this.#fresh()).ledger, query, { prices, now: () => clock.now() });
  }

  async run(id: string): Promise<Run> {
    await this.#engine.ledger.refresh();
    this.#engine.reader.root(id);
    return this.#handle(id, false);
  }

  async get(id: string, { asOf }: PastOptions = {}): Promise<RunView | undefined> {
    return (await this.#readerOf(id, asOf)).view(id);
  }

  async list(query: ListQuery = {}): Promise<Page<RunSummary>> {
    assertOfNow(query);
    return (await this.#fresh()).reader.list(query);
  }

  async inbox(query: InboxQuery = {}): Promise<readonly OpenAwait[]> {
    return (await this.#fresh()).reader.inbox(query);
  }

  async awaiting(run: string, path?: string): Promise<AwaitDetail> {
    return (await this.#fresh()).reader.awaiting(run, path);
  }

  async statement(request: StatementRequest): Promise<Statement> {
    return decisionStatement(await this.#fresh(), this.#options, request);
  }

  async deliver(request: DeliverRequest, { signal }: CallOptions = {}): Promise<Delivery> {
    signal?.throwIfAborted();
    const order = caused(request, this.#engine.disclosure);
    const delivery = await this.#write((host) => host.deliver(order, signal === undefined ? {} : { signal }));
    await this.#engine.ledger.refresh();
    return delivery;
  }

  async cancel(id: string, { signal, ...request }: CancelRequest = {}): Promise<RunView> {
    await this.#engine.ledger.refresh();
    this.#engine.reader.root(id);
    await this.#write((host) => host.cancel({ run: id, ...request }, signal === undefined ? {} : { signal }));
    return this.#view(id);
  }

  async erase(id: string, { signal, ...request }: EraseRequest = {}): Promise<Erasure> {
    const erasure = await this.#write((host) => host.erase({ run: id, ...request }, signal === undefined ? {} : { signal }));
    await this.#engine.ledger.refresh();
    return erasure;
  }

  async erased(query: ErasedQuery = {}): Promise<Page<Erasure>> {
    return listErasures((await this.#fresh()).ledger, query);
  }

  async compact({ signal, ...request }: CompactRequest = {}): Promise<CompactReport> {
    const order = compactOrder(request, this.#options.retention);
    const report = await this.#write((host) => host.compact(order, signal === undefined ? {} : { signal }));
    await this.#engine.ledger.refresh();
    return report;
  }

  async compacted(query: CompactedQuery = {}): Promise<Page<RunReceipt>> {
    return listReceipts((await this.#fresh()).ledger, query);
  }

  async receiptOf(id: string): Promise<RunReceipt | undefined> {
    return receiptOf((await this.#fresh()).ledger, id);
  }

  async update(id: string, inputs: Readonly<Record<string, unknown>>, { signal, ...options }: UpdateOptions = {}): Promise<Revision> {
    const revision = await this.#write((host) => host.update({ run: id, inputs, ...options }, signal === undefined ? {} : { signal }));
    await this.#engine.ledger.refresh();
    return revision;
  }

  async retry(id: string, { signal, ...options }: RetryOptions = {}): Promise<RunView> {
    await this.#write((host) => host.retry({ run: id, ...options }, signal === undefined ? {} : { signal }));
    return this.#view(id);
  }

  async fork(id: string, { signal, ...options }: ForkOptions = {}): Promise<Run> {
    const order = forkOrder(id, options);
    const { id: fork, created } = await this.#write((host, isRemote) =>
      host.fork(isRemote ? keyed(order) : order, signal === undefined ? {} : { signal }),
    );
    await this.#engine.ledger.refresh();
    return this.#handle(fork, created);
  }

  async upgrade(id: string, changed: "keep" | "rerun", { signal }: CallOptions = {}): Promise<RunView> {
    await this.#write((host) => host.upgrade({ run: id, changed }, signal === undefined ? {} : { signal }));
    return this.#view(id);
  }

  async deadLetters(query: { readonly contract?: string } = {}): Promise<readonly DeadLetter[]> {
    return deadLetters((await this.#fresh()).ledger, query);
  }

  async explain(id: string, path?: string, options: ExplainOptions = {}): Promise<ExplainedRun> {
    return explainRun(await this.#readerOf(id, options.asOf), id, path, options);
  }

  async diff(a: string, b: string, options: DiffOptions = {}): Promise<RunDifference> {
    return diffRuns((await this.#fresh()).reader, a, b, options);
  }

  async checkUpgrades(): Promise<readonly UpgradeCheck[]> {
    return checkUpgrades((await this.#fresh()).ledger, new Plans(this.#options.contracts));
  }

  watch(id: string, options: WatchOptions = {}): AsyncIterable<WatchEvent> {
    return watchRun(this.#engine.watching, id, options);
  }

  async facts(id: string, { after, asOf }: FactsOptions = {}): Promise<readonly RecordedFact[]> {
    return (await this.#readerOf(id, asOf)).facts(id, after);
  }

  changes(query: ChangesQuery = {}): Changes {
    return changesOf(this.#engine.reader, query);
  }

  on<T extends Fact["type"]>(type: T, filter: HookFilter, call: (fact: FactOf<T>, context: HookContext) => unknown): () => void {
    return this.#hooks.add(type, filter, call);
  }

  load(options: CallOptions = {}): Promise<Load> {
    const { clock = systemClock, ledger } = this.#options;
    return currentLoad(this.#engine, ledger.folder, () => clock.now(), options);
  }

  verify(): Promise<RuntimeReport> {
    return verifyAll(this.#engine.ledger, this.#options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#hooks.close();
    this.#live.fedBy(undefined);
    for (const engine of [...this.#former, this.#engine]) await engine.close();
    await this.#engine.disclosure.observers.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #write<T>(call: (host: Host, isRemote: boolean) => Promise<T>): Promise<T> {
    return callWriter(
      { location: this.location, engine: () => this.#engine, isClosed: () => this.#closed, takeOver: () => this.#takeOver() },
      call,
    );
  }

  async #takeOver(): Promise<void> {
    const engine = await takeOver(this.#options, this.#live, this.#engine.disclosure);
    if (engine === undefined) return;
    this.#former.push(this.#engine);
    this.#engine = engine;
    this.#live.fedBy(undefined);
    this.#hooks.restart();
  }

  /** What stands in the ledger by now. */
  async #fresh(): Promise<Engine> {
    await this.#engine.ledger.refresh();
    return this.#engine;
  }

  /** Who answers about a run, as it is or as it was. One that is not there is not there in either. */
  #readerOf(id: string, asOf: AsOf | undefined): Promise<RunReader> {
    return readerAt(this.#engine.reader, id, asOf, this.#options.clock ?? systemClock);
  }

  async #view(id: string): Promise<RunView> {
    const view = await this.get(id);
    if (view === undefined) throw new InputError("run_not_found", `there is no run "${id}"`);
    return view;
  }

  #handle(id: string, created: boolean): Run & Run<never> {
    return runInHand(this, this.#engine.watching, id, created);
  }
}
