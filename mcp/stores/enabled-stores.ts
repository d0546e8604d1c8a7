// The stores and histories that agents may read, and the only way from tools and resources to facts of the application: what is not enabled is not there, by whatever id somebody asks.
// Knows no tool.

import { ConfigError, didYouMean, type Kindling, type NamedStore, type StoreSummary } from "../../src/index.ts";
import { Refusal } from "../failure.ts";

/** What of `Kindling` reads facts. */
export type FactSource = Pick<Kindling, "stores" | "storeNamed" | "recordedStore" | "activity" | "lineage">;

/** An enabled store with its summary. */
export type EnabledStore = NamedStore & { readonly summary: StoreSummary };

const FACT_ID = /^(?<kind>store|history):(?<store>[a-z][a-z0-9-]*):/;
/** What events that a history gives are called by, and who delivers them. */
const HISTORY = /\bhistory:([a-z][a-z0-9-]*)(#[0-9a-f]+)?/g;
const RUN_FACT = /^(?<run>.+):\d+$/s;

/** Those that one caller may read. */
export class EnabledStores {
  /** In the order in which they were named. */
  readonly all: readonly StoreSummary[];
  readonly kindling: FactSource;
  readonly #seesRun: (id: string) => Promise<boolean>;

  /** @param seesRun whether the caller may know of a run @throws ConfigError `unknown_store` */
  constructor(kindling: FactSource, names: readonly string[], seesRun: (id: string) => Promise<boolean>) {
    this.kindling = kindling;
    this.all = [...new Set(names)].map((name) => summaryOf(kindling, name));
    this.#seesRun = seesRun;
  }

  get names(): readonly string[] {
    return this.all.map(({ name }) => name);
  }

  /** The store of a name; the same refusal for one that is not enabled and for one that is not there. */
  find(name: string): EnabledStore | Refusal {
    const summary = this.all.find((each) => each.name === name);
    const named = summary === undefined ? undefined : this.kindling.storeNamed(name);
    return summary === undefined || named === undefined ? this.notEnabled() : { ...named, summary };
  }

  /** True for an id that may be told: of a fact of an enabled store, or of a run that the caller sees. */
  async mayTell(id: string): Promise<boolean> {
    if (FACT_ID.test(id)) return this.holds(id);
    return this.#seesRun(RUN_FACT.exec(id)?.groups?.["run"] ?? id);
  }

  /** True for the id of a fact of an enabled store: a history that has the name of one is another. */
  holds(id: string): boolean {
    const { kind, store } = FACT_ID.exec(id)?.groups ?? {};
    return this.all.some((each) => each.kind === kind && each.name === store);
  }

  /** The name of a store that a run read or wrote; of one that is not enabled, that there is one. */
  nameTold(name: string): string {
    return this.names.includes(name) ? name : "another store";
  }

  /** A text without the names of histories that are not enabled. */
  withoutNames(text: string): string {
    return text.replace(HISTORY, (said, name: string) => (this.names.includes(name) ? said : "a history"));
  }

  notEnabled(): Refusal {
    return new Refusal(
      "store_not_enabled",
      "This server offers no store or history of this name, or that this id belongs to.",
      `Use one of ${this.names.join(", ")}: list_stores tells what they hold.`,
    );
  }
}

function summaryOf({ stores }: FactSource, name: string): StoreSummary {
  const found = stores.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new ConfigError("unknown_store", `agents were to read "${name}", and the runtime knows no store or history of this name`, {
    fix: didYouMean(
      name,
      stores.map((each) => each.name),
    ),
  });
}
