// What an attack on a gate is, and words that all of them use.

import type { World } from "./gate-world.ts";

/** What is tried, and with what codes all of it is refused. */
export interface Attack {
  readonly name: string;
  /** A number is the protocol's; left out where it does not matter what is answered. */
  readonly codes?: readonly (string | number)[];
  readonly attack: (world: World) => Promise<unknown>;
}

/** The code of almost every refusal. */
export const HUMAN = "human_decision_required";
/** Somebody an agent would like to be. */
export const PERSON = { id: "cli:ada", assurance: "signed" };

/** The arguments that name an await. */
export const at = (run_id: string, await_id = "review") => ({ run_id, await_id });

/** Puts a property there that an object literal would take for its prototype. */
export function withProto(object: object, proto: object): Record<string, unknown> {
  // What is written here is an object; a schema would leave out the very property.
  return JSON.parse(`{"__proto__":${JSON.stringify(proto)},${JSON.stringify(object).slice(1)}`) as Record<string, unknown>;
}

/** One after the other. */
export async function each<T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<void> {
  for (const item of items) await act(item);
}

/** What happens to the attacker shows in the refusals. */
export async function tried(attack: Promise<unknown>): Promise<unknown> {
  return attack.catch((error: unknown) => error);
}
