// The program of docs/ai-sdk.md, run as it stands against a server of this machine.

import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { startExample } from "./example-process.ts";
import { WIRES } from "./wires.ts";

it("examples/ai-sdk/sort.ts asks the server that its AI SDK model names, and prints the checked reply", async () => {
  const wire = WIRES.get("/v1/chat/completions");
  if (wire === undefined) throw new Error("there is no wire for Chat Completions");
  const asked: string[] = [];
  const server = createServer(async (incoming, response) => {
    const { model, prompt } = wire.read(JSON.parse(Buffer.concat(await incoming.toArray()).toString("utf8")));
    asked.push(`${model}: ${prompt}`);
    response.writeHead(200, { "content-type": wire.contentType });
    response.end(wire.write(model, JSON.stringify({ team: "billing", urgent: true })).join(""));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const folder = await mkdtemp(join(tmpdir(), "ai-sdk-"));
  const { ended } = startExample(folder, "ai-sdk/sort.ts", { SERVER_URL: `http://127.0.0.1:${port}/v1` });
  expect(await ended).toMatchObject({ code: 0, output: "billing true\n", errors: "" });
  expect(asked).toEqual(["qwen3: Sort this support ticket: I was charged twice!"]);
});
