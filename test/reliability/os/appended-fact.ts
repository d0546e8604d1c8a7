// The facts that the appending processes write: everything in one follows from its id, so that a reader knows what it must hold.

import type { JsonObject } from "../../../src/index.ts";

/** Every so many facts are large enough to be kept as a blob. */
const LARGE_EVERY = 50;
const LARGE_CHARACTERS = 40_000;

/** The id of a client's fact: run names have no dots besides this one. */
export function idOf(run: string, number: number): string {
  return `${run}.${number}`;
}

/** The fact of an id, small or large. */
export function factOf(run: string, number: number): JsonObject {
  return { id: idOf(run, number), pad: padOf(number) };
}

/** True when a fact is what its id says. */
export function isWhole({ id, pad }: JsonObject): boolean {
  return typeof id === "string" && pad === padOf(Number(id.slice(id.lastIndexOf(".") + 1)));
}

function padOf(number: number): string {
  return number % LARGE_EVERY === LARGE_EVERY - 1 ? `${number} `.repeat(LARGE_CHARACTERS / 2) : "x".repeat((number * 37) % 700);
}
