// What facts say by themselves: the last inputs and values, who decided, what was spent once and not twice, and which children are not there.

import { expect, it } from "vitest";
import type { JsonObject } from "../../src/json.ts";
import type { Entry } from "../../src/ledger/ledger.ts";
import { accountOf } from "../../src/run/account.ts";

let position = 0;
const entry = (run: string, ...facts: JsonObject[]): Entry => {
  position += 1;
  return { position, time: position * 1_000, run, first: 1, facts };
};

const started = (path: string, inputs: JsonObject): JsonObject => ({
  type: "run.started",
  contract: "press",
  version: "2",
  plan: "p",
  inputs,
  correlation: {},
  root: "root",
  path,
});
const replied = (input: number, cost: number | null): JsonObject => ({
  type: "model.replied",
  node: "draft",
  turn: 1,
  reply: { usage: { input, output: 1 } },
  cost,
  durationMs: 5,
});
const spending = (usd: number): JsonObject => ({ calls: 1, inputTokens: 7, outputTokens: 7, usd });
const actor = { id: "web:ann", assurance: "outOfBand" };

it("tells the last inputs and values, the decisions in their order with paths from the root, and the end", () => {
  const account = accountOf("root", [
    entry("root", started("", { topic: "Rain" }), { type: "node.succeeded", node: "draft", value: "wet" }),
    entry("child", started("posts[de]", {}), {
      type: "event.delivered",
      node: "review",
      event: "post.reviewed",
      deliveryId: "d",
      payload: "no",
      actor,
    }),
    entry("root", { type: "run.failed", error: { code: "threw", message: "no" } }),
    entry(
      "root",
      { type: "input.updated", inputs: { topic: "Snow" }, changed: ["topic"] },
      { type: "node.succeeded", node: "draft", value: "white" },
    ),
    entry("root", { type: "run.succeeded" }),
  ]);
  expect(account).toMatchObject({
    status: "succeeded",
    error: null,
    inputs: { topic: "Snow" },
    values: { draft: "white" },
    decisions: [{ path: "posts[de]/review", payload: "no", actor, time: 2_000 }],
    runs: ["root", "child"],
    firstTime: 1_000,
    lastTime: 5_000,
  });
});

it("counts what a child spent once: from its own facts where they are there, else from the one that tells its end", () => {
  const own = [
    entry("root", started("", {}), replied(10, 1)),
    entry(
      "root",
      { type: "child.started", node: "posts", key: "de", child: "de" },
      { type: "child.started", node: "posts", key: "en", child: "en" },
    ),
    entry("root", { type: "child.settled", node: "posts", key: "de", status: "succeeded", spending: spending(2) }),
    entry("root", { type: "child.settled", node: "posts", key: "en", status: "succeeded", spending: spending(4) }),
    entry("root", { type: "child.settled", node: "posts", key: "fr", status: "succeeded", spending: spending(8) }),
    entry("root", { type: "child.settled", node: "posts", key: "it", status: "succeeded", spending: spending(16), source: "another" }),
  ];
  const account = accountOf("root", [...own, entry("de", started("posts[de]", {}), replied(5, 2))]);
  expect(account).toMatchObject({ missingChildren: ["en"], spending: { calls: 4, knownUsd: 15 } });
});

it("is none without the fact that starts the run", () => {
  expect(accountOf("root", [entry("root", { type: "run.waiting" })])).toBeUndefined();
});
