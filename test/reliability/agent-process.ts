// An agent with three tools that works until it is killed: `node agent-process.ts <folder> <url>`. Everything outside is at the url: the model, and what the
// tools act on. Where a call is uncertain, the person who is asked looks there, too.

import { writeSync } from "node:fs";
import { z } from "zod";
import { openai } from "../../providers/openai.ts";
import { contract, createRuntime, fileLedger, tool, type Kindling, type OnUncertain, type Run } from "../../src/index.ts";

/** Turns of one conversation; the last one only answers. */
export const TURNS = 12;

const [folder = "", url = ""] = process.argv.slice(2);
const Call = z.object({ n: z.number() });
const person = { id: "cli:operator", assurance: "outOfBand" } as const;

async function post(path: string, body: object, signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  return response.json();
}

const read = tool("read", {
  description: "Reads a value.",
  input: Call,
  repeatable: true,
  run: ({ n }, { signal, runId }) => post("/read", { n, run: runId }, signal),
});

const write = tool("write", {
  description: "Writes a value; whoever takes it knows a repetition by its key.",
  input: Call,
  onUncertain: "retry",
  run: ({ n }, { idempotencyKey, runId }) => post("/write", { n, key: idempotencyKey, run: runId }),
});

function notify(onUncertain: OnUncertain) {
  return tool("notify", {
    description: "Tells somebody; twice is a fault.",
    input: Call,
    onUncertain,
    run: ({ n }, { runId }) => post("/notify", { n, run: runId }),
  });
}

/** The same agent with another word on what becomes of an uncertain call. */
export function agentWith(onUncertain: OnUncertain) {
  return contract(`agent-${onUncertain}`, {
    inputs: { number: z.number() },
    define: (g, { number }) =>
      g.llm("work", {
        needs: { number },
        prompt: ({ number }) => `Work on ${number}.`,
        model: "openai:toy",
        tools: [read, write, notify(onUncertain)],
        maxTurns: TURNS,
      }),
  });
}

export const AGENTS = [agentWith("ask"), agentWith("fail")] as const;

async function answerPerson(kindling: Kindling, run: Run): Promise<void> {
  for (const { path, run: id } of (await run.get()).awaits) {
    const shown = (await kindling.awaiting(id, path))?.values;
    const { n } = z.object({ input: Call }).parse(shown).input;
    const { happened } = z.object({ happened: z.boolean() }).parse(await post("/asked", { n, run: run.id }));
    await kindling.deliver({ event: "tool.outcome", run: run.id, path, payload: { decision: happened ? "done" : "again" }, actor: person });
  }
}

if (process.argv[1] === import.meta.filename) {
  const models = [openai({ baseURL: `${url}/v1`, apiKey: "none" })];
  const kindling = await createRuntime({ contracts: AGENTS, ledger: fileLedger(folder), models });
  const { items } = await kindling.list({ limit: 1_000 });
  const open = items.find(({ status }) => status === "running" || status === "waiting");
  const run =
    open === undefined
      ? await kindling.start(AGENTS[items.length % 2] ?? AGENTS[0], { number: items.length })
      : await kindling.run(open.id);
  writeSync(1, `at work on ${run.id}\n`);
  for (let view = await run.settled(); view.endedAt === undefined; view = await run.settled()) await answerPerson(kindling, run);
  await kindling.close();
  writeSync(1, "ended\n");
}
