import { describe, expect, it } from "vitest";
import { DEFAULT_BACKOFF, retryDelayMs } from "../../src/model/backoff.ts";

describe("backoff", () => {
  it.each([
    [1, 1, 1_000],
    [2, 1, 2_000],
    [3, 0.5, 2_000],
    [9, 1, 256_000],
    [10, 1, 300_000],
    [5_000, 1, 300_000],
    [4, 0, 0],
  ])("after try %i with random %f it waits %i ms", (attempt, random, expected) => {
    expect(retryDelayMs(attempt, DEFAULT_BACKOFF, random)).toBe(expected);
  });

  it("it never comes back earlier than the provider asked, up to ten minutes", () => {
    expect(retryDelayMs(1, DEFAULT_BACKOFF, 0.5, 20_000)).toBe(20_000);
    expect(retryDelayMs(9, DEFAULT_BACKOFF, 1, 20_000)).toBe(256_000);
    expect(retryDelayMs(1, DEFAULT_BACKOFF, 0, 3_600_000)).toBe(600_000);
  });
});
