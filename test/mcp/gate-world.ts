// Runs that wait at gates, and a client that would like to open them.

import { onTestFinished } from "vitest";
import * as z from "zod";
import { contract, createRuntime, memoryLedger, type Kindling } from "../../src/index.ts";
import { askingClient, type AskingClient } from "./asking-client.ts";
import { gated } from "./fixtures/questions.ts";
import type { Era } from "./mcp-process.ts";
import type { Wire } from "./served-project.ts";

const Decision = z.object({ decision: z.enum(["approve", "reject"]) });
export const YES = { decision: "approve" };
export const ACCEPT = { action: "accept", content: YES };

/** A gate in a child, behind an await of the agent for the same event, in a contract with a tool of its own. */
const nested = contract("nested", {
  inputs: { id: z.string() },
  correlate: ["id"],
  mcp: { expose: true },
  define(g, { id }) {
    const first = g.await("first", { event: "nested.decided", schema: Decision });
    return g.compose("part", {
      needs: { id, first },
      child: (g, { id, first }) => {
        const review = g.await("review", { event: "nested.decided", schema: Decision, show: { id, first }, by: "human", timeout: "1d" });
        return g.compute("said", { needs: { review }, run: ({ review }) => review.decision });
      },
    });
  },
});

/** Runs at gates, and who attacks them. */
export interface World {
  readonly kindling: Kindling;
  readonly client: AskingClient;
  /** Waits at its gate `review`, which wants a channel of the person's own. */
  readonly plain: string;
  /** Waits at its gate `review`, which wants a signature. */
  readonly signed: string;
  /** Waits for the agent; its gate `part[child]/review` comes after that. */
  readonly nested: string;
  /** Waits at its gate `review`, for which a client may ask its user. */
  readonly easy: string;
}

/** A runtime with the runs, and a client of an era that calls itself `name`. */
export async function gateWorld(era: Era, wire: Wire, name = "asking"): Promise<World> {
  const contracts = [gated("plain"), gated("sealed", { assurance: "signed" }), nested, gated("easy", { assurance: "client" })];
  const kindling = await createRuntime({ contracts, ledger: memoryLedger() });
  onTestFinished(() => kindling.close());
  const begin = async (workflow: string) => {
    const run = await kindling.start(workflow, { id: "1" }, { actor: { id: `mcp:${name}`, assurance: "agent" } });
    await run.settled();
    return run.id;
  };
  const client = await askingClient(kindling, era, { answer: () => ({ action: "accept", content: YES }), name, wire });
  return {
    kindling,
    client,
    plain: await begin("plain"),
    signed: await begin("sealed"),
    nested: await begin("nested"),
    easy: await begin("easy"),
  };
}

/** Every decision that any gate but the easy one got, by path. */
export async function decisions(kindling: Kindling): Promise<readonly string[]> {
  const { items } = await kindling.list({ limit: 100 });
  const facts = await Promise.all(items.filter(({ contract }) => contract !== "easy").map(({ id }) => kindling.facts(id)));
  return facts.flat().flatMap((fact) => (fact.type === "event.delivered" && fact.path.endsWith("review") ? [fact.path] : []));
}
