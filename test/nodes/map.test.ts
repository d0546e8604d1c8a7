// A function of one value.

import { expect, it } from "vitest";
import { z } from "zod";
import { contract, textGraph } from "../../src/index.ts";
import { findingsOf, lines } from "../dsl/findings-of.ts";
import { behaviourOf, failureIn, resultOf } from "./outcome.ts";

const users = z.array(z.object({ name: z.string() }));

const names = contract("names", {
  inputs: { users },
  define: (g, { users }) => ({
    names: g.map("names", users, (list) => list.map(({ name }) => name), { description: "who they are" }),
    count: g.map("count", users, async (list, { attempt }) => list.length * 10 + attempt),
  }),
});

it("derives a value from another, sync or async, with the context of every callback", async () => {
  expect(await resultOf(names, { users: [{ name: "Ada" }, { name: "Bo" }] })).toEqual({ names: ["Ada", "Bo"], count: 21 });
});

it("is shown as its own kind, with what it reads", () => {
  expect(textGraph(names)).toMatch(/□ names +map +← users/);
  expect(names.graph.nodes.find(({ name }) => name === "names")?.description).toBe("who they are");
});

it("has the source of its function in its fingerprint", () => {
  expect(behaviourOf(names, "names").detail).toEqual({ run: "(list) => list.map(({ name }) => name)" });
});

it("is tried once, and as often as its options say", async () => {
  const failing = (attempts?: number) =>
    contract("failing", {
      inputs: { topic: z.string() },
      define: (g, { topic }) =>
        g.map(
          "x",
          topic,
          (_, { attempt }): string => {
            throw new Error(`attempt ${attempt}`);
          },
          attempts === undefined ? {} : { retry: { attempts, backoff: 0 } },
        ),
    });
  expect(await failureIn(failing(), { topic: "t" })).toMatchObject({ message: "attempt 1" });
  expect(behaviourOf(failing(), "x").retry.attempts).toBe(1);
  expect(behaviourOf(failing(3), "x").retry.attempts).toBe(3);
});

it("finds options that mean nothing, and what is no function", () => {
  const found = (declare: () => unknown) => lines(findingsOf(declare));
  expect(
    found(() =>
      contract("bad", { inputs: { topic: z.string() }, define: (g, { topic }) => g.map("x", topic, (text) => text, { timeout: 0 }) }),
    ),
  ).toEqual(["bad_option x: timeout is 0"]);
  expect(
    found(() =>
      contract("bad", {
        inputs: { topic: z.string() },
        // @ts-expect-error no function
        define: (g, { topic }) => g.map("x", topic, "trim"),
      }),
    ),
  ).toEqual(["bad_option x: run is neither a function nor an executor"]);
});
