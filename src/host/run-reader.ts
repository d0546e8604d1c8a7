// Everything that can be asked about runs. It reads the ledger and executes nothing, so it serves writers and readers alike.

import { InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Entry, Ledger, StreamHead } from "../ledger/ledger.ts";
import type { Plan } from "../compile/plan.ts";
import { type BudgetView, budgetViews } from "../run/budget.ts";
import type { RecordedFact } from "../run/fact.ts";
import { compactedNote } from "../run/compacted.ts";
import { joinPath } from "../run/path.ts";
import { keys, readNote, type RunNote } from "../run/head.ts";
import { readFact } from "../run/read-fact.ts";
import { outputsOf, type RunState, type RunStatus } from "../run/state.ts";
import { nodeViews, type NodeStatus, type NodeView } from "../run/view.ts";
import type { InboxQuery, ListQuery, Page } from "./client.ts";
import type { AwaitDetail, OpenAwait, RunSummary, RunView } from "./run-summary.ts";
import { detailOf, openAwaitAt } from "./await-detail.ts";
import { contractChanged } from "./compare-plan.ts";
import { eachHead, eachPage } from "./each-head.ts";
import { findRun, type FoldedRun } from "./found-run.ts";
import { assertReadable, unknownContract } from "./known-run.ts";
import { awaitsOf, openAwaits } from "./open-awaits.ts";
import { afterCursor, pageSize } from "./page.ts";
import type { Plans } from "./plans.ts";
import { recordedRun, type Recorded } from "./recorded-run.ts";

/** A run as it is recorded, with the plan there is for it now. */
export interface RunRecord extends Recorded {
  readonly plan: Plan;
}

/** Which root runs. */
interface Wanted {
  readonly contract: string | undefined;
  readonly status: RunStatus | undefined;
  readonly tag: string | undefined;
}

/** Answers questions about runs. */
export class RunReader {
  readonly ledger: Ledger;
  readonly #plans: Plans;

  constructor(ledger: Ledger, plans: Plans) {
    this.ledger = ledger;
    this.#plans = plans;
  }

  /** Answers from another ledger, with the same contracts. */
  over(ledger: Ledger): RunReader {
    return new RunReader(ledger, this.#plans);
  }

  /** The head of a root run. @throws InputError `run_not_found`, `run_erased`, `run_compacted` */
  root(id: string): { readonly head: StreamHead; readonly note: RunNote } {
    const head = this.ledger.head(id);
    if (head !== undefined) assertReadable(head);
    const note = head === undefined ? undefined : readNote(head.note);
    if (head === undefined || note === undefined || note.parent !== undefined) {
      throw new InputError("run_not_found", `there is no run "${id}"`, { fix: "`kindling list` shows the runs there are." });
    }
    return { head, note };
  }

  /** True for a run that has ended, whatever may still follow on that. */
  isEnded(id: string): boolean {
    const { status } = this.root(id).note;
    return status !== "running" && status !== "waiting";
  }

  /** True when nothing more happens by itself in a run or in any of its children: it has ended, or all of it waits. */
  isSettled(id: string): boolean {
    const { head } = this.root(id);
    if (!head.open || this.isEnded(id)) return true;
    const openUnder = new Map<string, number>();
    const known = new Map<string, number>();
    for (const { run, note } of this.#tree(head)) {
      const { status, parent, openChildren = 0 } = readNote(note) ?? {};
      if (status !== "waiting") return false;
      if (openChildren > 0) known.set(run, openChildren);
      if (parent !== undefined) openUnder.set(parent.run, (openUnder.get(parent.run) ?? 0) + 1);
    }
    // A child that has ended and whose parent has not noted it yet is about to wake that parent.
    return known.size === openUnder.size && [...known].every(([run, count]) => openUnder.get(run) === count);
  }

  list({ contract, status, tag, limit, cursor }: ListQuery): Page<RunSummary> {
    const size = pageSize(limit);
    const found: { readonly started: number; readonly summary: RunSummary }[] = [];
    for (const head of this.#roots({ contract, status, tag }, afterCursor(cursor))) {
      const summary = this.#summary(head);
      if (summary !== undefined && (status === undefined || summary.status === status)) found.push({ started: head.started, summary });
      if (found.length > size) break;
    }
    const last = found[size - 1];
    return {
      items: found.slice(0, size).map(({ summary }) => summary),
      cursor: found.length > size && last !== undefined ? String(last.started) : undefined,
    };
  }

  /** Root runs that may have a status, newest first. A run that waits itself counts as running while one of its children does. */
  *#roots({ contract, status, tag }: Wanted, before: number | undefined): Generator<StreamHead> {
    const own = [keys.root, ...(contract === undefined ? [] : [keys.contract(contract)]), ...(tag === undefined ? [] : [keys.tag(tag)])];
    if (status === "running") {
      // No more than some process has in memory.
      const running = new Set<string>();
      for (const { run, note } of eachHead(this.ledger, { keys: [keys.status(status)], open: true }))
        running.add(readNote(note)?.root ?? run);
      const heads = [...running]
        .flatMap((root) => this.ledger.head(root) ?? [])
        .filter((head) => own.every((key) => head.keys.includes(key)));
      yield* heads.filter((head) => before === undefined || head.started < before).sort((a, b) => b.started - a.started);
      return;
    }
    const wanted = status === undefined ? own : [...own, keys.status(status)];
    yield* eachHead(this.ledger, { keys: wanted, newestFirst: true, ...(before === undefined ? {} : { after: before }) });
  }

  async view(id: string): Promise<RunView | undefined> {
    const head = this.ledger.head(id);
    if (head !== undefined) assertReadable(head);
    const summary = head === undefined ? undefined : this.#summary(head);
    const note = head === undefined ? undefined : readNote(head.note);
    if (summary === undefined || note?.parent !== undefined) return undefined;
    const loaded = await this.load(id);
    if (loaded === undefined) throw unknownContract(id, summary.contract);
    const budgets: BudgetView[] = [];
    const nodes = await this.#nodes(loaded, budgets);
    // It may have been compacted while its children were read.
    this.root(id);
    const { state } = loaded;
    return {
      ...summary,
      inputs: state.inputs,
      outputs: state.status === "succeeded" ? outputsOf(state) : undefined,
      endedAt: state.endedAt,
      starter: state.starter,
      spending: state.spending,
      ...(budgets.length === 0 ? {} : { budgets }),
      nodes,
    };
  }

  /** The state of a root run. @throws InputError `run_not_found`, `contract_not_found` */
  async state(id: string): Promise<RunState> {
    const { note } = this.root(id);
    const loaded = await this.load(id);
    if (loaded === undefined) throw unknownContract(id, note.contract);
    return loaded.state;
  }

  inbox(query: InboxQuery): OpenAwait[] {
    if (query.run !== undefined) this.root(query.run);
    return openAwaits(this.ledger, query);
  }

  /** An open await with what it shows. @throws InputError `run_not_found`, `not_awaiting` */
  async awaiting(run: string, path?: string): Promise<AwaitDetail> {
    return detailOf(await openAwaitAt(this, run, path));
  }

  /** Facts of a run and of its children, in ledger order. */
  async facts(id: string, after = 0): Promise<RecordedFact[]> {
    this.root(id);
    const entries = [...(await this.ledger.read(id))];
    for (const page of eachPage(this.ledger, { keys: [keys.inTree(id)] }))
      for (const read of await Promise.all(page.map(({ run }) => this.ledger.read(run)))) for (const entry of read) entries.push(entry);
    // It may have been compacted while its children were read.
    this.root(id);
    return entries
      .filter((entry) => entry.position > after)
      .sort((a, b) => a.position - b.position)
      .flatMap((entry) => this.recorded(entry));
  }

  /** The facts of an entry with their places; those that are wanted, when not all are. */
  recorded(entry: Entry, isWanted: (json: JsonObject) => boolean = () => true): RecordedFact[] {
    const head = this.ledger.head(entry.run);
    const prefix = (head === undefined ? undefined : readNote(head.note)?.path) ?? "";
    return entry.facts.flatMap((json, index) => {
      if (!isWanted(json)) return [];
      const fact = readFact(json, entry.run);
      const path = "node" in fact ? joinPath(prefix, fact.node) : prefix;
      return [{ ...fact, id: `${entry.run}:${entry.first + index}`, run: entry.run, path, position: entry.position, time: entry.time }];
    });
  }

  /** The root of the run a stream belongs to; undefined for a stream that is no run. */
  rootOf(run: string): string | undefined {
    const head = this.ledger.head(run);
    if (head === undefined) return undefined;
    return compactedNote(head.note) === undefined ? readNote(head.note)?.root : run;
  }

  /** The open runs of a tree, the root first. */
  *#tree(root: StreamHead): Generator<StreamHead, void> {
    yield root;
    if (root.open) yield* eachHead(this.ledger, { keys: [keys.inTree(root.run)], open: true });
  }

  #summary(head: StreamHead): RunSummary | undefined {
    const note = readNote(head.note);
    if (note === undefined) return undefined;
    let { status } = note;
    let { time, position } = head;
    const awaits: OpenAwait[] = [];
    for (const each of this.#tree(head)) {
      if (status === "waiting" && readNote(each.note)?.status === "running") status = "running";
      time = Math.max(time, each.time);
      position = Math.max(position, each.position);
      awaits.push(...awaitsOf(this.ledger, each));
    }
    const { contract, version, correlation, tags = [], error } = note;
    return {
      id: head.run,
      contract,
      version,
      status,
      correlation,
      tags,
      startedAt: head.startedAt,
      updatedAt: time,
      position,
      error,
      awaits,
    };
  }

  /** What is recorded of a run; undefined for an unknown one, or without its contract. */
  async recordOf(run: string): Promise<RunRecord | undefined> {
    const plan = this.#plans.of(this.ledger, run);
    return plan === undefined ? undefined : { plan, ...(await recordedRun(this.ledger, run, plan)) };
  }

  /** A run with its state; undefined for an unknown one, or without its contract. */
  async load(run: string): Promise<FoldedRun | undefined> {
    const plan = this.#plans.of(this.ledger, run);
    if (plan === undefined) return undefined;
    const found = await findRun(this.ledger, run, plan);
    if (found.changed.length > 0) throw contractChanged(run, plan.name, found.changed);
    return found.fold();
  }

  async #nodes({ state, times }: FoldedRun, budgets: BudgetView[]): Promise<readonly NodeView[]> {
    budgets.push(...budgetViews(state));
    const inside = new Map<string, { readonly status: NodeStatus; readonly nodes: readonly NodeView[] }>();
    for (const run of [...times.children.values()].flatMap((children) => [...children.values()])) {
      const child = await this.load(run);
      if (child !== undefined) inside.set(run, { status: childStatus(child.state), nodes: await this.#nodes(child, budgets) });
    }
    return nodeViews(state, times, (run) => inside.get(run));
  }
}

function childStatus(state: RunState): NodeStatus {
  return state.status === "cancelled" ? "skipped" : state.status;
}
