// What authors' callbacks give that must answer at once. Knows no kind.

import { ValueError } from "./value-error.ts";

/** True for a promise. It may be rejected later, when nobody listens any more, so it is heard here. */
export function isPromise(given: unknown): given is Promise<unknown> {
  if (!(given instanceof Promise)) return false;
  given.catch(() => undefined);
  return true;
}

/** What is wrong with a callback that gave a promise. */
export function notAtOnce(callback: string): string {
  return `${callback} gave a promise, and must give its answer at once`;
}

/** What a callback gave; refused where that is a promise. */
export function atOnce<T>(callback: string, given: T): T {
  if (!isPromise(given)) return given;
  throw new ValueError("not_at_once", notAtOnce(callback), {
    fix: "Ask for what it needs before: in a node of its own, such as a lookup, whose value it reads; or record it with the event.",
  });
}
