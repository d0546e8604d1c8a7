// The real providers, and a model of the AI SDK, against a real engine: the toy model in llama.cpp, behind two APIs. What is shown is that the wires, the grammar, the
// stream and the cancel work end to end; the toy's words mean nothing, and nothing here judges a model.

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { Sorted, sortTicket } from "../../examples/local-model/contract.ts";
import { missingEngine, startToyModel, type ToyModel } from "../../examples/local-model/toy/toy-model.ts";
import { aiSdk } from "../../providers/ai-sdk.ts";
import { ollama } from "../../providers/ollama.ts";
import { openai } from "../../providers/openai.ts";
import { contract, createRuntime, fileLedger, type ModelProvider } from "../../src/index.ts";
import { generate, type ModelRequest, textOf } from "../../src/model/model.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const missing = missingEngine();
const reason = missing === undefined ? "" : ` (skipped: ${missing})`;

/** The providers at a toy's address. */
const APIS = ["chat completions", "ollama", "an AI SDK model"] as const;

function providerOf(api: (typeof APIS)[number], { url }: ToyModel): ModelProvider {
  switch (api) {
    case "chat completions":
      return openai({ baseURL: `${url}/v1`, api: "chat", apiKey: "none" });
    case "ollama":
      return ollama({ host: url, contextTokens: 4_096 });
    case "an AI SDK model": {
      const settings = { name: "toy", baseURL: `${url}/v1`, includeUsage: true, supportsStructuredOutputs: true };
      return aiSdk({ id: "ai-sdk", model: createOpenAICompatible(settings) });
    }
  }
}

const ASK: ModelRequest = {
  model: "toy",
  messages: [{ role: "user", content: [{ type: "text", text: "Sort this." }] }],
  maxOutputTokens: 128,
  temperature: 0,
};
const idle = { signal: new AbortController().signal };

describe.skipIf(missing !== undefined)(`the toy model${reason}`, () => {
  let toy: ToyModel;
  /** One that never comes to an end by itself. */
  let endless: ToyModel;
  beforeAll(async () => {
    [toy, endless] = await Promise.all([startToyModel(), startToyModel(["la".repeat(40)])]);
  });
  afterAll(async () => {
    await Promise.all([toy.close(), endless.close()]);
  });

  describe.each(APIS)("by %s", (api) => {
    it("answers a node as its schema wants it, in a run on a file ledger, and streams the answer", async () => {
      const folder = await temporaryFolder();
      const provider = providerOf(api, toy);
      const kindling = await createRuntime({
        contracts: [sortTicket],
        ledger: fileLedger(folder),
        models: [provider],
        model: `${provider.id}:toy`,
      });
      onTestFinished(() => kindling.close());
      const run = await kindling.start(sortTicket, { ticket: "I was charged twice!" });
      const deltas: string[] = [];
      const reasons: string[] = [];
      for await (const event of run.watch()) {
        if (event.type === "delta") deltas.push(event.text);
        if (event.type === "fact" && event.fact.type === "model.replied") reasons.push(event.fact.reply.stop.reason);
      }
      const sorted = await run.result();
      expect(Sorted.parse(sorted)).toEqual(sorted);
      expect(reasons).toEqual(["stop"]);
      expect(deltas.length).toBeGreaterThan(5);
      expect(JSON.parse(deltas.join(""))).toEqual(sorted);
      expect((await kindling.verify()).faults).toEqual([]);
    });

    it("gives the same answer twice at temperature 0, and tells what it took", async () => {
      const request = {
        ...ASK,
        output: { name: "sorted", schema: z.toJSONSchema(Sorted) as NonNullable<ModelRequest["output"]>["schema"] },
      };
      const [first, second] = [await generate(providerOf(api, toy), request, idle), await generate(providerOf(api, toy), request, idle)];
      expect(Sorted.safeParse(JSON.parse(textOf(first))).success).toBe(true);
      expect(second.content).toEqual(first.content);
      // A token is a byte here.
      expect(first.usage.output).toBe(textOf(first).length);
      expect(first.usage.input).toBeGreaterThan("Sort this.".length);
    });

    it("is cut at the limit of tokens, and says so", async () => {
      const reply = await generate(providerOf(api, endless), { ...ASK, maxOutputTokens: 20 }, idle);
      expect([textOf(reply), reply.stop.reason]).toEqual(["lalalalalalalalalala", "length"]);
    });

    it("refuses what has no room in its context, in a way the provider understands", async () => {
      const messages: ModelRequest["messages"] = [{ role: "user", content: [{ type: "text", text: "long ".repeat(1_000) }] }];
      const code = api === "ollama" ? "invalid_request" : "context_too_long";
      await expect(generate(providerOf(api, toy), { ...ASK, messages }, idle)).rejects.toMatchObject({ code, retryable: false });
    });

    it("stops in the middle of an answer when it is cancelled, and answers the next one", async () => {
      const controller = new AbortController();
      const long = generate(providerOf(api, endless), { ...ASK, maxOutputTokens: 3_000 }, { signal: controller.signal }, () =>
        controller.abort(),
      );
      await expect(long).rejects.toMatchObject({ code: "aborted", retryable: false });
      expect(textOf(await generate(providerOf(api, endless), { ...ASK, maxOutputTokens: 4 }, idle))).toBe("lala");
    });

    it("answers all who ask at once, also when one of them goes", async () => {
      const controller = new AbortController();
      const asked = [12, 3_000, 8].map((maxOutputTokens) => {
        const signal = maxOutputTokens === 3_000 ? controller.signal : idle.signal;
        return generate(providerOf(api, endless), { ...ASK, maxOutputTokens }, { signal }, () => {
          if (maxOutputTokens === 3_000) controller.abort();
        });
      });
      const outcomes = await Promise.allSettled(asked);
      expect(outcomes.map((each) => (each.status === "fulfilled" ? textOf(each.value) : "gone"))).toEqual([
        "lalalalalala",
        "gone",
        "lalalala",
      ]);
    });
  });

  it("is stopped when the run is cancelled", async () => {
    const sing = contract("sing", {
      inputs: {},
      define: (g) => g.llm("song", { needs: {}, prompt: () => "Sing.", maxOutputTokens: 3_000, temperature: 0 }),
    });
    const folder = await temporaryFolder();
    const provider = providerOf("chat completions", endless);
    const kindling = await createRuntime({ contracts: [sing], ledger: fileLedger(folder), models: [provider], model: "openai:toy" });
    onTestFinished(() => kindling.close());
    const run = await kindling.start(sing, {});
    for await (const event of run.watch()) if (event.type === "delta") break;
    await run.cancel({ reason: "enough" });
    expect((await run.settled()).status).toBe("cancelled");
    expect(textOf(await generate(provider, { ...ASK, maxOutputTokens: 4 }, idle))).toBe("lala");
  });

  it("tells what it does not do", async () => {
    const tools = [{ name: "add", description: "Adds.", inputSchema: { type: "object" } }];
    await expect(generate(providerOf("chat completions", toy), { ...ASK, tools }, idle)).rejects.toThrow(/the toy calls no tools/);
    const response = await fetch(`${toy.url}/v1/models`);
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: "the toy knows POST /v1/chat/completions and POST /api/chat" },
    ]);
  });
});
