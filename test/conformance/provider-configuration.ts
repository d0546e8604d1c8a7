// What a provider says of itself: what is missing, what it can do, and what its calls are counted under.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { failureOf, itNeeds, KEY, type ProviderFixture, REQUEST } from "./provider.ts";

/** Every test of this part. */
export function configurationConformance(fixture: ProviderFixture): void {
  const { keyVariable } = fixture;
  beforeEach(() => {
    if (keyVariable !== undefined) vi.stubEnv(keyVariable, "");
  });
  afterEach(() => vi.unstubAllEnvs());

  it("a missing key is told before and at the call", async (context) => {
    context.skip(keyVariable === undefined, `${fixture.name} needs no key`);
    const provider = fixture.create();
    const readiness = provider.readiness();
    expect(readiness.ready ? "" : readiness.fix).toContain(keyVariable);
    expect(await failureOf(provider)).toMatchObject({ code: "not_configured", retryable: false });
  });

  it("the key is read when it is needed and not when the provider is made", (context) => {
    context.skip(keyVariable === undefined, `${fixture.name} needs no key`);
    const provider = fixture.create();
    vi.stubEnv(keyVariable ?? "", KEY);
    expect(provider.readiness()).toEqual({ ready: true });
  });

  it("what it can do is told of every model, and nothing is promised of an unknown one", () => {
    const provider = fixture.create({ apiKey: KEY });
    const capabilities = provider.capabilities("a-model-nobody-knows");
    expect(JSON.parse(JSON.stringify(capabilities))).toEqual(capabilities);
    expect(capabilities.files).toBeInstanceOf(Array);
    expect(["yes", "no", "unknown"]).toContain(capabilities.tools);
    expect(provider.countTokens === undefined ? capabilities.countsTokens : undefined).not.toBe("yes");
    expect(provider.capabilities(REQUEST.model)).toEqual(provider.capabilities(REQUEST.model));
  });

  itNeeds(fixture, "account", "its account tells keys and servers apart, and neither can be read from it", () => {
    const one = fixture.create({ apiKey: KEY }).account?.();
    expect(one).toBe(fixture.create({ apiKey: KEY }).account?.());
    expect(one).not.toBe(fixture.create({ apiKey: `${KEY}-2` }).account?.());
    expect(one).not.toBe(fixture.create({ apiKey: KEY, origin: "http://127.0.0.1:9" }).account?.());
    expect(one).toMatch(/^[0-9a-f]{16}$/);
  });
}
