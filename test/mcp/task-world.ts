// Where tasks are tested: contracts that ask, go on, fail and end at once, served over HTTP to callers that are told apart.

import { Client, StreamableHTTPClientTransport, type ClientCapabilities } from "@modelcontextprotocol/client";
import { afterAll, onTestFinished } from "vitest";
import * as z from "zod";
import { serveMcpHttp } from "../../mcp/index.ts";
import { BugError, contract, createRuntime, memoryLedger } from "../../src/index.ts";
import { gated, listing, trip } from "./fixtures/questions.ts";
import { SECRET, WORKFLOWS } from "./fixtures/workflows.ts";
import { admittingTasks, TASKING, tasksOf } from "./tasking-client.ts";

const TOKENS = { ada: "token-of-ada-0123456789", bob: "token-of-bob-0123456789", ops: "token-of-ops-0123456789" } as const;

const breaksARule = contract("breaks-a-rule", {
  inputs: {},
  define: (g) =>
    g.compute("broken", {
      needs: {},
      run: (): string => {
        throw new BugError(`a rule about ${SECRET}`);
      },
    }),
});

const Item = z.object({ id: z.string(), about: z.string().default("anything") });
const survey = contract("survey", {
  inputs: { items: z.array(Item) },
  define: (g, { items }) =>
    g.collection("answers", {
      over: items,
      as: "item",
      key: ({ id }) => id,
      concurrency: 50,
      each: (g, { item }) => g.await("said", { event: "survey.said", schema: z.object({ text: z.string().min(2) }), show: { item } }),
    }),
});

/** Waits for what no form can ask for, 25 times over, and at last for something that one can. */
const crowd = contract("crowd", {
  inputs: {},
  define(g) {
    const pages = z.array(z.object({ title: z.string() }));
    const names = g.const(
      "names",
      Array.from({ length: 25 }, (_, index) => `page-${index}`),
    );
    const found = g.collection("found", {
      over: names,
      as: "name",
      key: (name) => name,
      concurrency: 50,
      each: (g) => g.await("pages", { event: "pages.found", schema: pages }),
    });
    const pause = g.sleep("pause", { for: "10ms" });
    const title = g.await("title", { event: "title.chosen", schema: z.object({ text: z.string() }), show: { pause } });
    return { found, title };
  },
});

const CONTRACTS = [
  ...WORKFLOWS,
  trip,
  gated("held"),
  gated("owned", { assurance: "client", notStarter: true }),
  listing,
  breaksARule,
  survey,
  crowd,
];

/** Who calls, and what their client can do; left out, Ada by one that takes tasks and shows forms. */
export interface Who {
  readonly who?: keyof typeof TOKENS;
  readonly capabilities?: ClientCapabilities;
  readonly isLegacy?: boolean;
}

/** Opens the server, until the end of the test file. Ada and Bob see their own runs, the operator all. */
export async function openTaskWorld() {
  const kindling = await createRuntime({ contracts: CONTRACTS, ledger: memoryLedger() });
  const server = await serveMcpHttp(kindling, {
    principals: [
      { id: "ada", token: TOKENS.ada, runs: "own" },
      { id: "bob", token: TOKENS.bob, runs: "own" },
      { id: "ops", token: TOKENS.ops, runs: "all" },
    ],
    log: () => {},
  });
  afterAll(async () => {
    await server.close();
    await kindling.close();
  });
  return {
    kindling,
    connect: async ({ who = "ada", capabilities = TASKING, isLegacy = false }: Who = {}) => {
      const client = new Client(
        { name: "tasking", version: "1" },
        { versionNegotiation: { mode: isLegacy ? "legacy" : { pin: "2026-07-28" } }, capabilities },
      );
      const requestInit = { headers: { authorization: `Bearer ${TOKENS[who]}` } };
      await client.connect(admittingTasks(new StreamableHTTPClientTransport(new URL(server.url), { requestInit })));
      onTestFinished(() => client.close());
      return tasksOf(client);
    },
    deliveries: async (run: string) => (await kindling.facts(run)).flatMap((fact) => (fact.type === "event.delivered" ? [fact] : [])),
  };
}
