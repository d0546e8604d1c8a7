// Everything that can be asked about runs. It reads the ledger and executes nothing, so it serves writers and readers alike.

import { BugError, InputError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Entry, Ledger, StreamHead } from "../ledger/ledger.ts";
import type { Plan } from "../compile/plan.ts";
import { jsonSchemaOf } from "../schema.ts";
import type { RecordedFact } from "../run/fact.ts";
import { joinPath } from "../run/path.ts";
import { keys, readNote, type RunNote } from "../run/head.ts";
import { readFact } from "../run/read-fact.ts";
import { needsOf, outputsOf, type RunState, type RunStatus } from "../run/state.ts";
import { nodeViews, timesOf, type NodeStatus, type NodeView } from "../run/view.ts";
import type { ListQuery, Page } from "./client.ts";
import type { AwaitDetail, OpenAwait, RunSummary, RunView } from "./run-summary.ts";
import { contractChanged } from "./compare-plan.ts";
import { foldEntries, type Plans } from "./plans.ts";
import { recordedRun, type Recorded } from "./recorded-run.ts";

const PAGE_DEFAULT = 50;
const PAGE_LIMIT = 1_000;

/** A run as it is recorded, with the plan there is for it now. */
export interface RunRecord extends Recorded {
  readonly plan: Plan;
}

/** Answers questions about runs. */
export class RunReader {
  readonly ledger: Ledger;
  readonly #plans: Plans;

  constructor(ledger: Ledger, plans: Plans) {
    this.ledger = ledger;
    this.#plans = plans;
  }

  /** The head of a root run. @throws InputError `run_not_found` */
  root(id: string): { readonly head: StreamHead; readonly note: RunNote } {
    const head = this.ledger.head(id);
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
    if (readNote(head.note)?.status !== "waiting") return false;
    const tree = [head, ...this.ledger.find({ keys: [keys.inTree(id)], open: true })];
    const notes = tree.map((each) => ({ run: each.run, note: readNote(each.note) }));
    const openUnder = new Map<string, number>();
    for (const { note } of notes) if (note?.parent !== undefined) openUnder.set(note.parent.run, (openUnder.get(note.parent.run) ?? 0) + 1);
    // A child that has ended and whose parent has not noted it yet is about to wake that parent.
    return notes.every(({ run, note }) => note?.status === "waiting" && (note.openChildren ?? 0) === (openUnder.get(run) ?? 0));
  }

  list({ contract, status, limit = PAGE_DEFAULT, cursor }: ListQuery): Page<RunSummary> {
    const size = Math.min(Math.max(1, limit), PAGE_LIMIT);
    const found: { readonly started: number; readonly summary: RunSummary }[] = [];
    for (const head of this.#roots(contract, status, cursor === undefined ? undefined : readCursor(cursor))) {
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
  *#roots(contract: string | undefined, status: RunStatus | undefined, before: number | undefined): Generator<StreamHead> {
    const own = [keys.root, ...(contract === undefined ? [] : [keys.contract(contract)])];
    if (status === "running") {
      const running = new Set(
        this.ledger.find({ keys: [keys.status(status)], open: true }).map((head) => readNote(head.note)?.root ?? head.run),
      );
      const heads = [...running]
        .flatMap((root) => this.ledger.head(root) ?? [])
        .filter((head) => own.every((key) => head.keys.includes(key)));
      yield* heads.filter((head) => before === undefined || head.started < before).sort((a, b) => b.started - a.started);
      return;
    }
    const wanted = status === undefined ? own : [...own, keys.status(status)];
    for (let after = before; ; ) {
      const heads = this.ledger.find({ keys: wanted, newestFirst: true, limit: PAGE_LIMIT, ...(after === undefined ? {} : { after }) });
      yield* heads;
      if (heads.length < PAGE_LIMIT) return;
      after = heads.at(-1)?.started;
    }
  }

  async view(id: string): Promise<RunView | undefined> {
    const head = this.ledger.head(id);
    const summary = head === undefined ? undefined : this.#summary(head);
    const note = head === undefined ? undefined : readNote(head.note);
    if (summary === undefined || note?.parent !== undefined) return undefined;
    const loaded = await this.#load(id);
    if (loaded === undefined) throw unknownContract(id, summary.contract);
    const { state } = loaded;
    return {
      ...summary,
      inputs: state.inputs,
      outputs: state.status === "succeeded" ? outputsOf(state) : undefined,
      endedAt: state.endedAt,
      starter: state.starter,
      spending: state.spending,
      nodes: await this.#nodes(loaded),
    };
  }

  /** The state of a root run. @throws InputError `run_not_found`, `contract_not_found` */
  async state(id: string): Promise<RunState> {
    const { note } = this.root(id);
    const loaded = await this.#load(id);
    if (loaded === undefined) throw unknownContract(id, note.contract);
    return loaded.state;
  }

  inbox({ run, by }: { readonly run?: string; readonly by?: "human" }): OpenAwait[] {
    if (run !== undefined) this.root(run);
    const waiting = this.ledger.find({ keys: run === undefined ? [] : [keys.inTree(run)], open: true });
    const own = run === undefined ? [] : [this.root(run).head].filter((head) => head.open);
    return [...own, ...waiting].flatMap((head) => this.#awaits(head)).filter((open) => by === undefined || open.by === by);
  }

  /** An open await with what it shows. @throws InputError `run_not_found`, `not_awaiting` */
  async awaiting(run: string, path?: string): Promise<AwaitDetail> {
    const open = this.inbox({ run });
    const matching = path === undefined ? open : open.filter((each) => each.path === path);
    const [only, ...more] = matching;
    if (only === undefined || more.length > 0) throw notAwaiting(run, path, open);
    const stream = this.#streamOf(run, only.path);
    const loaded = await this.#load(stream.run);
    const node = loaded?.state.plan.byName.get(stream.node);
    const work = node?.definition.behaviour.work;
    if (loaded === undefined || node === undefined || work?.type !== "wait") throw unknownContract(run, only.contract);
    return { ...only, description: node.definition.description, values: needsOf(loaded.state, node), schema: jsonSchemaOf(work.schema) };
  }

  /** Facts of a run and of its children, in ledger order. */
  async facts(id: string, after = 0): Promise<RecordedFact[]> {
    this.root(id);
    const streams = [id, ...this.ledger.find({ keys: [keys.inTree(id)] }).map((head) => head.run)];
    const entries = (await Promise.all(streams.map((run) => this.ledger.read(run)))).flat();
    return entries
      .filter((entry) => entry.position > after)
      .sort((a, b) => a.position - b.position)
      .flatMap((entry) => this.recorded(entry));
  }

  /** The facts of an entry with their places. */
  recorded(entry: Entry): RecordedFact[] {
    const head = this.ledger.head(entry.run);
    const prefix = (head === undefined ? undefined : readNote(head.note)?.path) ?? "";
    return entry.facts.map((json, index) => {
      const fact = readFact(json);
      const path = "node" in fact ? joinPath(prefix, fact.node) : prefix;
      return { ...fact, id: `${entry.run}:${entry.first + index}`, run: entry.run, path, position: entry.position, time: entry.time };
    });
  }

  /** The root of the run a stream belongs to; undefined for a stream that is no run. */
  rootOf(run: string): string | undefined {
    const head = this.ledger.head(run);
    return head === undefined ? undefined : readNote(head.note)?.root;
  }

  /** The stream and the node behind an await's path. */
  #streamOf(root: string, path: string): { readonly run: string; readonly node: string } {
    for (const head of [this.root(root).head, ...this.ledger.find({ keys: [keys.inTree(root)], open: true })]) {
      const note = readNote(head.note);
      const found = note?.awaits?.find((open) => joinPath(note.path, open.node) === path);
      if (found !== undefined) return { run: head.run, node: found.node };
    }
    throw new BugError(`the await "${path}" of run ${root} was open and is not any more`);
  }

  #summary(head: StreamHead): RunSummary | undefined {
    const note = readNote(head.note);
    if (note === undefined) return undefined;
    const inside = head.open ? this.ledger.find({ keys: [keys.inTree(head.run)], open: true }) : [];
    return {
      id: head.run,
      contract: note.contract,
      version: note.version,
      status: note.status === "waiting" && inside.some((child) => readNote(child.note)?.status === "running") ? "running" : note.status,
      correlation: note.correlation,
      startedAt: head.startedAt,
      updatedAt: Math.max(head.time, ...inside.map((child) => child.time)),
      position: Math.max(head.position, ...inside.map((child) => child.position)),
      error: note.error,
      awaits: [head, ...inside].flatMap((each) => this.#awaits(each)),
    };
  }

  #awaits(head: StreamHead): OpenAwait[] {
    const note = readNote(head.note);
    if (note === undefined) return [];
    const root = this.ledger.head(note.root);
    const contract = (root === undefined ? undefined : readNote(root.note)?.contract) ?? note.contract;
    return (note.awaits ?? []).map((open) => ({
      run: note.root,
      path: joinPath(note.path, open.node),
      contract,
      event: open.event,
      by: open.gate === undefined ? "anyone" : "human",
      assurance: open.gate?.assurance,
      roles: open.gate?.roles ?? [],
      since: open.since,
      deadline: open.deadline,
      correlation: note.correlation,
      shown: open.shown,
    }));
  }

  /** What is recorded of a run; undefined for an unknown one, or without its contract. */
  async recordOf(run: string): Promise<RunRecord | undefined> {
    const plan = this.#plans.of(this.ledger, run);
    return plan === undefined ? undefined : { plan, ...(await recordedRun(this.ledger, run, plan)) };
  }

  async #load(run: string): Promise<{ readonly state: RunState; readonly entries: readonly Entry[] } | undefined> {
    const record = await this.recordOf(run);
    if (record === undefined) return undefined;
    const { plan, entries, changed, migrated, accepted } = record;
    if (changed.length > 0) throw contractChanged(run, plan.name, changed);
    const different = new Set([...accepted, ...migrated.keep, ...migrated.rerun]);
    return { state: foldEntries(run, plan, entries, different), entries };
  }

  async #nodes({ state, entries }: { readonly state: RunState; readonly entries: readonly Entry[] }): Promise<readonly NodeView[]> {
    const times = timesOf(entries.flatMap((entry) => entry.facts.map((json) => ({ fact: readFact(json), time: entry.time }))));
    const inside = new Map<string, { readonly status: NodeStatus; readonly nodes: readonly NodeView[] }>();
    for (const run of [...times.children.values()].flatMap((children) => [...children.values()])) {
      const child = await this.#load(run);
      if (child !== undefined) inside.set(run, { status: childStatus(child.state), nodes: await this.#nodes(child) });
    }
    return nodeViews(state, times, (run) => inside.get(run));
  }
}

function childStatus(state: RunState): NodeStatus {
  return state.status === "cancelled" ? "skipped" : state.status;
}

function readCursor(cursor: string): number {
  const position = Number(cursor);
  if (!Number.isInteger(position) || position < 1)
    throw new InputError("bad_cursor", `"${cursor}" is no cursor`, { fix: "Pass the cursor of the page before." });
  return position;
}

function unknownContract(run: string, contract: string): InputError {
  return new InputError(
    "contract_not_found",
    `run ${run} is of the contract "${contract}", which this runtime does not have in the form the run needs`,
    {
      fix: "Add the contract to the runtime's contracts.",
    },
  );
}

function notAwaiting(run: string, path: string | undefined, open: readonly OpenAwait[]): InputError {
  const where = path === undefined ? "" : ` at "${path}"`;
  const known = open.map((each) => `"${each.path}"`).join(", ");
  return new InputError(
    "not_awaiting",
    `run ${run} ${open.length > 1 && path === undefined ? "has several open awaits" : `has no open await${where}`}`,
    {
      fix: open.length === 0 ? "It waits for nothing now." : `Open: ${known}.`,
      details: { open: open.map((each) => each.path) } satisfies JsonObject,
    },
  );
}
