// Another Kindling with contracts to call, and a contract here that calls one of them.

import { contract, type Contract, type Kindling, type RecordedFact } from "kindling";
import { expect } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";
import type { RemoteServer } from "../../src/web/index.ts";
import { BEARER, served } from "./servers.ts";

/** Numbers that `picky` fails for. */
export const refused = new Set<number>();

/** What runs on the other server. */
const THERE = [
  contract("double", {
    inputs: { n: z.number() },
    define: (g, { n }) => g.compute("twice", { needs: { n }, run: ({ n }) => n * 2 }),
  }),
  contract("join", {
    inputs: { words: z.any() },
    define: (g, { words }) => g.compute("text", { needs: { words }, run: ({ words }) => JSON.stringify(words) }),
  }),
  contract("broken", {
    inputs: { n: z.number() },
    define: (g, { n }) =>
      g.compute("shelf", {
        needs: { n },
        run: (): number => {
          throw new Error("the shelf is empty");
        },
      }),
  }),
  // Fails for the number that the test says.
  contract("picky", {
    inputs: { n: z.number() },
    define: (g, { n }) =>
      g.lookup("taste", {
        needs: { n },
        retry: { attempts: 1 },
        run: ({ n }) => {
          if (refused.has(n)) throw new Error("not to my taste");
          return n;
        },
      }),
  }),
  contract("review", {
    inputs: { n: z.number() },
    define: (g, { n }) => g.await("said", { event: "said", schema: z.string(), show: { n }, by: "human", timeout: "30d" }),
  }),
];

/** The other Kindling, served. */
export async function there(): Promise<{ readonly other: Kindling; readonly url: string; readonly server: RemoteServer }> {
  const other = await openKindling({ contracts: THERE });
  const server = await served(other);
  return { other, url: server.url, server };
}

/** A contract of one remote node. */
export function calling(url: string, name: string, output: z.ZodType = z.any()): Contract<{ readonly n: number }, unknown> {
  return contract("calling", {
    inputs: { n: z.number() },
    define: (g, { n }) => g.remote("far", { url, contract: name, needs: { n }, output, headers: () => BEARER, poll: "1s" }),
  });
}

/** Its runs, newest first. */
export const runsOf = async (kindling: Kindling) => (await kindling.list()).items.map(({ id, status }) => ({ id, status }));
/** The facts of a type. */
export const ofType = (facts: readonly RecordedFact[], type: RecordedFact["type"]) => facts.filter((fact) => fact.type === type);

/** A person decides what `review` asks there. */
export async function said(other: Kindling): Promise<void> {
  const [run] = await runsOf(other);
  const actor = { id: "test:person", assurance: "outOfBand" as const };
  expect(await other.deliver({ event: "said", run: run?.id ?? "", payload: "fine", actor })).toMatchObject({ status: "delivered" });
}
