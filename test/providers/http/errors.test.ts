import { describe, expect, it } from "vitest";
import { abortError, httpError, isConnectionFault, networkError, retryAfterMs } from "../../../providers/http/errors.ts";

describe("failed responses", () => {
  it.each([
    [402, "billing", false],
    [408, "timeout", true],
    [413, "context_too_long", false],
    [418, "invalid_request", false],
    [501, "server", true],
    [504, "timeout", true],
    [302, "unknown", false],
  ])("status %i is %s", (status, code, retryable) => {
    expect(httpError({ provider: "p", message: "m", status })).toMatchObject({ code, retryable });
  });

  it("keys, bearer tokens and passwords in addresses are struck out, long messages cut", () => {
    const { message } = httpError({
      provider: "p",
      message: `Incorrect key sk-proj-abc123*** with Bearer xyz at http://me:pass@host/ ${"x".repeat(1_000)}`,
      status: 401,
    });
    expect(message).toMatch(/^p: 401 Incorrect key \[redacted\] with \[redacted\] at http:\/\/\[redacted\]@host\/ x+…$/);
    expect(message.length).toBeLessThan(520);
  });
});

describe("retry-after", () => {
  it.each([
    [{ "retry-after": "1.5" }, 1_500],
    [{ "retry-after-ms": "20", "retry-after": "9" }, 20],
    [{ "retry-after": "Sat, 21 Nov 2026 12:00:10 GMT", date: "Sat, 21 Nov 2026 12:00:00 GMT" }, 10_000],
    [{ "retry-after": "Sat, 21 Nov 2026 11:00:00 GMT", date: "Sat, 21 Nov 2026 12:00:00 GMT" }, 0],
    [{ "retry-after": "Sat, 21 Nov 2026 12:00:10 GMT" }, undefined],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("%j is %s", (headers, expected) => {
    expect(retryAfterMs(new Headers(headers as Record<string, string>))).toBe(expected);
  });
});

describe("connections", () => {
  it("what fetch throws is told from other faults, however deep it is wrapped", () => {
    const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    expect(isConnectionFault(new Error("outer", { cause: new TypeError("fetch failed", { cause: reset }) }))).toBe(true);
    expect(isConnectionFault(new TypeError("x is not a function"))).toBe(false);
    expect(isConnectionFault("terminated")).toBe(false);
  });

  it("the deepest reason is told", () => {
    expect(networkError("p", new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") })).message).toBe(
      "p: the server cannot be reached (connect ECONNREFUSED 127.0.0.1:1)",
    );
  });

  it("a cancelled call and one out of time are told apart by the signal's reason", () => {
    expect(abortError("p", AbortSignal.abort())).toMatchObject({ code: "aborted", retryable: false });
    expect(abortError("p", AbortSignal.abort(new DOMException("late", "TimeoutError")))).toMatchObject({
      code: "timeout",
      retryable: true,
    });
  });
});
