// `createRuntime`: what it takes, and the door to everything behind it. The host is loaded only here, so that defining contracts stays cheap.

import { type Approver, assertApprovers } from "../approver.ts";
import { ConfigError } from "../errors.ts";
import type { AnyContract } from "../graph/contract.ts";
import { type Duration, toMilliseconds } from "../graph/duration.ts";
import type { Executor } from "../graph/executor.ts";
import type { LedgerPlace } from "../ledger/ledger.ts";
import type { ModelProvider } from "../model/model.ts";
import type { Prices } from "../model/price.ts";
import { pricesProblem } from "../model/price-table.ts";
import type { Redact, RedactOptions } from "../redact.ts";
import type { AnchorOptions } from "./anchors.ts";
import type { LogLine } from "./carrier.ts";
import type { Kindling } from "./client.ts";
import type { Chance, Clock } from "./clock.ts";
import type { CapabilityPolicy } from "./executors.ts";
import type { HookFault } from "./hooks.ts";
import { assertLimits, type LimitOptions } from "./load/limit-options.ts";
import type { Observer } from "./observer.ts";
import { assertOneDefinition } from "./one-definition.ts";
import { type RetentionRule, retentionProblem } from "./retention.ts";
import { whatIs } from "../graph/given.ts";
import { derivationOrder } from "../store/derivation-graph.ts";
import type { AnyStore } from "../store/store.ts";
import { assertStores } from "../store/summary.ts";

/** What a runtime is made of. */
export interface RuntimeOptions {
  readonly contracts: readonly AnyContract[];
  readonly ledger: LedgerPlace;
  /** Stores and histories to be known by name: what the command line and agents may ask of, and what is derived. Any other can be read and written all the same. */
  readonly stores?: readonly AnyStore[];
  readonly models?: readonly ModelProvider[];
  /** `provider:model` for nodes that name none. */
  readonly model?: string;
  /** The people whose signed decisions are believed. */
  readonly approvers?: readonly Approver[];
  /** US dollars for a million tokens, by model; of several tables the later one counts. Unknown prices stay unknown. */
  readonly prices?: Prices;
  /** How much is done at once, over all runs: calls, and requests and tokens per minute by provider and model. Root runs take turns. */
  readonly limits?: LimitOptions;
  /**
   * `write` (default): this process writes the ledger alone, and a second one is refused with `ledger_locked`. `read`: it only asks.
   * `shared`: it writes when nobody else does; otherwise it reads the files and hands its calls to the process that writes.
   */
  readonly access?: "write" | "shared" | "read";
  /** Executors to be known besides those that the contracts run: what documents of contracts may name. */
  readonly executors?: readonly Executor<never, unknown>[];
  /** What the executors of the contracts may touch; everything when left out. Functions of authors declare nothing and are not asked. */
  readonly capabilities?: CapabilityPolicy;
  /** What is taken out of failures, logs, live events and telemetry besides secrets of well-known shapes; and what is not recorded at all. */
  readonly redact?: RedactOptions | Redact;
  /** Who is told what happens in this process: `otel()` of `kindling/otel`, `langfuse()` of `kindling/langfuse`, or observers of one's own. */
  readonly telemetry?: Observer | readonly Observer[];
  /** What authors' `ctx.log` says; silent when left out. */
  readonly onLog?: (line: LogLine) => void;
  /** What hooks throw; a warning of the process when left out. */
  readonly onHookFault?: (fault: HookFault) => void;
  /** HTTP for runs on other servers; the global one when left out. */
  readonly fetch?: typeof fetch;
  /** Sends how far the ledger went to a place outside, while this process writes it: whoever cuts, rolls back or rewrites the log is found out. */
  readonly anchor?: AnchorOptions;
  /** How long runs are kept after their end: the first rule that fits counts, and a run that none fits is kept for ever. `compact` goes by them when it is given none. */
  readonly retention?: readonly RetentionRule[];
  /** Compacts by itself, runs and stores that keep not all, while this process writes: a minute after it has begun (or sooner, where this is shorter), and then so often. What goes wrong is told to `onLog`. Off when left out. */
  readonly compactEvery?: Duration;
  /** Time and randomness, for tests. */
  readonly clock?: Clock;
  readonly chance?: Chance;
}

/** Opens the ledger, resumes what the last process left, and gives the client interface. @throws LedgerError, ConfigError */
export async function createRuntime(options: RuntimeOptions): Promise<Kindling> {
  assertMade(options);
  const names = options.contracts.map((contract) => contract.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new ConfigError("duplicate_contract", `two contracts are named "${twice}"`, {
      fix: "Names are durable and must be unique in a runtime.",
    });
  assertStores(options.stores);
  for (const { name, rule } of derivationOrder(options.stores ?? []))
    if (!((toMilliseconds(rule.timeLimit) ?? 0) > 0))
      throw new ConfigError("bad_time_limit", `the time limit of "${name}" is ${JSON.stringify(rule.timeLimit)}`, {
        fix: 'Give how long one computation may take, such as "10s".',
      });
  assertOneDefinition(options.contracts, options.stores ?? []);
  assertApprovers(options.approvers ?? []);
  assertKeeping(options);
  const badPrices = options.prices === undefined ? undefined : pricesProblem(options.prices);
  if (badPrices !== undefined) throw new ConfigError("bad_prices", badPrices.message, badPrices);
  assertLimits(
    options.limits,
    (options.models ?? []).map(({ id }) => id),
  );
  const { openRuntime } = await import("./runtime.ts");
  return openRuntime(options);
}

/** What nothing can be made without. */
function assertMade(options: unknown): void {
  const { contracts, ledger }: { readonly contracts?: unknown; readonly ledger?: { readonly open?: unknown } | null } = options ?? {};
  if (!Array.isArray(contracts))
    throw new ConfigError("no_contracts", `createRuntime: contracts is ${whatIs(contracts)}, and no list`, {
      fix: "Give a list, an empty one where there are none: createRuntime({ contracts: [], ledger }).",
    });
  const strange = contracts.findIndex((contract: unknown) => typeof contract !== "object" || contract === null || !("graph" in contract));
  if (strange >= 0)
    throw new ConfigError("no_contract", `createRuntime: contracts[${strange}] is ${whatIs(contracts[strange])}, and no contract`, {
      fix: "Give what contract() gave.",
    });
  if (typeof ledger?.open !== "function")
    throw new ConfigError("no_ledger", `createRuntime: ledger is ${whatIs(ledger)}, and no ledger`, {
      fix: 'Give a place: ledger: fileLedger(".kindling/app"), or memoryLedger().',
    });
}

const SHORTEST_INTERVAL_MS = 1_000;

function assertKeeping({ retention = [], compactEvery }: RuntimeOptions): void {
  const found = retentionProblem(retention);
  if (found !== undefined) throw new ConfigError("bad_retention", found.message, found);
  if (compactEvery !== undefined && !((toMilliseconds(compactEvery) ?? 0) >= SHORTEST_INTERVAL_MS))
    throw new ConfigError("compact_interval", `compactEvery is ${JSON.stringify(compactEvery)}`, {
      fix: 'Give a second or more, such as "1d".',
    });
}
