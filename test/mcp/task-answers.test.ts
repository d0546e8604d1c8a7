// Tasks whose run changes under the hands of whoever asks, or cannot be read any more.

import { once } from "node:events";
import { PassThrough } from "node:stream";
import {
  Client,
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  InMemoryTransport,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/client";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { describe, expect, it, onTestFinished } from "vitest";
import { createMcpServer, serveMcp } from "../../mcp/index.ts";
import { StartRate } from "../../mcp/start-rate.ts";
import { takeAnswers } from "../../mcp/task-answers.ts";
import { openQuestions } from "../../mcp/task-questions.ts";
import { visibleRuns } from "../../mcp/visible-runs.ts";
import { createRuntime, memoryLedger, type Kindling } from "../../src/index.ts";
import { encryptedPlace, endedRun, file, child } from "../host/erasable.ts";
import { openKindling } from "../host/open-host.ts";
import { trip } from "./fixtures/questions.ts";
import { TASKING, tasksOf } from "./tasking-client.ts";

const ada = { id: "mcp:ada", assurance: "agent" } as const;

async function connect(kindling: Kindling, log: (text: string) => void = () => {}) {
  const [near, far] = InMemoryTransport.createLinkedPair();
  const server = serveStdio(createMcpServer(kindling, { log }), { transport: far });
  const client = new Client(
    { name: "tasking", version: "1" },
    { versionNegotiation: { mode: { pin: "2026-07-28" } }, capabilities: TASKING },
  );
  await client.connect(near);
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return tasksOf(client);
}

describe("a task", () => {
  it.each([
    [
      "somebody else answers",
      (kindling: Kindling, run: string) => kindling.deliver({ event: "trip.wished", run, payload: { city: "Oslo", days: 1 } }),
    ],
    ["its run is cancelled", (kindling: Kindling, run: string) => kindling.cancel(run)],
  ])("passes over an answer that comes as %s", async (_when, before) => {
    const kindling = await createRuntime({ contracts: [trip], ledger: memoryLedger() });
    onTestFinished(() => kindling.close());
    const run = await kindling.start(trip, { who: "Ada" });
    await run.settled();
    const runs = visibleRuns(kindling, undefined, new StartRate());
    const late: typeof runs = {
      ...runs,
      deliver: async (request) => {
        await before(kindling, run.id);
        return runs.deliver(request);
      },
    };
    const [{ key } = { key: "" }] = await openQuestions(await run.get(), runs);
    const responses = { [key]: { action: "accept", content: { city: "London", days: 3 } } };
    expect(await takeAnswers(await run.get(), responses, { kindling: late, actor: ada, trace: {} })).toEqual([]);
    expect(JSON.stringify(await run.facts())).not.toContain("London");
  });

  it("is not there any more once its run was erased", async () => {
    const { place } = await encryptedPlace();
    const kindling = await openKindling({ contracts: [file, child], ledger: place });
    const id = await endedRun(kindling);
    const { get, cancel } = await connect(kindling);
    expect((await get(id)).status).toBe("completed");
    await kindling.erase(id);
    for (const tried of [get(id), cancel(id)])
      await expect(tried).rejects.toMatchObject({
        code: -32_602,
        message: expect.stringMatching(/^There is no task with this id/) as string,
      });
  });

  it("of a server that closes says so and what to do, and is no fault for the operator", async () => {
    const kindling = await createRuntime({ contracts: [trip], ledger: memoryLedger() });
    const { id } = await kindling.start(trip, { who: "Ada" });
    const told: string[] = [];
    const { get } = await connect(kindling, (text) => told.push(text));
    await kindling.close();
    await expect(get(id)).rejects.toMatchObject({ code: -32_000, message: expect.stringContaining("Connect again") as string });
    expect(told).toEqual([]);
  });

  it("is announced to nobody, and over standard input too who does not take tasks may not even ask for it", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const serving = serveMcp(await openKindling({ contracts: [trip] }), { input, output, log: () => {} });
    const _meta = {
      [PROTOCOL_VERSION_META_KEY]: "2026-07-28",
      [CLIENT_INFO_META_KEY]: { name: "tasking", version: "1" },
      [CLIENT_CAPABILITIES_META_KEY]: { elicitation: {} },
    };
    const params = { _meta, notifications: { taskIds: [] } };
    input.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "subscriptions/listen", params })}\n`);
    const [said] = (await once(output, "data")) as [Buffer];
    expect(JSON.parse(said.toString())).toMatchObject({
      id: 1,
      error: { code: -32_021, data: { requiredCapabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } } } },
    });
    input.end();
    await serving;
  });
});
