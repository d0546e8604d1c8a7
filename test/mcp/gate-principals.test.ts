// Gates and questions where callers are told apart: what one was asked, no other answers; and nobody who calls over MCP is the person a gate waits for, whatever
// runs they see.

import { beforeAll, afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { type McpHttpServer, type McpPrincipal, serveMcpHttp } from "../../mcp/index.ts";
import { createRuntime, type Kindling, memoryLedger } from "../../src/index.ts";
import { clientAt, stateOf } from "./asking-client.ts";
import { gated } from "./fixtures/questions.ts";
import { at } from "./gate-attack.ts";
import { ACCEPT, YES } from "./gate-world.ts";
import { ERAS, type Era } from "./mcp-process.ts";

const PRINCIPALS = [
  { id: "ada", token: "token-of-ada-0123456789", runs: "own" },
  { id: "bob", token: "token-of-bob-0123456789", runs: "own" },
  { id: "ops", token: "token-of-ops-0123456789", runs: "all" },
] as const satisfies readonly McpPrincipal[];
const NOT_FOUND = { isError: true, value: { error: { code: "run_not_found" } } };
const HUMAN = { isError: true, value: { error: { code: "human_decision_required" } } };

let kindling: Kindling;
let server: McpHttpServer;

beforeAll(async () => {
  kindling = await createRuntime({ contracts: [gated("plain"), gated("easy", { assurance: "client" })], ledger: memoryLedger() });
  // One key for all of them, as a server that knows its questions after a restart has.
  server = await serveMcpHttp(kindling, { principals: PRINCIPALS, stateKey: "k".repeat(32), log: () => {} });
});

afterAll(async () => {
  await server.close();
  await kindling.close();
});

const as = (who: (typeof PRINCIPALS)[number]["id"], era: Era) =>
  clientAt(server.url, PRINCIPALS.find(({ id }) => id === who)?.token ?? "", era, { answer: () => "cancel", name: who });

async function started(workflow: string, era: Era): Promise<string> {
  const ada = await as("ada", era);
  const { value } = await ada.call("start_workflow", { workflow, input: { id: "1" }, wait_seconds: 10 });
  return z.string().parse(value["run_id"]);
}

const decided = async (run: string) => (await kindling.facts(run)).filter(({ type }) => type === "event.delivered");

describe.each(ERAS)("in the %s era", (era) => {
  it("a gate of somebody else's run is not there, and one of a run that is seen is a person's all the same", async () => {
    const run = await started("plain", era);
    const [ada, bob, ops] = await Promise.all([as("ada", era), as("bob", era), as("ops", era)]);
    for (const args of [{ ...at(run), payload: YES }, at(run)]) {
      expect(await bob.call("deliver_event", args)).toMatchObject(NOT_FOUND);
      for (const each of [ada, ops]) expect(await each.call("deliver_event", args)).toMatchObject(HUMAN);
    }
    expect(await bob.call("request_approval", at(run))).toMatchObject(NOT_FOUND);
    for (const each of [ada, ops]) expect((await each.call("request_approval", at(run))).value).toMatchObject({ state: "pending" });
    expect(await decided(run)).toEqual([]);
    expect((await kindling.get(run))?.status).toBe("waiting");
  });

  it("a start with the key of somebody else is a run of one's own, which has a gate of its own", async () => {
    const [ada, bob] = await Promise.all([as("ada", era), as("bob", era)]);
    const start = { workflow: "plain", input: { id: "2" }, idempotency_key: `shared-key-${era}`, wait_seconds: 10 };
    const [own, other] = [await ada.call("start_workflow", start), await bob.call("start_workflow", start)];
    expect(other.value).not.toHaveProperty("replayed");
    expect(other.value["run_id"]).not.toBe(own.value["run_id"]);
  });
});

describe("the state of a question", () => {
  it("counts for whom it was given alone, be it of the same run", async () => {
    const run = await started("easy", "modern");
    const [ada, bob, ops] = await Promise.all([as("ada", "modern"), as("bob", "modern"), as("ops", "modern")]);
    const state = { requestState: stateOf(await ada.raw("request_approval", at(run))), inputResponses: { answer: ACCEPT } };
    for (const other of [bob, ops])
      await expect(other.raw("request_approval", at(run), state)).rejects.toMatchObject({
        code: -32_602,
        data: { reason: "invalid_request_state" },
      });
    expect(await decided(run)).toEqual([]);
    expect(await ada.raw("request_approval", at(run), state)).toMatchObject({ value: { state: "approved" } });
    expect(await decided(run)).toMatchObject([{ actor: { id: expect.stringContaining("ada") as string, assurance: "client" } }]);
  });
});
