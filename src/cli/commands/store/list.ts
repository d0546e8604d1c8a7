// `store list`: the stores and histories that the ledger holds, and those that the config knows.

import { createRuntime, InputError, type Kindling, memoryLedger, type StoreSize, type StoreSummary } from "../../../index.ts";
import type { Answer } from "../../answer.ts";
import { loadConfig } from "../../config-file.ts";
import type { GlobalOptions } from "../../project.ts";
import { withStores } from "../../stores.ts";
import type { Shell } from "../../shell.ts";
import { ago } from "../../view/moment.ts";
import { countText } from "../../view/store-lines.ts";
import { table } from "../../view/text.ts";
import { visibleCopy } from "../../view/visible.ts";

interface ListedStore {
  readonly kind: "store" | "history";
  readonly name: string;
  /** Of the config's definition; null where it knows none, and so for indexes and schema. */
  readonly version: number | null;
  readonly indexes: readonly string[] | null;
  readonly schema: object | null;
  readonly isConfigured: boolean;
  readonly size: StoreSize;
}

/** Lists them, those that the ledger holds first, in the order in which they began. */
export async function listStores(shell: Shell, options: GlobalOptions): Promise<Answer> {
  try {
    return await withStores(shell, options, ({ kindling }) => listAnswer(shell, kindling));
  } catch (error) {
    if (!(error instanceof InputError) || error.code !== "nothing_recorded") throw error;
    // Before there is a ledger the config knows them already, all of them empty.
    const { stores = [] } = (await loadConfig(shell.cwd, options.config)).config;
    await using kindling = await createRuntime({ contracts: [], stores, ledger: memoryLedger() });
    return await listAnswer(shell, kindling);
  }
}

async function listAnswer(shell: Shell, kindling: Kindling): Promise<Answer> {
  const stores = await listed(kindling);
  const { paint } = shell.out;
  const rows = visibleCopy(stores).map((each) => rowOf(each, shell));
  const none = `no stores: the ledger holds none, and the config names none`;
  return { ok: true, result: { stores }, lines: rows.length === 0 ? [paint("faint", none)] : table(rows) };
}

async function listed(kindling: Kindling): Promise<readonly ListedStore[]> {
  const configured = new Map(kindling.stores.map((each) => [`${each.kind} ${each.name}`, each]));
  const held = await kindling.storeNames();
  const names = new Map([...held, ...kindling.stores].map(({ kind, name }) => [`${kind} ${name}`, { kind, name }]));
  return Promise.all(
    [...names].map(async ([both, { kind, name }]): Promise<ListedStore> => {
      const size = await kindling.recordedStore({ kind, name }).size();
      return { kind, name, ...saidOf(configured.get(both)), size };
    }),
  );
}

function saidOf(summary: StoreSummary | undefined): Pick<ListedStore, "version" | "indexes" | "schema" | "isConfigured"> {
  if (summary === undefined) return { version: null, indexes: null, schema: null, isConfigured: false };
  const { version, indexes, schema = null } = summary;
  return { version, indexes: [...indexes], schema, isConfigured: true };
}

function rowOf({ kind, name, version, indexes, isConfigured, size }: ListedStore, { out: { paint }, now }: Shell): string[] {
  const counts = [countText(size.present, kind === "store" ? "key" : "part", size.isWhole), countText(size.facts, "fact", size.isWhole)];
  return [
    paint("strong", name),
    kind,
    size.latest === null ? paint("faint", "empty") : counts.join(", "),
    size.latest === null ? "" : paint("faint", `changed ${ago(size.latest.time, now())}`),
    isConfigured ? paint("faint", `version ${version}`) : paint("warn", "not in the config"),
    indexes === null || indexes.length === 0 ? "" : paint("faint", `by ${indexes.join(", ")}`),
  ];
}
