// What the commands about stores and histories share: opening the project, finding the one somebody means, and what its facts are read with.

import {
  didYouMean,
  InputError,
  type Kindling,
  type NamedStore,
  type PageOptions,
  type RecordedStore,
  type StoreFact,
  type StoreName,
  type RawFact,
} from "../index.ts";
import { UsageError } from "./problem.ts";
import type { GlobalOptions, Project } from "./project.ts";
import { withProject } from "./runs.ts";
import type { Shell } from "./shell.ts";

/** A store or a history that somebody means. */
export interface MeantStore extends StoreName {
  /** As its definition reads it; undefined where the config does not know it. */
  readonly named: NamedStore | undefined;
  readonly recorded: RecordedStore;
}

/** Which values are told: as the definition of the config reads them, or as they were recorded, where the config knows none or nobody wants it. */
export type Shape = "current" | "recorded";

/** A fact as either of them tells it. */
export type ToldFact = StoreFact<unknown> | RawFact;

/** Works with a project to read its stores. @throws as `openProject`; InputError `nothing_recorded` where there is no ledger yet */
export async function withStores<T>(shell: Shell, options: GlobalOptions, work: (project: Project) => Promise<T>): Promise<T> {
  try {
    return await withProject(shell, options, "read", work);
  } catch (error) {
    if (error instanceof InputError && error.code === "run_not_found" && error.details["runs"] === 0)
      throw new InputError("nothing_recorded", "nothing is recorded yet: there is no ledger", {
        fix: `Write something: ${shell.program} store put <store> <key> <json>`,
      });
    throw error;
  }
}

/** Finds one by its name: one that the config knows, or one that the ledger holds. @throws InputError `store_not_found` */
export async function storeMeant(kindling: Kindling, name: string): Promise<MeantStore> {
  const named = kindling.storeNamed(name);
  const held = await kindling.storeNames();
  const kind = named?.kind ?? held.find((each) => each.name === name)?.kind;
  if (kind !== undefined) return { kind, name, named, recorded: kindling.recordedStore({ kind, name }) };
  throw new InputError("store_not_found", `there is no store or history "${name}"`, {
    fix: didYouMean(name, new Set([...kindling.stores.map((each) => each.name), ...held.map((each) => each.name)])),
    details: { store: name },
  });
}

/** One that the config knows. @throws InputError `store_not_found`, `store_not_configured` */
export async function configuredStore(kindling: Kindling, name: string, what: string): Promise<NamedStore> {
  const { named } = await storeMeant(kindling, name);
  if (named !== undefined) return named;
  throw new InputError("store_not_configured", `the ledger holds "${name}", and this config does not know it: ${what}`, {
    fix: "Name its definition in the config: stores: [ … ].",
    details: { store: name },
  });
}

/** Names with commas between, given once or several times; undefined where none is. */
export function namesIn(given: readonly string[] | undefined): readonly string[] | undefined {
  return given?.flatMap((text) => text.split(",").map((name) => name.trim())).filter((name) => name !== "");
}

/** A number of items. @throws UsageError `bad_option` */
export function limitOf(limit: string | undefined, most: number): number | undefined {
  if (limit === undefined) return undefined;
  const count = /^\d{1,6}$/.test(limit) ? Number(limit) : 0;
  if (count >= 1 && count <= most) return count;
  throw new UsageError("bad_option", `--limit ${limit} is no number from 1 to ${most}`, { fix: "Give a whole number." });
}

/** Which part of a list, as somebody types it. */
export interface PartOptions {
  readonly limit?: string;
  readonly cursor?: string;
  readonly newestFirst?: boolean;
}

/** The part asked for. @throws UsageError `bad_option` */
export function partOf({ limit: text, cursor, newestFirst = false }: PartOptions): PageOptions {
  const limit = limitOf(text, 1_000);
  return { newestFirst, ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
}

/** Keys looked through for what somebody may have meant. */
const KEYS_LOOKED_AT = 1_000;

/** That a key has no fact, with the one that was perhaps meant. */
export async function keyNotFound({ name, kind, recorded }: MeantStore, key: string, program: string): Promise<InputError> {
  const { items } = await recorded.keys({ limit: KEYS_LOOKED_AT, newestFirst: true });
  const near = didYouMean(
    key,
    items.map((each) => each.key),
  );
  const what = kind === "store" ? "key" : "part";
  return new InputError("key_not_found", `${name} has no ${what} ${JSON.stringify(key)}`, {
    fix: near.startsWith("Did") ? near : `${program} store history ${name} lists ${kind === "store" ? "its keys" : "its parts"}.`,
    details: { store: name, key },
  });
}
