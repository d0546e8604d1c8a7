// The example with models of this machine, run as a user does: with a server by its address, with Ollama, with the toy, and with none of them.

import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { missingEngine } from "../../examples/local-model/toy/toy-model.ts";
import { type Ended, startExample } from "./example-process.ts";
import { WIRES } from "./wires.ts";

async function run(settings: Readonly<Record<string, string>>): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), "local-model-"));
  return startExample(folder, "local-model/main.ts", settings).ended;
}

/** A server of this machine that answers every request with the same value. Gives its address. */
async function answering(value: object): Promise<{ readonly url: string; readonly models: readonly string[] }> {
  const models: string[] = [];
  const server = createServer(async (incoming, response) => {
    const wire = WIRES.get(incoming.url ?? "");
    if (wire === undefined) throw new Error(`there is no wire for ${incoming.url}`);
    const { model } = wire.read(JSON.parse(Buffer.concat(await incoming.toArray()).toString("utf8")));
    models.push(model);
    response.writeHead(200, { "content-type": wire.contentType });
    response.end(wire.write(model, JSON.stringify(value)).join(""));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`, models };
}

const missing = missingEngine();
const reason = missing === undefined ? "" : ` (skipped: ${missing})`;

describe("examples/local-model", () => {
  it("asks a server by its address", async () => {
    const { url, models } = await answering({ team: "bugs", urgent: false, days: 2 });
    const { code, output, errors } = await run({ LOCAL_MODEL_URL: `${url}/v1`, LOCAL_MODEL: "qwen3" });
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(output).toBe(
      [
        `The server at ${url}/v1 is asked.`,
        'local:qwen3 writes {"team":"bugs","urgent":false,"days":2}',
        "local:qwen3 says: for bugs, not urgent, 2 days to answer",
        "",
      ].join("\n"),
    );
    expect(models).toEqual(["qwen3"]);
  });

  it("asks Ollama", async () => {
    const { url, models } = await answering({ team: "other", urgent: true, days: 0 });
    const { code, output } = await run({ OLLAMA_MODEL: "qwen3", OLLAMA_HOST: url });
    expect(code).toBe(0);
    expect(output).toContain("ollama:qwen3 says: for other, urgent, 0 days to answer\n");
    expect(models).toEqual(["qwen3"]);
  });

  it.skipIf(missing !== undefined)(`asks the toy through both APIs, without a network${reason}`, async () => {
    const { code, output, errors } = await run({});
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(output).toBe(
      [
        "No model is named, so the toy is asked: a table of byte pairs in a real llama.cpp. What it says is nonsense by design.",
        'local:toy writes {"team":"billing","urgent":true,"days":3}',
        "local:toy says: for billing, urgent, 3 days to answer",
        'ollama:toy writes {"team":"billing","urgent":true,"days":3}',
        "ollama:toy says: for billing, urgent, 3 days to answer",
        "",
      ].join("\n"),
    );
  });

  it("says what to set or to install when there is no model at all", async () => {
    const { code, output, errors } = await run({ TOY_ENGINE: join(tmpdir(), "no-engine-here") });
    expect({ code, output }).toEqual({ code: 1, output: "" });
    expect(errors).toBe(
      "There is no local model to ask. Set OLLAMA_MODEL or LOCAL_MODEL_URL, or install the toy: the toy model's engine is not installed: npm run toy-model:install.\n",
    );
  });
});
