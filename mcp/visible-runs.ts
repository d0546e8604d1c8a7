// Runs as one caller may see them, and the only way from tools, resources and prompts to runs: what belongs to others is not there, whoever asks and
// however, so no tool has to think of it. Knows no tool and no transport.

import {
  InputError,
  RunError,
  type AwaitDetail,
  type CallOptions,
  type CancelRequest,
  type Change,
  type Delivery,
  type DeliverRequest,
  type FactsOptions,
  type Kindling,
  type ListQuery,
  type OpenAwait,
  type Page,
  type RecordedFact,
  type Run,
  type RunSummary,
  type RunView,
  type StartOptions,
  type WatchEvent,
  type WatchOptions,
} from "../src/index.ts";
import type { Principal } from "./principal.ts";
import type { StartRate } from "./start-rate.ts";

/** What a caller may do with runs, each in the words of `Kindling`. A run that is not theirs is answered as one that is not there. */
export interface VisibleRuns {
  readonly contracts: Kindling["contracts"];
  /** @throws InputError `rate_limited` besides what `Kindling.start` throws */
  start(workflow: string, input: unknown, options?: StartOptions): Promise<StartedRun>;
  get(id: string): Promise<RunView | undefined>;
  list(query?: ListQuery): Promise<Page<RunSummary>>;
  inbox(query: { readonly run: string }): Promise<readonly OpenAwait[]>;
  awaiting(run: string, path?: string): Promise<AwaitDetail>;
  deliver(request: DeliverRequest & { readonly run: string }): Promise<Delivery>;
  cancel(id: string, request?: CancelRequest): Promise<RunView>;
  facts(id: string, options?: FactsOptions): Promise<readonly RecordedFact[]>;
  watch(id: string, options?: WatchOptions): AsyncIterable<WatchEvent>;
  /** Of one run, live; goes on after the run has ended, for it may be tried again. */
  changes(id: string, query: CallOptions & { readonly after: number }): AsyncIterable<Change>;
}

/** A run that was just started, or before by the same call. */
export type StartedRun = Pick<Run, "id" | "created" | "get">;

/** The runs that a caller sees; somebody without a name sees all. */
export function visibleRuns(kindling: Kindling, principal: Principal | undefined, starts: StartRate): VisibleRuns {
  return principal?.runs === "own" ? new OwnRuns(kindling, principal, starts) : allRuns(kindling, principal, starts);
}

function allRuns(kindling: Kindling, principal: Principal | undefined, starts: StartRate): VisibleRuns {
  return {
    contracts: kindling.contracts,
    start: async (workflow, input, options) => {
      starts.take();
      return started(await kindling.start(workflow, input, asOf(principal, options)));
    },
    get: async (id) => {
      const run = await kindling.get(id);
      return run === undefined ? undefined : asked(run);
    },
    list: (query) => askedIn(kindling.list(query)),
    inbox: (query) => kindling.inbox(query),
    awaiting: (run, path) => kindling.awaiting(run, path),
    deliver: (request) => kindling.deliver(request),
    cancel: async (id, request) => asked(await kindling.cancel(id, request)),
    facts: (id, options) => kindling.facts(id, options),
    watch: (id, options) => kindling.watch(id, options),
    changes: (id, query) => kindling.changes({ ...query, run: id, live: true }),
  };
}

/** A run with the awaits that somebody answers: what comes from a history comes by itself, as a time does, and is for nobody who looks here. */
function asked<R extends RunSummary>(run: R): R {
  return { ...run, awaits: run.awaits.filter(({ history }) => history === undefined) };
}

function started(run: Run): StartedRun {
  return { id: run.id, created: run.created, get: async (options) => asked(await run.get(options)) };
}

async function askedIn(page: Promise<Page<RunSummary>>): Promise<Page<RunSummary>> {
  const { items, ...rest } = await page;
  return { ...rest, items: items.map(asked) };
}

/** The tag that a principal's runs carry: `kindling list --tag mcp:ada` shows them. No tool takes tags, so nobody gives their runs to another. */
export function ownerTag({ id }: Pick<Principal, "id">): string {
  return `mcp:${id}`;
}

/** Keys of this surface stand apart from those of others, and those of each principal from one another: nobody comes upon a run that somebody else began. */
function asOf(principal: Principal | undefined, { idempotencyKey: key, ...options }: StartOptions = {}): StartOptions {
  const scope = principal === undefined ? "mcp:" : `mcp/${principal.id}:`;
  return {
    ...options,
    ...(key === undefined ? {} : { idempotencyKey: `${scope}${key}` }),
    ...(principal === undefined ? {} : { tags: [...(options.tags ?? []), ownerTag(principal)] }),
  };
}

/** Runs known to be the caller's, so that they are not folded again to find that out. */
const KNOWN_LIMIT = 1_000;

class OwnRuns implements VisibleRuns {
  readonly #kindling: Kindling;
  readonly #principal: Principal;
  readonly #starts: StartRate;
  readonly #known = new Set<string>();

  constructor(kindling: Kindling, principal: Principal, starts: StartRate) {
    this.#kindling = kindling;
    this.#principal = principal;
    this.#starts = starts;
  }

  get contracts(): Kindling["contracts"] {
    return this.#kindling.contracts;
  }

  async start(workflow: string, input: unknown, options?: StartOptions): Promise<StartedRun> {
    this.#starts.take();
    const run = await this.#kindling.start(workflow, input, asOf(this.#principal, options));
    this.#remember(run.id);
    return started(run);
  }

  async get(id: string): Promise<RunView | undefined> {
    const view = await this.#look(id);
    if (view?.tags.includes(ownerTag(this.#principal)) !== true) return undefined;
    this.#remember(id);
    return asked(view);
  }

  list(query: ListQuery = {}): Promise<Page<RunSummary>> {
    return askedIn(this.#kindling.list({ ...query, tag: ownerTag(this.#principal) }));
  }

  async inbox(query: { readonly run: string }): Promise<readonly OpenAwait[]> {
    await this.#assertOwn(query.run);
    return this.#kindling.inbox(query);
  }

  async awaiting(run: string, path?: string): Promise<AwaitDetail> {
    await this.#assertOwn(run);
    return this.#kindling.awaiting(run, path);
  }

  async deliver(request: DeliverRequest & { readonly run: string }): Promise<Delivery> {
    await this.#assertOwn(request.run);
    return this.#kindling.deliver(request);
  }

  async cancel(id: string, request?: CancelRequest): Promise<RunView> {
    await this.#assertOwn(id);
    return asked(await this.#kindling.cancel(id, request));
  }

  async facts(id: string, options?: FactsOptions): Promise<readonly RecordedFact[]> {
    await this.#assertOwn(id);
    return this.#kindling.facts(id, options);
  }

  async *watch(id: string, options?: WatchOptions): AsyncGenerator<WatchEvent> {
    await this.#assertOwn(id);
    yield* this.#kindling.watch(id, options);
  }

  async *changes(id: string, query: CallOptions & { readonly after: number }): AsyncGenerator<Change> {
    await this.#assertOwn(id);
    yield* this.#kindling.changes({ ...query, run: id, live: true });
  }

  /** Why a run cannot be read is told to its owner alone: that it cannot says that it is there. */
  async #look(id: string): Promise<RunView | undefined> {
    try {
      return await this.#kindling.get(id);
    } catch (error) {
      if (!this.#known.has(id) && (error instanceof InputError || error instanceof RunError)) return undefined;
      throw error;
    }
  }

  async #assertOwn(id: string): Promise<void> {
    if (this.#known.has(id) || (await this.get(id)) !== undefined) return;
    throw new InputError("run_not_found", `"${this.#principal.id}" has no run "${id}"`, { fix: "Use the id that the start gave." });
  }

  #remember(id: string): void {
    this.#known.add(id);
    const [oldest] = this.#known;
    if (this.#known.size > KNOWN_LIMIT && oldest !== undefined) this.#known.delete(oldest);
  }
}
