// What a project's `kindling.config.ts` holds. Only a type and an identity function: who reads the file decides what to do with it.

import type { Approver } from "./approver.ts";
import type { AnyContract } from "./graph/contract.ts";
import type { Duration } from "./graph/duration.ts";
import type { AlertThresholds } from "./host/alerts.ts";
import type { AnchorOptions } from "./host/anchors.ts";
import type { LimitOptions } from "./host/load/limit-options.ts";
import type { Observer } from "./host/observer.ts";
import type { RetentionRule } from "./host/retention.ts";
import type { KeySource } from "./ledger/key-source.ts";
import type { LedgerPlace } from "./ledger/ledger.ts";
import type { ModelProvider } from "./model/model.ts";
import type { Prices } from "./model/price.ts";
import type { Redact, RedactOptions } from "./redact.ts";
import type { AnyStore } from "./store/store.ts";

/** A project: what the command line and the MCP server work with. */
export interface Config {
  /** The contracts that can be started, looked at and gone on with. */
  readonly contracts: readonly AnyContract[];
  /** The people who decide gates: by a passphrase on the page, by signatures of a key. */
  readonly approvers?: readonly Approver[];
  /** A folder, taken from the config file's own folder, or any other place. Default `.kindling/ledger`. */
  readonly ledger?: string | LedgerPlace;
  /** Where the master key of the ledger is: a folder that is made is encrypted with it. For a ledger that is named by its folder; a file is taken from the config file's own folder. */
  readonly ledgerKey?: KeySource;
  /** Stores and histories to be known by name: what the command line and agents may ask of, and what is derived. */
  readonly stores?: readonly AnyStore[];
  /** Providers of models; none are needed while no contract calls one. */
  readonly models?: readonly ModelProvider[];
  /** The model of nodes that name none, e.g. `anthropic:claude-sonnet-5-5`. */
  readonly model?: string;
  /** How much a process that writes does at once, over all runs: calls, and requests and tokens per minute by provider and model. */
  readonly limits?: LimitOptions;
  /** How long runs are kept after their end: the first rule that fits counts, and a run that none fits is kept for ever. `kindling compact` goes by them. */
  readonly retention?: readonly RetentionRule[];
  /** A process that writes and stays (`kindling mcp`) compacts by itself: a minute after it has begun, and then so often. */
  readonly compactEvery?: Duration;
  /** A process that writes sends anchors of the ledger out, so often while there is something new, and one when it ends. A file is taken from the config file's own folder. */
  readonly anchor?: AnchorOptions;
  /** What the figures of the ledger may be: `kindling stats` tells what is beyond. */
  readonly alerts?: AlertThresholds;
  /** What models cost: a table, or several of which the later one counts. Without a price costs are unknown, and shown as unknown. */
  readonly prices?: Prices;
  /** What is taken out of failures, logs, live events and telemetry besides secrets of well-known shapes; and what is not recorded at all. */
  readonly redact?: RedactOptions | Redact;
  /** Who is told what happens: `otel()` of `kindling/otel`, `langfuse()` of `kindling/langfuse`, or observers of one's own. */
  readonly telemetry?: Observer | readonly Observer[];
}

/**
 * Gives the config back as it is, checked by the compiler.
 *
 * @example
 * ```ts
 * export default defineConfig({ contracts: [pressRelease], models: [anthropic()], model: "anthropic:claude-sonnet-5-5" });
 * ```
 */
export function defineConfig(config: Config): Config {
  return config;
}
