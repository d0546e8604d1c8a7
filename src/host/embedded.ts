// The embedded host: carries runs in this process over a ledger it writes alone. Runs that wait leave memory; the ledger's heads bring them back.

import { asError, BugError, RunError } from "../errors.ts";
import type { ModelAccess } from "../graph/model-access.ts";
import type { Head, Ledger } from "../ledger/ledger.ts";
import type { PlanNode } from "../compile/plan.ts";
import { childRested } from "../run/decide.ts";
import type { ParentLink } from "../run/fact.ts";
import { nodeNamed, type RunState } from "../run/state.ts";
import type { ActiveRun } from "./active-run.ts";
import { assertActor } from "./actor.ts";
import { Approvers } from "./approvers.ts";
import { Budgets } from "./budgets.ts";
import { cancelByOrder, cancelUnder } from "./cancel.ts";
import type { Carrier, ChildAction, LogLine } from "./carrier.ts";
import { beginChild, settleInParent } from "./children.ts";
import type { Revision } from "./client.ts";
import type { Delivery, DeliverRequest } from "./delivery.ts";
import type { EmbeddedOptions } from "./embedded-options.ts";
import type { Chance, Clock } from "./clock.ts";
import { Disclosure } from "./disclosure.ts";
import { Compactions } from "./compactions.ts";
import { Connections } from "./connections.ts";
import { compensateChild, tellCompensated } from "./compensate-child.ts";
import { deliverFromOutside } from "./deliver.ts";
import { DueRuns } from "./due-runs.ts";
import { takeEarlyEvent } from "./early.ts";
import { Erasures } from "./erasures.ts";
import { FactWork } from "./fact-work.ts";
import { forkRun } from "./fork-run.ts";
import type { CancelOrder, ForkOrder, Host, RetryOrder, StartRequest, Started, UpdateOrder, UpgradeOrder } from "./host.ts";
import type { Limits } from "./limits.ts";
import { loadRun, type Acceptance } from "./load-run.ts";
import { HistoryFeed } from "./history-feed.ts";
import { Mailbox } from "./mailbox.ts";
import { noteOf, type Plans } from "./plans.ts";
import { recover } from "./recover.ts";
import { Residents } from "./residents.ts";
import { retryRun } from "./retry-run.ts";
import type { RunLog } from "./run-log.ts";
import { Schedules } from "./schedules.ts";
import { SharedValues } from "./shared-values.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";
import { startRun } from "./start.ts";
import { Stranded } from "./stranded.ts";
import { Timers } from "./timers.ts";
import { updateRun } from "./update-run.ts";
import { upgradeTree } from "./upgrade.ts";

/** Carries runs in this process. */
export class EmbeddedHost implements Host, Carrier {
  readonly ledger: Ledger;
  readonly plans: Plans;
  readonly approvers: Approvers;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly limits: Limits;
  readonly models: Omit<ModelAccess, "call">;
  readonly fetch: typeof fetch;
  readonly disclosure: Disclosure;
  readonly live: EmbeddedOptions["live"];
  readonly log: (line: LogLine) => void;
  readonly residents = new Residents((id, isEnding) =>
    loadRun(this, id, isEnding, this.#accepting.get(noteOf(this.ledger, id)?.root ?? "")),
  );
  readonly #starting = new Map<string, Promise<unknown>>();
  /** Runs that a caller lets go on though their contract has changed. */
  readonly #accepting = new Map<string, Acceptance>();
  readonly mailbox: Mailbox;
  readonly erasures = new Erasures(this);
  readonly erase: Host["erase"] = async (order) => this.erasures.erase(order);
  readonly budgets = new Budgets(this);
  readonly compactions = new Compactions(this);
  readonly compact: Host["compact"] = (order, options) => this.compactions.compact(order, options);
  readonly facts: FactWork;
  readonly histories = new HistoryFeed(this, () => this.#timers);
  readonly record: Host["record"] = (order) => this.facts.record(order);
  readonly keep: Host["keep"] = (order) => this.facts.keep(order);
  readonly derive: Host["derive"] = (order) => this.facts.derive(order);
  readonly settle: Host["settle"] = (_order, { signal } = {}) => this.facts.settle(this.histories, signal);
  readonly project: Host["project"] = (order) => this.facts.project(order);
  readonly intake: Host["intake"] = (part) => this.facts.intake(part);
  readonly load: Host["load"] = () => Promise.resolve(this.limits.load());
  readonly sharedValues: SharedValues;
  readonly connections = new Connections();
  readonly #timers: Timers;
  readonly #due: DueRuns;
  readonly snapshots: SnapshotKeeper;
  readonly #dirty = new Set<ActiveRun>();
  readonly #stranded = new Stranded();
  readonly stranded = (root: string): RunError | undefined => this.#stranded.get(root);
  readonly #onStopped: NonNullable<EmbeddedOptions["onStopped"]>;
  readonly recorded: NonNullable<EmbeddedOptions["onRecorded"]>;
  #failure: unknown;
  #closed = false;

  constructor(options: EmbeddedOptions) {
    this.ledger = options.ledger;
    this.plans = options.plans;
    this.approvers = new Approvers(options.approvers ?? []);
    this.clock = options.clock;
    this.chance = options.chance;
    this.limits = options.limits;
    this.models = options.models;
    this.fetch = options.fetch;
    this.disclosure = options.disclosure ?? new Disclosure();
    this.live = options.live;
    this.log = options.onLog;
    this.#onStopped = options.onStopped ?? (() => {});
    this.recorded = options.onRecorded ?? (() => {});
    this.mailbox = new Mailbox(options.ledger, options.clock);
    this.sharedValues = new SharedValues(options.ledger, options.clock);
    this.facts = new FactWork(this, options.stores ?? []);
    this.#timers = new Timers(options.clock);
    this.#due = new DueRuns(this, this.#timers);
    this.snapshots = new SnapshotKeeper(options.ledger);
  }

  /** Goes on with everything the last process left: runs that were running, deadlines that passed (G6, G7). */
  async recover(): Promise<void> {
    await recover(this);
    this.#due.look();
    await new Schedules(this, this.#timers).start(this.plans.all());
    this.facts.derivations.start();
    await this.histories.start(this.plans.all());
  }

  /** Notes that this process cannot carry a run on, and why: whoever waits for it is told. */
  strand(root: string, error: RunError): void {
    this.#stranded.add(root, error);
    this.log({ run: root, path: "", message: error.message, details: error.toJSON() });
    this.recorded(root);
  }

  async start(request: StartRequest): Promise<Started> {
    this.assertOpen(request);
    return startRun(this, this.#starting, { ...request, inputs: this.disclosure.given(request.inputs) });
  }

  async deliver(request: DeliverRequest): Promise<Delivery> {
    this.assertOpen(request, true);
    return deliverFromOutside(this, { ...request, payload: this.disclosure.given(request.payload) });
  }

  async cancel(order: CancelOrder): Promise<null> {
    this.assertOpen(order);
    return cancelByOrder(this, order);
  }

  async update(order: UpdateOrder): Promise<Revision> {
    this.assertOpen(order);
    return updateRun(this, { ...order, inputs: this.disclosure.given(order.inputs) });
  }

  async retry(order: RetryOrder): Promise<null> {
    this.assertOpen(order);
    return retryRun(this, order);
  }

  async fork(order: ForkOrder): Promise<Started> {
    this.assertOpen(order);
    const { inputs, nodes } = order;
    return forkRun(this, this.#starting, { ...order, inputs: this.disclosure.given(inputs), nodes: this.disclosure.given(nodes) });
  }

  async upgrade(order: UpgradeOrder): Promise<null> {
    this.assertOpen();
    await upgradeTree(this, this.#accepting, order);
    this.#stranded.remove(order.run);
    return null;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#due.close();
    const reason = new RunError("host_closed", "the runtime was closed; the run goes on with the next one");
    for (const run of this.residents.all()) run.finish();
    for (const run of this.residents.all()) run.abort(reason);
    await this.facts.close();
    await this.connections.close(this.log);
    await this.ledger.close();
  }

  /** Also looks at who asks. @throws what stopped the host, RunError `host_closed`, InputError `bad_actor`, `bad_reason` */
  assertOpen({ actor, reason }: { readonly actor?: unknown; readonly reason?: unknown } = {}, canSign = false): void {
    assertActor(actor, reason, canSign);
    if (this.#failure !== undefined) throw asError(this.#failure);
    if (this.#closed) throw new RunError("host_closed", "the runtime is closed");
  }

  /** False once it has closed or stopped. */
  get isOpen(): boolean {
    return !this.#closed && this.#failure === undefined;
  }

  /** Does something with a run, which stays in memory meanwhile and goes on afterwards. One that shall only end needs nothing that its calls need. */
  use<T>(id: string, work: (run: ActiveRun) => T | Promise<T>, isEnding = false): Promise<T> {
    return this.residents.use(id, work, isEnding);
  }

  readonly inMemory = (id: string): ActiveRun | undefined => this.residents.get(id);

  /** The runs of a tree that are in memory. */
  treeInMemory(root: string): readonly ActiveRun[] {
    return this.residents.all().filter((run) => run.state.root === root);
  }

  readonly adopt = (run: ActiveRun): void => this.residents.add(run);
  readonly cleaned = (id: string): void => this.residents.letGo(id);

  /** The runs in memory whose parent is this one. */
  underInMemory(parent: string): readonly ActiveRun[] {
    return this.residents.all().filter((run) => run.state.parent?.run === parent);
  }

  readonly beginChild = (parent: ActiveRun, child: ChildAction): void => beginChild(this, parent, child);

  stopChildren(parent: ActiveRun, node: PlanNode, keys?: ReadonlySet<string>): void {
    cancelUnder(this, parent, (link) => link.node === node.name && (keys?.has(link.key) ?? true));
  }

  compensateChild(parent: ActiveRun, node: PlanNode, key: string): void {
    compensateChild(this, parent, node, key);
  }

  grounded(link: ParentLink, child: string): RunLog {
    const parent = this.inMemory(link.run);
    if (parent === undefined) throw new BugError(`run ${child} began while its parent ${link.run} was not in memory`);
    return parent.noteChild(link.node, link.key, child);
  }

  flushSoon(run: ActiveRun): void {
    this.#dirty.add(run);
    // After what promises still have to say in this turn: a reply, the node's value and the next node's beginning share one sync.
    if (this.#dirty.size === 1) process.nextTick(() => this.flushNow());
  }

  flushNow(): void {
    const runs = [...this.#dirty];
    this.#dirty.clear();
    for (const run of runs) run.flush();
  }

  setTimer({ id, state }: ActiveRun, { name, index }: PlanNode, at: number): void {
    this.#due.set(id, name, at, state.waits.has(index) || state.asleep.has(index));
  }

  setExitTimer({ id }: ActiveRun, at: number): void {
    this.#due.setExit(id, at);
  }

  appended({ id, root }: RunState, head: Head | undefined): void {
    if (head !== undefined) this.#due.noted(id, head);
    this.recorded(root);
  }

  readonly keepSnapshot = (run: RunState): void => this.background(this.snapshots.keep(run));

  opened(run: ActiveRun, node: PlanNode): void {
    takeEarlyEvent(this, run, node);
  }

  rested(run: ActiveRun): void {
    const link = run.state.parent;
    const parent = link === undefined ? undefined : this.inMemory(link.run);
    if (link !== undefined && parent !== undefined && !parent.untold.has(run.id)) {
      childRested(parent.state, nodeNamed(parent.state, link.node), link.key);
      parent.advance();
    }
    this.cleaned(run.id);
  }

  ended(run: ActiveRun): void {
    if (run.isLight) this.residents.remove(run.id);
    if (run.state.status !== "succeeded") cancelUnder(this, run, () => true);
    if (run.state.isCompensating) tellCompensated(this, run);
    else if (run.state.parent !== undefined) settleInParent(this, run);
    this.cleaned(run.id);
  }

  stopped(error: unknown): void {
    if (this.#failure !== undefined || this.#closed) return;
    this.#failure = error;
    this.#due.close();
    for (const run of this.residents.all()) run.abort(asError(error));
    this.log({ run: "", path: "", message: "the host has stopped", details: { error: asError(error).message } });
    this.#onStopped(error);
  }

  /** Does something nobody waits for; a failure stops the host, since it would otherwise be lost. A run that cannot be loaded stops only itself. */
  background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!(error instanceof RunError)) return this.stopped(error);
      const { run } = error.details;
      this.strand(noteOf(this.ledger, typeof run === "string" ? run : "")?.root ?? "", error);
    });
  }
}
