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
  RunCalls,
  UpgradeCheck,
  WatchOptions,
} from "./client.ts";
import type { CallOptions, CancelRequest, EraseRequest, ForkOptions, RetryOptions, StartOptions, UpdateOptions } from "./requests.ts";
import { assertOfNow, type PastOptions, readerAt } from "./as-of.ts";
import type { AsOf } from "../ledger/moment.ts";
import { factCalls } from "./fact-calls.ts";
import type { AwaitDetail, OpenAwait, RunSummary, RunView } from "./run-summary.ts";
import { decisionStatement, type Statement, type StatementRequest } from "./decision-statement.ts";
import type { Delivery, DeliverRequest } from "./delivery.ts";
import { type Changes, changesOf, type ChangesQuery } from "./changes.ts";
import { type CompactReport, compactOrder, type CompactRequest } from "./compact-report.ts";
import { type CostQuery, type CostReport, costReport } from "./cost-report.ts";
import { summarize } from "./contracts.ts";
import { currentLoad } from "./current-load.ts";
import { derivationCalls } from "./derivation-calls.ts";
import { diffRuns, type DiffOptions, type RunDifference } from "./diff-runs.ts";
import { deadLetters } from "./dead-letters.ts";
import { systemClock } from "./clock.ts";
import { keyed } from "./door-client.ts";
import { type ErasedQuery, type Erasure, listErasures } from "./erasure.ts";
import { openEngine, type Engine } from "./engine.ts";
import { LiveBoard } from "./live/live-board.ts";
import type { RuntimeOptions } from "./create-runtime.ts";
import { assertPermitted, knownExecutors, type ExecutorSummary } from "./executors.ts";
import { explainRun, type ExplainedRun, type ExplainOptions } from "./explain-run.ts";
import { forkOrder } from "./fork-order.ts";
import { storeSummary, type StoreSummary } from "../store/summary.ts";
import { Standing } from "./standing.ts";
import { type Stats, type StatsOptions, statsOf } from "./stats.ts";
import { Hooks, warnOfFault, type FactOf, type HookContext, type HookFilter } from "./hooks.ts";
import { openDisclosure, orClosed } from "./open-disclosure.ts";
import { outlookOf } from "./outlook-of.ts";
import { keepingCalls } from "./keeping-calls.ts";
import type { Load } from "./load/load.ts";
import { Plans } from "./plans.ts";
import { type CompactedQuery, listReceipts, receiptOf } from "./run-receipts.ts";
import { transferCalls } from "./transfer-calls.ts";
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
  const hooks = new Hooks(() => stand.engine, options.onHookFault ?? ((fault) => warnOfFault(fault, disclosure.redaction)));
  const stand = new Standing(options, live, engine, () => hooks.restart());
  const runtime = new Runtime(options, { stand, hooks }, executors);
  const { clock = systemClock, stores = [] } = options;
  const facts = factCalls(stand, clock, stores);
  const keeping = keepingCalls(stand, { clock, store: facts.store }, stores);
  return Object.assign(runtime, facts, keeping, transferCalls(stand, stores));
}

/** The calls about runs and the ledger; those about facts of the application are put beside them. */
class Runtime implements RunCalls {
  readonly contracts: readonly ContractSummary[];
  readonly stores: readonly StoreSummary[];
  readonly executors: readonly ExecutorSummary[];
  readonly approvers: readonly ApproverSummary[];
  readonly #options: RuntimeOptions;
  readonly #stand: Standing;
  readonly #hooks: Hooks;

  constructor(
    options: RuntimeOptions,
    { stand, hooks }: { readonly stand: Standing; readonly hooks: Hooks },
    executors: readonly ExecutorSummary[],
  ) {
    this.#stand = stand;
    this.#hooks = hooks;
    this.contracts = options.contracts.map(summarize);
    this.stores = (options.stores ?? []).map(storeSummary);
    this.executors = executors;
    this.approvers = (options.approvers ?? []).map(summaryOf);
    this.#options = options;
  }

  get #engine(): Engine {
    return this.#stand.engine;
  }

  get location(): string {
    return this.#engine.ledger.location;
  }

  start(contract: string, inputs: unknown, options?: StartOptions): Promise<Run>;
  start<In, Out>(contract: Contract<In, Out>, inputs: NoInfer<In>, options?: StartOptions): Promise<Run<Out>>;
  async start(contract: AnyContract | string, inputs: unknown, { signal, ...options }: StartOptions = {}): Promise<Run> {
    signal?.throwIfAborted();
    const request = startOrder(this.contracts, contract, inputs, options, this.#engine.disclosure);
    const once = keyed(request);
    const { id, created } = await this.#stand.write((host, isHanded) =>
      host.start(isHanded ? once : request, signal === undefined ? {} : { signal }),
    );
    return this.#handle(id, created);
  }

  plan(contract: string | AnyContract, inputs: Readonly<Record<string, unknown>> = {}): Outlook {
    return outlookOf(this.#options, this.contracts, contract, inputs);
  }

  async cost(query: CostQuery = {}): Promise<CostReport> {
    const { prices, clock = systemClock } = this.#options;
    return costReport((await this.#stand.fresh()).ledger, query, { prices, now: () => clock.now() });
  }

  async run(id: string): Promise<Run> {
    (await this.#stand.fresh()).reader.root(id);
    return this.#handle(id, false);
  }

  async get(id: string, { asOf }: PastOptions = {}): Promise<RunView | undefined> {
    return (await this.#readerOf(id, asOf)).view(id);
  }

  async list(query: ListQuery = {}): Promise<Page<RunSummary>> {
    assertOfNow(query);
    return (await this.#stand.fresh()).reader.list(query);
  }

  async inbox(query: InboxQuery = {}): Promise<readonly OpenAwait[]> {
    return (await this.#stand.fresh()).reader.inbox(query);
  }

  async awaiting(run: string, path?: string): Promise<AwaitDetail> {
    return (await this.#stand.fresh()).reader.awaiting(run, path);
  }

  async statement(request: StatementRequest): Promise<Statement> {
    return decisionStatement(await this.#stand.fresh(), this.#options, request);
  }

  async deliver(request: DeliverRequest, { signal }: CallOptions = {}): Promise<Delivery> {
    signal?.throwIfAborted();
    const order = caused(request, this.#engine.disclosure);
    return this.#stand.write((host) => host.deliver(order, signal === undefined ? {} : { signal }));
  }

  async cancel(id: string, { signal, ...request }: CancelRequest = {}): Promise<RunView> {
    (await this.#stand.fresh()).reader.root(id);
    await this.#stand.write((host) => host.cancel({ run: id, ...request }, signal === undefined ? {} : { signal }));
    return this.#view(id);
  }

  async erase(id: string, { signal, ...request }: EraseRequest = {}): Promise<Erasure> {
    return this.#stand.write((host) => host.erase({ run: id, ...request }, signal === undefined ? {} : { signal }));
  }

  async erased(query: ErasedQuery = {}): Promise<Page<Erasure>> {
    return listErasures((await this.#stand.fresh()).ledger, query);
  }

  async compact({ signal, ...request }: CompactRequest = {}): Promise<CompactReport> {
    const order = compactOrder(request, this.#options.retention);
    return this.#stand.write((host) => host.compact(order, signal === undefined ? {} : { signal }));
  }

  async compacted(query: CompactedQuery = {}): Promise<Page<RunReceipt>> {
    return listReceipts((await this.#stand.fresh()).ledger, query);
  }

  async receiptOf(id: string): Promise<RunReceipt | undefined> {
    return receiptOf((await this.#stand.fresh()).ledger, id);
  }

  async update(id: string, inputs: Readonly<Record<string, unknown>>, { signal, ...options }: UpdateOptions = {}): Promise<Revision> {
    return this.#stand.write((host) => host.update({ run: id, inputs, ...options }, signal === undefined ? {} : { signal }));
  }

  async retry(id: string, { signal, ...options }: RetryOptions = {}): Promise<RunView> {
    await this.#stand.write((host) => host.retry({ run: id, ...options }, signal === undefined ? {} : { signal }));
    return this.#view(id);
  }

  async fork(id: string, { signal, ...options }: ForkOptions = {}): Promise<Run> {
    const order = forkOrder(id, options);
    const once = keyed(order);
    const { id: fork, created } = await this.#stand.write((host, isHanded) =>
      host.fork(isHanded ? once : order, signal === undefined ? {} : { signal }),
    );
    return this.#handle(fork, created);
  }

  async upgrade(id: string, changed: "keep" | "rerun", { signal }: CallOptions = {}): Promise<RunView> {
    await this.#stand.write((host) => host.upgrade({ run: id, changed }, signal === undefined ? {} : { signal }));
    return this.#view(id);
  }

  async deadLetters(query: { readonly contract?: string } = {}): Promise<readonly DeadLetter[]> {
    return deadLetters((await this.#stand.fresh()).ledger, query);
  }

  async explain(id: string, path?: string, options: ExplainOptions = {}): Promise<ExplainedRun> {
    return explainRun(await this.#readerOf(id, options.asOf), id, path, options);
  }

  async diff(a: string, b: string, options: DiffOptions = {}): Promise<RunDifference> {
    return diffRuns((await this.#stand.fresh()).reader, a, b, options);
  }

  async checkUpgrades(): Promise<readonly UpgradeCheck[]> {
    return checkUpgrades((await this.#stand.fresh()).ledger, new Plans(this.#options.contracts));
  }

  async *watch(id: string, options: WatchOptions = {}): AsyncGenerator<WatchEvent> {
    yield* watchRun(this.#stand.opened().watching, id, options);
  }

  async facts(id: string, { after, asOf }: FactsOptions = {}): Promise<readonly RecordedFact[]> {
    return (await this.#readerOf(id, asOf)).facts(id, after);
  }

  changes(query: ChangesQuery = {}): Changes {
    return changesOf(this.#engine.reader, query, () => void this.#stand.opened());
  }

  on<T extends Fact["type"]>(type: T, filter: HookFilter, call: (fact: FactOf<T>, context: HookContext) => unknown): () => void {
    this.#stand.opened();
    return this.#hooks.add(type, filter, call);
  }

  async load(options: CallOptions = {}): Promise<Load> {
    const { clock = systemClock, ledger } = this.#options;
    return currentLoad(this.#stand.opened(), ledger.folder, () => clock.now(), options);
  }

  async stats(options: StatsOptions = {}): Promise<Stats> {
    const engine = await this.#stand.fresh();
    const { clock = systemClock, ledger, stores = [] } = this.#options;
    const derivations = () => derivationCalls(this.#stand, stores).status();
    return statsOf({ engine, folder: ledger.folder, now: clock.now(), load: () => this.load(options), derivations }, options);
  }

  async verify(): Promise<RuntimeReport> {
    return verifyAll(this.#stand.opened().ledger, this.#options);
  }

  async close(): Promise<void> {
    this.#hooks.close();
    await this.#stand.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Who answers about a run, as it is or as it was. One that is not there is not there in either. */
  async #readerOf(id: string, asOf: AsOf | undefined): Promise<RunReader> {
    return readerAt((await this.#stand.fresh()).reader, id, asOf, this.#options.clock ?? systemClock);
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
