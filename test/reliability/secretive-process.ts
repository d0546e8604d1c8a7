// A process that holds secrets and meets everything that could make it tell them: `node secretive-process.ts <folder> <url of a server that repeats what it is sent>`.
// Whatever a person or a program can ask of a run goes to the standard output, whatever is logged to the standard error.

import { z } from "zod";
import { contract, createRuntime, fileLedger, reportMarkdown, reportOf, type Kindling, type Run } from "kindling";
import { anthropic } from "kindling/providers/anthropic";
import { ollama } from "kindling/providers/ollama";
import { openai } from "kindling/providers/openai";
import { remoteCalls } from "kindling/web";

/** How the server answers: with everything it was sent, under a status, or not as it should. */
export const MODES = ["ok", "400", "401", "403", "404", "429", "500", "529", "text", "moved", "cut"] as const;

/** Secrets by where they stand. None of them is in any input, event, prompt or reply. */
export const SECRETS = {
  ANTHROPIC_API_KEY: "sk-ant-canary-4f1c7a90",
  OPENAI_API_KEY: "openai0canary83d2b6e1",
  GATEWAY_KEY: "gateway-canary-5e0a9d37",
  REMOTE_TOKEN: "remote-canary-c61f8b24",
  CALLER_TOKEN: "caller-canary-97ae30d5",
  SHOP_PASSWORD: "shop-canary-1b8c4f62",
  REFUSED_INPUT: "refused-input-canary-d04e71a9",
  REFUSED_PAYLOAD: "refused-payload-canary-6a25c8f3",
} as const;

/** What is recorded by design: what a caller gives as an input that is taken. */
export const RECORDED = "input-canary-2c7e9b10";

const gated = contract("gated", {
  inputs: { id: z.string().max(5) },
  correlate: ["id"],
  define: (g, { id }) =>
    g.await("answer", { event: "answered", schema: z.object({ ok: z.boolean() }), show: { id }, by: "human", timeout: "1d" }),
});

if (process.argv[1] === import.meta.filename) await live();

async function live(): Promise<void> {
  const [, , folder = "", url = ""] = process.argv;
  const headers = { "x-gateway-key": secret("GATEWAY_KEY") };
  const models = [
    anthropic({ baseURL: url, headers: { ...headers, "x-long": "y".repeat(350) } }),
    openai({ baseURL: `${url}/v1`, apiKey: secret("OPENAI_API_KEY"), headers }),
    ollama({ host: url, headers }),
  ];
  const contracts = [asking("anthropic"), asking("openai"), asking("ollama"), calling(url), shopping(url), gated];
  const kindling = await createRuntime({
    contracts,
    ledger: fileLedger(folder),
    models,
    onLog: (line) => console.error(JSON.stringify(line)),
  });
  for (const { name } of contracts.slice(0, 4))
    for (const mode of MODES) await tell(kindling, await kindling.start(name, { mode: `mode:${mode}` }));
  await tell(kindling, await kindling.start("shopping", { account: RECORDED }));
  await refusals(kindling);
  await kindling.close();
}

function secret(name: keyof typeof SECRETS): string {
  return process.env[name] ?? "";
}

/** Asks a model once; the prompt says how the server shall answer. */
function asking(provider: string) {
  return contract(`asking-${provider}`, {
    inputs: { mode: z.string() },
    define: (g, { mode }) =>
      g.llm("ask", {
        needs: { mode },
        prompt: ({ mode }) => mode,
        model: `${provider}:m`,
        output: z.object({ text: z.string() }),
        retry: { attempts: 1 },
      }),
  });
}

/** Runs a contract on another server, with a token. */
function calling(url: string) {
  return contract("calling", {
    inputs: { mode: z.string() },
    define: (g, { mode }) =>
      g.remote("far", {
        url,
        contract: "there",
        needs: { mode },
        output: z.any(),
        headers: () => ({ authorization: `Bearer ${secret("REMOTE_TOKEN")}`, "x-gateway-key": secret("GATEWAY_KEY") }),
        retry: { attempts: 1 },
      }),
  });
}

/** An author's code that uses a secret of the environment as the documents say: inside `run`. */
function shopping(url: string) {
  return contract("shopping", {
    inputs: { account: z.string() },
    define: (g, { account }) =>
      g.effect("order", {
        needs: { account },
        retry: { attempts: 2, backoff: 1 },
        run: async ({ account }, { idempotencyKey, log }) => {
          log("orders", { account });
          const response = await fetch(`${url}/shop`, {
            method: "POST",
            headers: { authorization: secret("SHOP_PASSWORD"), "idempotency-key": idempotencyKey },
            body: "mode:500",
          });
          throw new Error(`the shop answered ${response.status}`);
        },
      }),
  });
}

/** What is refused leaves nothing: neither what was given nor who could have called. */
async function refusals(kindling: Kindling): Promise<void> {
  for (const inputs of [
    { id: secret("REFUSED_INPUT") },
    { id: "1", [secret("REFUSED_INPUT").slice(0, 3)]: { deep: secret("REFUSED_INPUT") } },
  ])
    await kindling.start("gated", inputs).catch(complain);
  const run = await kindling.start("gated", { id: "1" });
  await run.settled();
  const payloads = [{ ok: secret("REFUSED_PAYLOAD") }, secret("REFUSED_PAYLOAD"), { ok: true, when: secret("REFUSED_PAYLOAD") }];
  for (const payload of payloads) console.log(JSON.stringify(await kindling.deliver({ event: "answered", run: run.id, payload })));
  const answer = remoteCalls(kindling, { token: secret("CALLER_TOKEN"), onError: complain });
  for (const token of [secret("CALLER_TOKEN"), `${secret("CALLER_TOKEN")}x`])
    for (const body of ['{"contract":"gated","inputs":{"id":"2"}}', "{", '{"contract":"none"}']) {
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      console.log(await (await answer(new Request("http://here/v1/runs", { method: "POST", headers, body }))).text());
    }
  await tell(kindling, run);
}

/** Says everything there is to be said about a run. */
async function tell(kindling: Kindling, run: Run): Promise<void> {
  const view = await run.settled();
  console.log(JSON.stringify(view), JSON.stringify(await run.facts()));
  console.log(JSON.stringify(await kindling.explain(run.id)), JSON.stringify(await kindling.deadLetters()));
  const graph = kindling.contracts.find(({ name }) => name === view.contract)?.contract.graph;
  if (graph !== undefined) console.log(reportMarkdown(reportOf(view, graph)));
  if (view.status === "failed") await run.result().catch(complain);
}

/** An error as somebody prints it who prints everything. */
function complain(error: unknown): void {
  console.error(error, JSON.stringify(error));
}
