// `createRuntime`: contracts, models and a ledger put together behind the client interface.

import { ConfigError, InputError, LedgerError } from "../errors.ts";
import type { AnyContract, Contract } from "../graph/contract.ts";
import type { Ledger, LedgerPlace, VerifyReport } from "../ledger/ledger.ts";
import type { JsonValue } from "../json.ts";
import type { ModelProvider } from "../model/model.ts";
import { NO_PRICES, type PriceTable } from "../model/price.ts";
import { planOf } from "../compile/plan.ts";
import type { RecordedFact } from "../run/fact.ts";
import type { LiveEvent, LogLine } from "./carrier.ts";
import type {
  AwaitDetail, CallOptions, CancelRequest, ContractSummary, Delivery, DeliverRequest, Kindling, ListQuery, OpenAwait, Page, Run, RunSummary, RunView, StartOptions, WatchEvent, WatchOptions,
} from "./client.ts";
import { systemChance, systemClock, type Chance, type Clock } from "./clock.ts";
import { summarize } from "./contracts.ts";
import { EmbeddedHost } from "./embedded.ts";
import { Follower } from "./follower.ts";
import type { Host } from "./host.ts";
import { Limits, type LimitOptions } from "./limits.ts";
import { modelAccess } from "./models.ts";
import { Plans } from "./plans.ts";
import { resultOf, waitUntil, watchRun, type Watching } from "./run-handle.ts";
import { RunReader } from "./run-reader.ts";

/** What a runtime is made of. */
export interface RuntimeOptions {
  readonly contracts: readonly AnyContract[];
  readonly ledger: LedgerPlace;
  readonly models?: readonly ModelProvider[];
  /** `provider:model` for nodes that name none. */
  readonly model?: string;
  /** US dollars per million tokens; unknown prices stay unknown. */
  readonly prices?: PriceTable;
  readonly limits?: LimitOptions;
  /**
   * `write` (default): this process writes the ledger alone, and a second one is refused with `ledger_locked`. `read`: it only asks.
   * `shared`: it writes when nobody else does; otherwise it reads the files and hands its calls to the process that writes.
   */
  readonly access?: "write" | "shared" | "read";
  /** What authors' `ctx.log` says; silent when left out. */
  readonly onLog?: (line: LogLine) => void;
  /** Time and randomness, for tests. */
  readonly clock?: Clock;
  readonly chance?: Chance;
}

/** Opens the ledger, resumes what the last process left, and gives the client interface. @throws LedgerError, ConfigError */
export async function createRuntime(options: RuntimeOptions): Promise<Kindling> {
  const names = options.contracts.map((contract) => contract.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigError("duplicate_contract", `two contracts are named "${twice}"`, { fix: "Names are durable and must be unique in a runtime." });
  return await Runtime.open(options);
}

class Runtime implements Kindling {
  readonly contracts: readonly ContractSummary[];
  readonly #ledger: Ledger;
  readonly #host: Host | undefined;
  readonly #reader: RunReader;
  readonly #watching: Watching;

  static async open(options: RuntimeOptions): Promise<Runtime> {
    const clock = options.clock ?? systemClock;
    const plans = new Plans(options.contracts);
    const live = new LiveListeners();
    const access = options.access ?? "write";
    const opening = { now: () => clock.now() };
    const writing = access === "read" ? undefined : await openForWriting(options.ledger, opening, access === "shared");
    const ledger = writing ?? (await options.ledger.open({ ...opening, access: "read" }));
    const host =
      writing === undefined
        ? undefined
        : new EmbeddedHost({
            ledger,
            plans,
            clock,
            chance: options.chance ?? systemChance,
            limits: new Limits(options.limits),
            models: modelAccess({ models: options.models ?? [], model: options.model, prices: options.prices ?? NO_PRICES }, clock),
            onLive: (event) => live.tell(event),
            onLog: options.onLog ?? (() => {}),
          });
    const runtime = new Runtime(options, ledger, host, plans, live);
    await host?.recover();
    return runtime;
  }

  private constructor(options: RuntimeOptions, ledger: Ledger, host: Host | undefined, plans: Plans, live: LiveListeners) {
    this.contracts = options.contracts.map(summarize);
    this.#ledger = ledger;
    this.#host = host;
    this.#reader = new RunReader(ledger, plans);
    const follower = new Follower(ledger, (run) => this.#reader.rootOf(run));
    this.#watching = { reader: this.#reader, follower, onLive: (root, listener) => live.listen(root, listener) };
  }

  get location(): string {
    return this.#ledger.location;
  }

  start<In, Out>(contract: Contract<In, Out>, inputs: In, options?: StartOptions): Promise<Run<Out>>;
  start(contract: string, inputs: unknown, options?: StartOptions): Promise<Run>;
  async start(contract: AnyContract | string, inputs: unknown, { idempotencyKey, actor, signal }: StartOptions = {}): Promise<Run> {
    signal?.throwIfAborted();
    if (typeof contract !== "string") this.#assertRegistered(contract);
    const name = typeof contract === "string" ? contract : contract.name;
    const { id, created } = await this.#writer().start({
      contract: name,
      inputs,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      ...(actor === undefined ? {} : { actor }),
    });
    await this.#ledger.refresh();
    return this.#handle(id, created);
  }

  async run(id: string): Promise<Run> {
    await this.#ledger.refresh();
    this.#reader.root(id);
    return this.#handle(id, false);
  }

  async get(id: string): Promise<RunView | undefined> {
    await this.#ledger.refresh();
    return this.#reader.view(id);
  }

  async list(query: ListQuery = {}): Promise<Page<RunSummary>> {
    await this.#ledger.refresh();
    return this.#reader.list(query);
  }

  async inbox(query: { readonly run?: string; readonly by?: "human" } = {}): Promise<readonly OpenAwait[]> {
    await this.#ledger.refresh();
    return this.#reader.inbox(query);
  }

  async awaiting(run: string, path?: string): Promise<AwaitDetail> {
    await this.#ledger.refresh();
    return this.#reader.awaiting(run, path);
  }

  async deliver(request: DeliverRequest, { signal }: CallOptions = {}): Promise<Delivery> {
    signal?.throwIfAborted();
    const delivery = await this.#writer().deliver(request);
    await this.#ledger.refresh();
    return delivery;
  }

  async cancel(id: string, request: CancelRequest = {}): Promise<RunView> {
    await this.#ledger.refresh();
    this.#reader.root(id);
    await this.#writer().cancel(id, request);
    await this.#ledger.refresh();
    const view = await this.#reader.view(id);
    if (view === undefined) throw new InputError("run_not_found", `there is no run "${id}"`);
    return view;
  }

  watch(id: string, options: WatchOptions = {}): AsyncIterable<WatchEvent> {
    return watchRun(this.#watching, id, options);
  }

  async facts(id: string, options: WatchOptions = {}): Promise<readonly RecordedFact[]> {
    await this.#ledger.refresh();
    return this.#reader.facts(id, options.after);
  }

  verify(): Promise<VerifyReport> {
    return this.#ledger.verify();
  }

  async close(): Promise<void> {
    this.#watching.follower.close();
    await this.#host?.close();
    await this.#ledger.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #writer(): Host {
    if (this.#host === undefined) throw new LedgerError("ledger_read_only", "this runtime only reads", { fix: 'Create it with access: "write" or "shared".' });
    return this.#host;
  }

  #assertRegistered(contract: AnyContract): void {
    const known = this.contracts.find(({ name }) => name === contract.name);
    if (known === undefined) throw new InputError("contract_not_found", `the contract "${contract.name}" is not one of this runtime's`, { fix: "Pass it in contracts to createRuntime." });
    if (planOf(known.contract.graph).hash !== planOf(contract.graph).hash) {
      throw new InputError("contract_not_found", `this runtime has another contract "${contract.name}" than the one given`, { fix: "Pass the same contract to createRuntime and start." });
    }
  }

  #handle(id: string, created: boolean): Run<JsonValue> & Run<never> {
    const watching = this.#watching;
    const settled = (options?: CallOptions) => waitUntil(watching, id, () => watching.reader.isSettled(id), options);
    const ended = (options?: CallOptions) => waitUntil(watching, id, () => !watching.reader.root(id).head.open, options);
    return {
      id,
      created,
      settled,
      // What the run gave was checked node by node; its type stands in the contract's.
      result: async (options) => resultOf(await ended(options)) as never,
      get: () => watching.reader.view(id).then((view) => view ?? Promise.reject(new InputError("run_not_found", `there is no run "${id}"`))),
      watch: (options) => this.watch(id, options),
      facts: () => this.facts(id),
      cancel: (request) => this.cancel(id, request),
    };
  }
}

/** Opens the ledger for writing; undefined when another process does and that is allowed. */
async function openForWriting(place: LedgerPlace, opening: { readonly now: () => number }, isShared: boolean): Promise<Ledger | undefined> {
  try {
    return await place.open({ ...opening, access: "write" });
  } catch (error) {
    if (isShared && error instanceof LedgerError && error.code === "ledger_locked") return undefined;
    throw error;
  }
}

/** Who listens to what happens beside the facts, by root run. */
class LiveListeners {
  readonly #listeners = new Map<string, Set<(event: LiveEvent) => void>>();

  listen(root: string, listener: (event: LiveEvent) => void): () => void {
    const listeners = this.#listeners.get(root) ?? new Set();
    this.#listeners.set(root, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(root);
    };
  }

  tell(event: LiveEvent): void {
    for (const listener of this.#listeners.get(event.root) ?? []) listener(event);
  }
}
