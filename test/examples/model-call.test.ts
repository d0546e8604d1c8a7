// The README's model call, run as it stands against a server of this machine that speaks Claude's API.

import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startExample } from "./example-process.ts";
import { WIRES } from "./wires.ts";

it("examples/model-call/triage.ts asks the model once and prints the checked reply", async () => {
  const wire = WIRES.get("/v1/messages");
  if (wire === undefined) throw new Error("there is no wire for Claude's API");
  const prompts: string[] = [];
  const server = createServer(async (incoming, response) => {
    const body = JSON.parse(Buffer.concat(await incoming.toArray()).toString("utf8")) as unknown;
    const { model, prompt } = wire.read(body);
    prompts.push(prompt);
    response.writeHead(200, { "content-type": wire.contentType });
    response.end(wire.write(model, JSON.stringify({ team: "billing", urgent: true })).join(""));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const folder = await mkdtemp(join(tmpdir(), "model-call-"));
    const { ended } = startExample(folder, "model-call/triage.ts", {
      ANTHROPIC_API_KEY: "key",
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`,
    });
    expect(await ended).toMatchObject({ code: 0, output: "billing true\n", errors: "" });
    expect(prompts).toEqual(["Sort this support ticket: I was charged twice!"]);
  } finally {
    server.close();
  }
});

it("says which variable to set when there is no key, and starts no run", async () => {
  const folder = await mkdtemp(join(tmpdir(), "model-call-"));
  const { code, errors } = await startExample(folder, "model-call/triage.ts").ended;
  expect(code).toBe(1);
  expect(errors).toContain("ANTHROPIC_API_KEY");
});
