// Calls through a proxy that the environment names: a real one on loopback, and a real process, since Node reads these variables when it starts.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { promisify } from "node:util";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { proxyHint } from "../../providers/http/proxy-hint.ts";
import { openai } from "../../providers/openai.ts";
import { failureOf } from "../conformance/provider.ts";
import { bodyOf } from "../conformance/provider-wire.ts";
import { chatWire } from "./wire-chat.ts";

const run = promisify(execFile);
afterEach(() => vi.unstubAllEnvs());

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A model's server whose name nobody can look up: only the proxy knows where it is. */
const NAME = "models.example.invalid";

/** Asks the model's server in a process of its own, and gives what it said or why not. */
async function askInAProcess(environment: Readonly<Record<string, string>>): Promise<string> {
  const script = `
    import { openai } from ${JSON.stringify(new URL("../../providers/openai.ts", import.meta.url).href)};
    const provider = openai({ id: "far", baseURL: "http://${NAME}/v1" });
    const messages = [{ role: "user", content: [{ type: "text", text: "Say hello." }] }];
    try {
      for await (const event of provider.stream({ model: "m", messages, maxOutputTokens: 9 }, { signal: new AbortController().signal }))
        if (event.type === "finish") console.log(event.reply.content[0].text);
    } catch (error) {
      console.log(error.code, "|", error.fix);
    }`;
  const { PATH = "" } = process.env;
  const { stdout } = await run(process.execPath, ["--conditions=kindling-source", "--input-type=module", "--eval", script], {
    env: { PATH, ...environment },
  });
  return stdout.trim();
}

describe("a proxy of the environment", () => {
  it("is used when Node is told to, and not otherwise, which the error says", async () => {
    const model = createServer((_request: IncomingMessage, response: ServerResponse) => {
      response
        .writeHead(200, { "content-type": chatWire.contentType })
        .end(bodyOf(chatWire, { parts: [{ type: "text", text: "through the proxy" }] }));
    });
    const modelPort = await listening(model);
    const tunnels: string[] = [];
    const proxy = createServer().on("connect", (request: IncomingMessage, client: Socket) => {
      tunnels.push(request.url ?? "");
      const onward = connect(modelPort, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        onward.pipe(client).pipe(onward);
      });
      client.on("error", () => onward.destroy());
    });
    const HTTP_PROXY = `http://127.0.0.1:${await listening(proxy)}`;

    expect(await askInAProcess({ HTTP_PROXY, NODE_USE_ENV_PROXY: "1" })).toBe("through the proxy");
    expect(tunnels).toEqual([`${NAME}:80`]);

    expect(await askInAProcess({ HTTP_PROXY })).toBe(
      "network | HTTP_PROXY is set, but Node uses it only when it is started with NODE_USE_ENV_PROXY=1.",
    );
    expect(await askInAProcess({ HTTP_PROXY, NODE_USE_ENV_PROXY: "1", NO_PROXY: NAME })).toBe("network | undefined");
    expect(tunnels).toHaveLength(1);
  });

  it("is hinted at only where one is named and not in use", () => {
    for (const name of ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NODE_USE_ENV_PROXY"]) vi.stubEnv(name, "");
    expect(proxyHint()).toBeUndefined();
    vi.stubEnv("https_proxy", "http://127.0.0.1:9");
    expect(proxyHint()).toContain("https_proxy is set");
    vi.stubEnv("NODE_USE_ENV_PROXY", "1");
    expect(proxyHint()).toBeUndefined();
  });
});

describe("a fetch of one's own", () => {
  it("makes every request, for proxies that the environment cannot name", async () => {
    const asked: string[] = [];
    const provider = openai({
      id: "far",
      baseURL: `http://${NAME}/v1`,
      fetch: (input) => {
        asked.push(String(input));
        return Promise.resolve(new Response(JSON.stringify({ error: { message: "no" } }), { status: 401 }));
      },
    });
    expect(await failureOf(provider)).toMatchObject({ code: "auth" });
    expect(asked).toEqual([`http://${NAME}/v1/chat/completions`]);
  });
});
