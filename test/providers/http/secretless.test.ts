import { describe, expect, it } from "vitest";
import { addressReadiness, accountHash } from "../../../providers/http/sdk.ts";
import { secretless } from "../../../providers/http/secretless.ts";
import { openai } from "../../../providers/openai.ts";
import { ModelError } from "../../../src/model/model.ts";
import { failureOf } from "../../conformance/provider.ts";

const error = (message: string, cause?: unknown) =>
  new ModelError("rate_limited", message, {
    provider: "x",
    retryable: true,
    status: 429,
    requestId: "r",
    retryAfterMs: 7,
    fix: "wait",
    ...(cause === undefined ? {} : { cause }),
  });

describe("secretless", () => {
  it("an error without a secret stays the same, with its cause", () => {
    const whole = error("no luck", new Error("because"));
    expect(secretless(whole, "sk-secret-key", { accept: "application/json" })).toBe(whole);
  });

  it("a secret goes, everything else stays", () => {
    const told = secretless(error("key sk-secret-key is bad"), "sk-secret-key");
    expect(told.message).toBe("key [redacted] is bad");
    expect(told).toMatchObject({ code: "rate_limited", status: 429, requestId: "r", retryAfterMs: 7, fix: "wait", retryable: true });
  });

  it("a secret that only the cause holds goes with the cause: in its words, its stack, its own members and its headers", () => {
    const causes = [
      new Error("outer", { cause: new Error("sent sk-secret-key") }),
      Object.assign(new Error("plain"), { request: { headers: { authorization: "Bearer sk-secret-key" } } }),
      Object.assign(new Error("plain"), { headers: new Headers({ authorization: "Bearer sk-secret-key" }) }),
    ];
    for (const cause of causes) {
      const told = secretless(error("no luck", cause), "sk-secret-key");
      expect(told.message).toBe("no luck");
      expect(told.cause).toBeUndefined();
    }
  });

  it("the token of a header is a secret without its scheme, and the longer of two goes first", () => {
    const told = secretless(
      error("got abcdefgh-long and abcdefgh"),
      undefined,
      { authorization: "Token abcdefgh" },
      { "x-other": "abcdefgh-long" },
    );
    expect(told.message).toBe("got [redacted] and [redacted]");
  });

  it("a short value is no secret", () => {
    const whole = error("failed with 1 of 1");
    expect(secretless(whole, "1", { "x-count": "1" })).toBe(whole);
  });

  it("an address with a password is refused, and does not show it", async () => {
    for (const address of [
      "https://ada:lovelace-1815@models.example",
      "ftp://ada:lovelace-1815@models.example",
      "http://lovelace-1815@models.example",
    ]) {
      const readiness = addressReadiness("x", address, "baseURL");
      expect(readiness.ready ? "" : readiness.message).toBe(
        "x: the address of models.example holds a user's name or password, which fetch refuses",
      );
    }
    const error = await failureOf(openai({ baseURL: "https://ada:lovelace-1815@models.example/v1" }));
    expect(error.code).toBe("not_configured");
    expect(JSON.stringify(error)).not.toContain("lovelace");
  });
});

it("an account is told by a hash, which differs by address and by key", () => {
  const hashes = [
    accountHash("https://a", "k1"),
    accountHash("https://a", "k2"),
    accountHash("https://b", "k1"),
    accountHash("https://a", undefined),
  ];
  expect(new Set(hashes).size).toBe(4);
  for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{16}$/);
});
