// What authors' callbacks give that must answer at once. Knows no kind.

import { ValueError } from "./value-error.ts";

/** What a callback gave; refused where that is a promise. It may be rejected later, when nobody listens any more, so it is heard here. */
export function atOnce<T>(callback: string, given: T): T {
  if (!(given instanceof Promise)) return given;
  given.catch(() => undefined);
  throw new ValueError("not_at_once", `${callback} gave a promise, and must give its answer at once`, {
    fix: "Ask for what it needs before: in a node of its own, such as a lookup, whose value it reads; or record it with the event.",
  });
}
