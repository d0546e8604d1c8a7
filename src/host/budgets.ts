// Keeps calls to models within the budgets above them. What a call may cost at most is a fact in the run of every such budget before the call is made, and so is
// what it came to before its reply is; in between it is reserved. One writer, and no pause between looking for room and taking it: no two calls take the same room.

import type { PlanNode } from "../compile/plan.ts";
import type { PlannedCall, Reservation } from "../graph/call-access.ts";
import { ModelError, type ModelErrorCode, type Usage } from "../model/model.ts";
import { mostTokens } from "../model/size.ts";
import { accountOf, addAmounts, budgetOf, lacking, lessAmounts, NO_AMOUNTS, type Amounts } from "../run/budget.ts";
import { joinPath } from "../run/path.ts";
import { isEnded } from "../run/state.ts";
import type { ActiveRun } from "./active-run.ts";
import { budgetExhausted, unpriced, type Shortage } from "./budget-refusals.ts";
import { TurnQueue } from "./turn-queue.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { keptRuns, type Keeper, keepersOf } from "./budget-keepers.ts";

/** Who wants to call, and what is told while it waits for room. */
export interface Spender {
  readonly run: ActiveRun;
  readonly node: PlanNode;
  readonly signal: AbortSignal;
  /** Called before each wait; what it gives is called after it. */
  readonly waits: () => () => void;
}

/** A call on its way, as far as budgets are concerned. */
interface Spent extends Spender {
  readonly call: PlannedCall;
  /** Outermost first; the calling run itself, if it keeps one, last. */
  readonly keepers: readonly Keeper[];
  needed: Amounts;
}

/** Room that was taken for a call. */
interface Taken {
  readonly id: string;
}

/** Makes room in budgets, call by call. */
export class Budgets {
  readonly #host: EmbeddedHost;
  /** Calls under way in this process, by their ids: all other reservations are of calls that were cut off. A later one of the same id takes the place of an earlier. */
  readonly #inFlight = new Map<string, Taken>();
  /** Who waits for room in an account. */
  readonly #queues = new Map<string, TurnQueue>();

  constructor(host: EmbeddedHost) {
    this.#host = host;
  }

  /** Reserves what a call may need; waits while calls in flight may leave room for it. @throws ModelError `budget_exhausted`, `unpriced`; the reason of the signal */
  async reserve(spender: Spender, call: PlannedCall): Promise<Reservation> {
    const ids = keepersOf(this.#host, spender.run, spender.node);
    if (ids.length === 0) return FREE;
    const kept = await keptRuns(this.#host, ids);
    try {
      const spent: Spent = { ...spender, call, keepers: kept.keepers, needed: needed(call, mostTokens(call.request), kept.keepers) };
      return this.#reservation(spent, await this.#take(spent), kept.release);
    } catch (error) {
      kept.release();
      throw error;
    }
  }

  /** A budget was raised: who waits looks again. */
  raised(run: string): void {
    for (const [name, queue] of this.#queues) if (name.startsWith(`${run} `)) queue.next();
  }

  /** Takes the room once there is some. */
  async #take(spent: Spent): Promise<Taken> {
    const { signal, keepers, call } = spent;
    let isCounted = false;
    let turn: TurnQueue | undefined;
    try {
      for (;;) {
        signal.throwIfAborted();
        if (keepers.some(({ run }) => isEnded(run.state))) throw hasEnded(call);
        const id = idOf(spent, 1);
        const shortage = this.#shortage(spent, id, false);
        if (shortage === undefined) return this.#commit(spent, id);
        if (!isCounted) {
          isCounted = true;
          await this.#count(spent);
          // Room may have come free meanwhile.
          continue;
        }
        // What is spent for sure leaves no room, whatever becomes of the calls in flight.
        const lasting = this.#shortage(spent, id, true);
        if (lasting !== undefined) throw budgetExhausted(lasting, call.provider.id);
        turn = await this.#wait(spent, shortage, turn);
      }
    } finally {
      turn?.next();
    }
  }

  /** Asks the provider how long the request is, where it can tell: the estimate is careful. */
  async #count(spent: Spent): Promise<void> {
    const { call, signal, keepers } = spent;
    const { provider, request } = call;
    if (provider.countTokens === undefined || provider.capabilities(request.model).countsTokens === "no") return;
    try {
      const input = await provider.countTokens(request, { signal });
      spent.needed = needed(call, { input, output: request.maxOutputTokens }, keepers);
    } catch (error) {
      // The estimate stands where the provider cannot count just now.
      if (!(error instanceof ModelError)) throw error;
    }
  }

  async #wait(spent: Spent, { state, account }: Shortage, before: TurnQueue | undefined): Promise<TurnQueue> {
    const name = queueName(state.id, account);
    const queue = this.#queues.get(name) ?? new TurnQueue();
    this.#queues.set(name, queue);
    const goesOn = spent.waits();
    try {
      // Who had its turn here already keeps it; another account's next one has it there.
      const turn = queue.wait(spent.signal, before === queue);
      if (before !== queue) before?.next();
      await turn;
      return queue;
    } finally {
      goesOn();
      if (queue.isEmpty) this.#queues.delete(name);
    }
  }

  /** The first budget without room; with `forSure` only what is spent counts, and what is reserved for calls that were cut off. */
  #shortage({ keepers, needed }: Spent, id: string, forSure: boolean): Shortage | undefined {
    for (const { run, accounts } of keepers) {
      for (const account of accounts) {
        const budget = budgetOf(run.state, account);
        if (budget === undefined) continue;
        const { spent, reserved, open } = accountOf(run.state, account);
        // What this very call had reserved before a crash is taken over.
        const others = lessAmounts(reserved, open.get(id) ?? NO_AMOUNTS);
        const held = forSure ? this.#cutOff(open, id) : others;
        const capped = lacking(budget, addAmounts(spent, held), needed);
        if (capped !== undefined) return { state: run.state, account, budget, capped, spent, reserved: held, needed };
      }
    }
    return undefined;
  }

  #cutOff(open: ReadonlyMap<string, Amounts>, own: string): Amounts {
    let sum = NO_AMOUNTS;
    for (const [id, amounts] of open) if (id !== own && !this.#inFlight.has(id)) sum = addAmounts(sum, amounts);
    return sum;
  }

  /** Reserves it everywhere at once. What this node's last request had reserved, and a crash cut off, is spent as far as anybody knows. */
  #commit(spent: Spent, id: string): Taken {
    const { run: calling, node, keepers, call, needed } = spent;
    const last = idOf(spent, 0);
    const from = joinPath(calling.state.path, node.name);
    for (const { run, accounts } of keepers) {
      const lost = this.#inFlight.has(last) ? undefined : openIn(run, accounts, last);
      if (lost !== undefined) run.record({ type: "budget.settled", call: last, spent: lost, uncertain: true });
      run.record({ type: "budget.reserved", call: id, accounts, from, model: call.name, reserved: needed });
      // Handed over before what the calling run records: in one log, whatever is durable there is durable here.
      if (run !== calling) run.finish();
    }
    const taken = { id };
    // At once: who looks for room next must not take it for one that was cut off.
    this.#inFlight.set(id, taken);
    return taken;
  }

  #reservation(spent: Spent, taken: Taken, release: () => void): Reservation {
    const { id } = taken;
    const { needed, keepers, run: calling, signal } = spent;
    let hasBegun = false;
    const settle = (amounts: Amounts, uncertain: boolean) => {
      signal.removeEventListener("abort", stop);
      // It is settled already, or another attempt has taken it over.
      const isMine = this.#inFlight.get(id) === taken;
      if (isMine) this.#inFlight.delete(id);
      for (const { run } of isMine ? keepers : []) {
        run.record({ type: "budget.settled", call: id, spent: amounts, ...(uncertain ? { uncertain } : {}) });
        if (run !== calling) run.finish();
      }
      release();
      for (const { run, accounts } of keepers) for (const account of accounts) this.#queues.get(queueName(run.id, account))?.next();
    };
    const fail = (error: unknown) => (!hasBegun || isFree(error) ? settle(NO_AMOUNTS, false) : settle(needed, true));
    // Nobody waits for a provider that does not listen.
    const stop = () => fail(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    return {
      begins: () => {
        signal.throwIfAborted();
        hasBegun = true;
      },
      settle: (usage, cost) => {
        const tokens = tokensOf(usage);
        settle(
          { usd: cost ?? needed.usd, tokens: tokens ?? needed.tokens, turns: 1 },
          tokens === null || (cost === null && needed.usd > 0),
        );
      },
      fail,
    };
  }
}

/** What a call may take at most. @throws ModelError `unpriced` */
function needed(call: PlannedCall, tokens: { readonly input: number; readonly output: number }, keepers: readonly Keeper[]): Amounts {
  const inDollars = keepers.flatMap(budgetsIn).filter(({ usd }) => usd !== undefined);
  const usd = inDollars.length === 0 ? 0 : call.most(tokens);
  if (usd === null && inDollars.some((budget) => budget.unpriced !== "allow")) throw unpriced(call.name, call.provider.id);
  return { usd: usd ?? 0, tokens: tokens.input + tokens.output, turns: 1 };
}

/** Nothing is reserved where there is no budget. */
export const FREE: Reservation = Object.freeze({ begins: () => {}, settle: () => {}, fail: () => {} });

/** The id of the node's next request (`more` is 1), or of the one before. */
function idOf({ run, node }: Spender, more: 0 | 1): string {
  return `${run.id}:${node.name}:${(run.state.requests.get(node.index) ?? 0) + more}`;
}

function openIn({ state }: ActiveRun, accounts: readonly string[], id: string): Amounts | undefined {
  for (const account of accounts) {
    const open = state.accounts.get(account)?.open.get(id);
    if (open !== undefined) return open;
  }
  return undefined;
}

function budgetsIn({ run, accounts }: Keeper) {
  return accounts.flatMap((account) => budgetOf(run.state, account) ?? []);
}

function queueName(run: string, account: string): string {
  return `${run} ${account}`;
}

function tokensOf({ input, output }: Usage): number | null {
  return input === null || output === null ? null : input + output;
}

/** Errors by which an API, or this process before it, refuses a request: no model has worked on it. */
const REFUSALS: ReadonlySet<ModelErrorCode> = new Set<ModelErrorCode>([
  "auth",
  "permission",
  "billing",
  "model_not_found",
  "invalid_request",
  "unsupported",
  "context_too_long",
  "rate_limited",
  "not_configured",
  "unknown_request",
  "circuit_open",
]);

/** True for a call that surely cost nothing. One that answered with an error status gave no reply; of one that was cut off nobody knows. */
function isFree(error: unknown): boolean {
  return error instanceof ModelError && (REFUSALS.has(error.code) || (error.status ?? 0) >= 400);
}

function hasEnded({ provider }: PlannedCall): ModelError {
  return new ModelError("aborted", "the run whose budget it is has ended", { provider: provider.id, retryable: false });
}
