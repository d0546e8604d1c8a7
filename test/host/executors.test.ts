// What a runtime knows of executors, and what it lets them touch.

import { ConfigError, contract, defineExecutor, type RuntimeOptions } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "./open-host.ts";

const executor = (key: string, capabilities: readonly string[], version = "1") =>
  defineExecutor({ key, version, input: z.object({ a: z.number() }), output: z.number(), capabilities, run: ({ a }) => a });

const stripe = executor("stripe.charge", ["net:api.stripe.com"]);
const files = executor("files.read", ["fs:read"]);
const pure = executor("math.same", []);

const child = contract("child", { inputs: { a: z.number() }, define: (g, { a }) => g.lookup("charge", { needs: { a }, run: stripe }) });
const parent = contract("parent", {
  inputs: { a: z.number() },
  define(g, { a }) {
    const same = g.compute("same", { needs: { a }, run: pure });
    return g.compose("inner", {
      needs: { a: same },
      child: (g, { a }) => ({ read: g.lookup("read", { needs: { a }, run: files }), charged: g.compose("pay", { needs: { a }, child }) }),
    });
  },
});

const open = (rest: Partial<RuntimeOptions>) => openKindling({ contracts: [parent], ...rest });

const refusal = (rest: Partial<RuntimeOptions>) =>
  open(rest).then(
    () => undefined,
    (error: unknown) => (error instanceof ConfigError ? error : undefined),
  );

describe("kindling.executors", () => {
  it("lists those handed in and those of all children, by key", async () => {
    const { executors } = await open({ executors: [executor("a.first", [])] });
    expect(executors.map(({ key, version }) => `${key}@${version}`)).toEqual([
      "a.first@1",
      "files.read@1",
      "math.same@1",
      "stripe.charge@1",
    ]);
    expect(executors[3]).toMatchObject({
      capabilities: ["net:api.stripe.com"],
      input: { type: "object", required: ["a"] },
      output: { type: "number" },
    });
  });

  it("takes two versions of one key, and the same executor twice", async () => {
    const { executors } = await open({ executors: [executor("math.same", [], "2"), pure, pure] });
    expect(executors.filter(({ key }) => key === "math.same").map(({ version }) => version)).toEqual(["1", "2"]);
  });

  it("refuses two different executors of one key and version", async () => {
    expect(await refusal({ executors: [executor("math.same", [])] })).toMatchObject({
      code: "executor_conflict",
      details: { key: "math.same", version: "1" },
    });
  });
});

describe("capabilities", () => {
  it("that are denied are told with contract, node and cure, all at once", async () => {
    const error = await refusal({ capabilities: { deny: ["net:*", "fs"] } });
    expect(error?.code).toBe("capability_denied");
    expect(error?.details["denied"]).toEqual([
      { contract: "parent", node: "inner[child]/read", executor: "files.read", capability: "fs:read" },
      { contract: "child", node: "charge", executor: "stripe.charge", capability: "net:api.stripe.com" },
    ]);
    expect(error?.fix).toContain("capabilities.deny");
  });

  it.each([
    [{ deny: ["net:evil.example"] }, undefined],
    [{ deny: ["net:api.*"] }, "capability_denied"],
    [{ deny: ["net"] }, "capability_denied"],
    [{ allow: ["net:*.stripe.com", "fs:read"] }, undefined],
    [{ allow: ["*"] }, undefined],
    [{ allow: ["fs:*"] }, "capability_denied"],
    [{ allow: ["fs:*", "net:apiXstripe.com"] }, "capability_denied"],
    [{ allow: [] }, "capability_denied"],
    [{ deny: [""] }, "bad_capabilities"],
  ] as const)("%j gives %s", async (capabilities, code) => {
    expect((await refusal({ capabilities }))?.code).toBe(code);
  });

  it("that reach further than what is denied are denied too", async () => {
    const wide = contract("wide", {
      inputs: { a: z.number() },
      define: (g, { a }) => g.lookup("any", { needs: { a }, run: executor("net.any", ["net"]) }),
    });
    expect((await refusal({ contracts: [wide], capabilities: { deny: ["net:evil.example"] } }))?.code).toBe("capability_denied");
    expect((await refusal({ contracts: [wide], capabilities: { allow: ["net:api.example"] } }))?.code).toBe("capability_denied");
    expect(await refusal({ contracts: [wide], capabilities: { allow: ["net:*"] } })).toBeUndefined();
  });
});
