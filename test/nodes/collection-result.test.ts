// The outcome of a collection as callbacks see it, from what was recorded.

import { describe, expect, it } from "vitest";
import { partialCollection, reviveCollections, type CollectionResult } from "../../src/nodes/collection-result.ts";

describe("the outcome of a collection", () => {
  it("that is not finished tells what is pending, in the order of the source", () => {
    const settled = new Map([
      ["c", { key: "c", status: "succeeded", value: { inner: { type: "collection", items: [] } } } as const],
      ["a", { key: "a", status: "failed", error: { code: "threw", message: "no" } } as const],
    ]);
    const recorded = partialCollection(["a", "b", "c"], settled);
    const view = reviveCollections(recorded) as CollectionResult<{ readonly inner: CollectionResult<unknown> }>;
    expect(view.pending).toEqual(["b"]);
    expect(view.items.map(({ key, status }) => `${key} ${status}`)).toEqual(["a failed", "b pending", "c succeeded"]);
    expect(view.summary).toEqual({ total: 3, succeeded: 1, failed: 1, pending: 1, status: "pending" });
    expect([view.get("b"), view.get("x"), view.get("c")?.inner.keys]).toEqual([undefined, undefined, []]);
    expect(JSON.parse(JSON.stringify(view))).toEqual(recorded);
  });

  it("has members of their own only, whatever the keys are", () => {
    const view = reviveCollections({
      type: "collection",
      items: [{ key: "__proto__", status: "succeeded", value: 1 }],
    }) as CollectionResult<number>;
    expect(Object.entries(view.successes)).toEqual([["__proto__", 1]]);
    expect(Object.keys(view.failures)).toEqual([]);
  });

  it("that was recorded without pending items is read as before", () => {
    const view = reviveCollections({
      type: "collection",
      items: [
        { key: "a", status: "succeeded", value: 1 },
        { key: "b", status: "failed", error: { code: "threw", message: "no" } },
      ],
    }) as CollectionResult<number>;
    expect(view.summary).toEqual({ total: 2, succeeded: 1, failed: 1, pending: 0, status: "partial_failure" });
  });
});
