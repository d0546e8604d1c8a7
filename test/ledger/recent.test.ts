// Values that were used lately: what is asked for stays, what nobody asked for goes.

import { expect, test } from "vitest";
import { Recent } from "../../src/ledger/recent.ts";

test("of more values than are kept, the one goes that was used least lately", () => {
  const recent = new Recent<string, number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  expect(recent.get("a")).toBe(1);
  recent.set("c", 3);
  expect([recent.get("a"), recent.get("b"), recent.get("c")]).toEqual([1, undefined, 3]);
  recent.set("a", 4);
  recent.set("d", 5);
  expect([recent.get("a"), recent.get("c"), recent.get("d")]).toEqual([4, undefined, 5]);
});
