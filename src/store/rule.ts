// The rule of a derived store as it is carried out: which facts belong to which of its keys, and what is made of them. Knows no ledger.

import { asError, InputError, RunError } from "../errors.ts";
import { isPromise, notAtOnce } from "../graph/at-once.ts";
import type { Duration } from "../graph/duration.ts";
import type { GroupOf, Reduce } from "./derive.ts";
import { assertKey } from "./names.ts";
import type { AnyStore } from "./store.ts";
import type { Written } from "./value.ts";

interface CommonRule {
  /** By the names that the rule knows them by. */
  readonly sources: ReadonlyMap<string, AnyStore>;
  readonly groupOf: ReadonlyMap<string, GroupOf<unknown>>;
  readonly timeLimit: Duration;
}

/** Values are computed from all facts of a group. */
export interface ComputeRule extends CommonRule {
  readonly type: "compute";
  readonly compute: (facts: ReadonlyMap<string, readonly Written<unknown>[]>, key: string) => unknown;
}

/** Values are accounts, into which facts are taken one by one. */
export interface ReduceRule extends CommonRule, Omit<Reduce<unknown, unknown>, "remove"> {
  readonly type: "reduce";
  readonly remove: Reduce<unknown, unknown>["remove"] | undefined;
}

/** How values are derived. */
export type Rule = ComputeRule | ReduceRule;

/** To which keys of a derived store a value belongs. @throws RunError `derivation_threw`; InputError `bad_key` */
export function groupsOf({ groupOf }: Rule, derived: string, source: string, fact: Written<unknown> | undefined): readonly string[] {
  const find = groupOf.get(source);
  if (fact === undefined || find === undefined) return [];
  const { value, ...ref } = fact;
  const found: unknown = authored(derived, "key", () => find(value, ref));
  if (found === undefined) return [];
  const groups: readonly unknown[] = Array.isArray(found) ? found : [found];
  return [
    ...new Set(
      groups.map((group) => {
        assertKey(derived, group, "key that a value belongs to");
        return group;
      }),
    ),
  ];
}

/** What an author's function answers, at once. @throws RunError `derivation_threw`, or what of ours was thrown */
export function authored<T>(derived: string, what: string, ask: () => T): T {
  let answer: T;
  try {
    answer = ask();
  } catch (error) {
    throw threw(derived, what, error);
  }
  if (isPromise(answer)) throw failed(derived, what, notAtOnce(what));
  return answer;
}

/** What an author's function threw, as ours. */
export function threw(derived: string, what: string, error: unknown): Error {
  if (error instanceof RunError || error instanceof InputError) return error;
  return failed(derived, what, `${what} threw: ${asError(error).message}`, error);
}

function failed(derived: string, what: string, message: string, cause?: unknown): RunError {
  return new RunError("derivation_threw", `${derived}: ${message}`, {
    fix: `Mend ${what} of ${derived}; then derive it anew: kindling.derivations.rebuild("${derived}").`,
    cause,
  });
}
