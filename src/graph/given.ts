// What programs without types hand in where a definition, options, a list or a text is wanted: refused by its name at the door, in place of being stumbled over behind it. Knows no ledger.

import { asError, InputError, KindlingError } from "../errors.ts";
import type { AnyStore } from "../store/store.ts";
import { isPromise, notAtOnce } from "./at-once.ts";
import { didYouMean } from "./nearest.ts";

/** What can be defined, and where it is handed in. */
const DEFINED = {
  store: { by: "defineStore or derive", call: "kindling.store" },
  history: { by: "defineHistory", call: "kindling.history" },
  projection: { by: "project", call: "kindling.projection" },
  boundary: { by: "defineBoundary", call: "kindling.boundaries" },
} as const;

type Defined = keyof typeof DEFINED;

/** What was handed in is a definition of this kind, and nothing else. @param call who was given it @throws InputError `bad_store` */
export function assertDefinition(call: string, given: unknown, wanted: Defined): void {
  const kind = kindOf(given);
  if (kind === wanted) return;
  const { by } = DEFINED[wanted];
  if (kind === undefined)
    throw new InputError("bad_store", `${call}: ${whatIs(given)} is no ${wanted}`, { fix: `Give the definition: what ${by} gave.` });
  throw new InputError("bad_store", `${call}: ${whatIs((given as { readonly name: unknown }).name)} is a ${kind}, and no ${wanted}`, {
    fix: `Give what ${by} gave; a ${kind} is for ${DEFINED[kind].call}.`,
  });
}

/** Made by `defineStore`, `defineHistory` or `derive`. */
export function isStore(given: unknown): given is AnyStore {
  const kind = kindOf(given);
  return kind === "store" || kind === "history";
}

/** @param call who was given it @throws InputError `bad_store` */
export function assertStore(call: string, given: unknown): asserts given is AnyStore {
  if (isStore(given)) return;
  throw new InputError("bad_store", `${call}: ${whatIs(given)} is no store`, {
    fix: "Give what defineStore, defineHistory or derive gave.",
  });
}

/** Which kind of definition it is, if it is one. */
function kindOf(given: unknown): Defined | undefined {
  if (typeof given !== "object" || given === null || !("name" in given) || !("schema" in given)) return undefined;
  if ("covers" in given) return "boundary";
  return "kind" in given && (given.kind === "store" || given.kind === "history" || given.kind === "projection") ? given.kind : undefined;
}

/** @param what the call, or the option of one @throws InputError `bad_options` */
export function assertObject(what: string, given: unknown): asserts given is object {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return;
  throw new InputError("bad_options", `${what}: an object is wanted, and ${whatIs(given)} was given`, {
    fix: "Give its options by name: { … }.",
  });
}

/** Options that may be left out. @throws InputError `bad_options` */
export function assertOptions(call: string, given: unknown): void {
  if (given !== undefined) assertObject(call, given);
}

/** Where an option that is misspelt would do harm. @throws InputError `bad_options` */
export function assertKnown(call: string, given: object, known: readonly string[]): void {
  const strange = Object.keys(given).find((name) => !known.includes(name));
  if (strange !== undefined)
    throw new InputError("bad_options", `${call}: there is no option ${whatIs(strange)}`, { fix: didYouMean(strange, known) });
}

/** @param what the option and its call @throws InputError `bad_options` */
export function assertList(what: string, given: unknown): void {
  if (given === undefined || Array.isArray(given)) return;
  throw new InputError("bad_options", `${what} is ${whatIs(given)}, and no list`, { fix: "Give a list, also of a single one: [ … ]." });
}

/** @param what the option and its call @throws InputError `bad_options` */
export function assertOneOf(what: string, given: unknown, known: readonly unknown[]): void {
  if (given === undefined || known.includes(given)) return;
  throw new InputError("bad_options", `${what} is ${whatIs(given)}`, { fix: `One of ${known.map(whatIs).join(", ")}.` });
}

/** What a function of a definition answers, at once. What it throws is told with its place. @throws InputError with this code */
export function answerOf<T>(code: string, what: string, ask: () => T): T {
  try {
    const answer = ask();
    if (!isPromise(answer)) return answer;
    throw new InputError(code, notAtOnce(what), { fix: "Let the value hold what it needs." });
  } catch (thrown) {
    if (thrown instanceof KindlingError) throw thrown;
    throw new InputError(code, `${what} threw: ${asError(thrown).message}`, {
      fix: "Mend it: it is given any value that the schema lets through.",
      cause: thrown,
    });
  }
}

const SHOWN = 40;

/** A value somebody gave, in a sentence. */
export function whatIs(given: unknown): string {
  if (Array.isArray(given)) return "a list";
  if (typeof given === "string") return JSON.stringify(given.length > SHOWN ? `${given.slice(0, SHOWN)}…` : given);
  if (typeof given === "function" || typeof given === "symbol") return `a ${typeof given}`;
  return typeof given === "object" && given !== null ? "an object" : String(given);
}
