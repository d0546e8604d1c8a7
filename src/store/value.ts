// Values as their definition reads them: those of older versions are made new on every way out, and what is recorded stays as it is.

import { asError, BugError, RunError } from "../errors.ts";
import { isPromise, notAtOnce } from "../graph/at-once.ts";
import type { JsonValue } from "../json.ts";
import { check, describeIssues } from "../schema.ts";
import { type FactRef, type RawFact, refOf } from "./fact.ts";
import type { History, ReadableStore } from "./store.ts";

/** A fact with a value. */
export interface Written<T> extends FactRef {
  readonly act: "written";
  readonly value: T;
}

/** A fact that a key has no value any more. */
export interface Removed extends FactRef {
  readonly act: "removed";
}

/** A fact of a store, as its definition reads it. */
export type StoreFact<T> = Written<T> | Removed;

/** @throws RunError `value_too_new`, `upcast_failed` */
export async function read<T>(definition: ReadableStore<T> | History<T>, raw: RawFact): Promise<StoreFact<T>> {
  const ref = refOf(raw);
  if (raw.value === undefined) return { ...ref, act: "removed" };
  return { ...ref, act: "written", value: await valueOf(definition, raw, raw.value) };
}

/** The fact with its value; undefined when it has none. */
export async function readWritten<T>(definition: ReadableStore<T> | History<T>, raw: RawFact | undefined): Promise<Written<T> | undefined> {
  if (raw === undefined) return undefined;
  const fact = await read(definition, raw);
  return fact.act === "written" ? fact : undefined;
}

async function valueOf<T>(definition: ReadableStore<T> | History<T>, { id, version }: RawFact, value: JsonValue): Promise<T> {
  // It was checked when it was written, by a schema of the same version.
  if (version === definition.version) return value as T;
  if (version > definition.version)
    throw new RunError(
      "value_too_new",
      `${id} has version ${version}, and this edition of ${definition.name} knows ${definition.version}`,
      {
        fix: "Read it with the edition that wrote it, or a later one.",
        details: { id, version, known: definition.version },
      },
    );
  const checked = await check(definition.schema, upcast(definition, id, version, value));
  if (checked.ok) return checked.value;
  throw new RunError(
    "upcast_failed",
    `${id}: what became of version ${version} does not fit version ${definition.version}: ${describeIssues(checked.issues)}`,
    {
      fix: `Mend upcast of ${definition.name}; what is recorded is unharmed.`,
      details: { id, version },
    },
  );
}

function upcast(
  { name, version: newest, upcast: steps }: Pick<ReadableStore<unknown>, "name" | "version" | "upcast">,
  id: string,
  version: number,
  value: JsonValue,
): JsonValue {
  let current = value;
  for (let older = version; older < newest; older++) {
    const step = steps[older];
    if (step === undefined) throw new BugError(`store ${name} was defined without what makes values of version ${older} new`);
    const failed = (message: string, cause?: unknown): RunError =>
      new RunError("upcast_failed", `${id}: ${message}`, {
        fix: `Mend upcast of ${name}; what is recorded is unharmed.`,
        details: { id, version },
        cause,
      });
    try {
      current = step(current);
    } catch (error) {
      throw failed(`upcast[${older}] threw: ${asError(error).message}`, error);
    }
    if (isPromise(current)) throw failed(notAtOnce(`upcast[${older}]`));
  }
  return current;
}
