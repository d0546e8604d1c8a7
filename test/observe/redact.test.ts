// Redaction: what is taken out always, what the author adds, and what stays as it is.

import { describe, expect, it } from "vitest";
import { redactionOf } from "../../src/redact.ts";

const always = redactionOf();

describe("what is taken out always", () => {
  it.each([
    ["a key of a model's provider", "401: wrong key sk-ant-api03-abcDEF123456789012345", "401: wrong key sk-[redacted]"],
    ["a bearer token", "Authorization: Bearer abc.def-123456789", "Authorization: Bearer [redacted]"],
    ["a password in an address", "cannot reach https://bob:pass1word@host/x", "cannot reach https://bob:[redacted]@host/x"],
    ["a key among the parameters of an address", "GET https://host/x?a=1&api_key=abcd#f", "GET https://host/x?a=1&api_key=[redacted]#f"],
    ["a password in words", 'login: password="sesame street" user=bob', 'login: password="[redacted]" user=bob'],
    ["a header in words", "sent x-api-key: 1234567890, got 401", "sent x-api-key: [redacted], got 401"],
    ["a token of a code host", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "ghp_[redacted]"],
    ["a signed token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc_def", "eyJ[redacted]"],
    [
      "a private key",
      "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----",
      "-----BEGIN RSA PRIVATE KEY-----[redacted]-----END RSA PRIVATE KEY-----",
    ],
  ])("%s", (_, text, told) => {
    expect(always.text(text)).toBe(told);
  });

  it("is a member whose name means a secret, at any depth, however it is written", () => {
    expect(always.value({ request: [{ "API-Key": "x", client_secret: { a: 1 }, Authorization: "x" }] })).toEqual({
      request: [{ "API-Key": "[redacted]", client_secret: "[redacted]", Authorization: "[redacted]" }],
    });
  });
});

describe("what stays", () => {
  it.each([
    "bearer of good news",
    "a basic understanding of 12 things",
    "sk-learn-is-a-library",
    "12 input tokens, token: 5",
    "https://host:8080/path?page=2",
    "press-release-notes@4",
  ])("%s", (text) => {
    expect(always.text(text)).toBe(text);
  });

  it("is the same value where nothing in it is a secret", () => {
    const value = { usage: { inputTokens: 4, cacheKey: "posts" }, password: null, isSecret: true };
    expect(always.value(value)).toBe(value);
  });
});

describe("what the author adds", () => {
  it("is taken out of texts and members besides, with the author's replacement", () => {
    const redaction = redactionOf({ keys: ["iban"], patterns: [/\bC-\d{4}\b/], replace: "***" });
    expect(redaction.value({ IBAN: "DE12", note: "customer C-1234 and C-5678", password: "x" })).toEqual({
      IBAN: "***",
      note: "customer *** and ***",
      password: "***",
    });
  });

  it("may be a replacement that depends on the secret", () => {
    expect(redactionOf({ patterns: [/hunter\d/], replace: (secret) => `<${secret.length} characters>` }).text("hunter2!")).toBe(
      "<7 characters>!",
    );
  });

  it("may be a function, which sees what is left", () => {
    const redaction = redactionOf((told) => (typeof told === "string" ? told.replace("Berlin", "…") : [told, "seen"]));
    expect(redaction.text("Berlin, sk-ant-api03-abcDEF123456789012345")).toBe("…, sk-[redacted]");
    expect(redaction.value({ password: "x" })).toEqual([{ password: "[redacted]" }, "seen"]);
  });

  it("says which members are not recorded at all; nothing else is touched in what is recorded", () => {
    expect(always.recorded).toBeUndefined();
    const { recorded } = redactionOf({ recorded: ["card_number"] });
    expect(recorded?.({ card: { cardNumber: "4111", holder: "Bob" }, password: "needed" })).toEqual({
      card: { cardNumber: "[redacted]", holder: "Bob" },
      password: "needed",
    });
  });
});

it("texts made to be slow are read as fast as others", () => {
  for (const unit of ["://", "?key", "eyJ-", "sk-", "bearer ", "x-api-key", " ", '"', "a"]) {
    const text = unit.repeat(40_000);
    expect(always.text(text).length).toBeGreaterThan(0);
  }
});
