// What every provider over HTTP must do to its socket, on a real loopback server: aborts and broken lines are only true there.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { generate, type ModelProvider } from "../../src/model/model.ts";
import { failureOf, idle, KEY, type ProviderFixture, REQUEST } from "./provider.ts";

/** What needs a real socket: nothing may be mocked while it runs. */
export function socketConformance(fixture: ProviderFixture): void {
  describe(`${fixture.name}: sockets`, () => {
    /** A server that sends the beginning of a reply and then waits for ever, and tells when the client has gone. */
    async function hanging(
      beginning: string,
    ): Promise<{ readonly provider: ModelProvider; readonly left: Promise<void>; readonly close: () => void }> {
      const { promise: left, resolve } = Promise.withResolvers<void>();
      const { provider, close } = await loopback((_request, response) => {
        response.on("close", () => resolve());
        response.writeHead(200, { "content-type": fixture.contentType });
        response.write(beginning);
      });
      return { provider, left, close };
    }

    async function loopback(
      listener: (request: IncomingMessage, response: ServerResponse) => void,
    ): Promise<{ readonly provider: ModelProvider; readonly close: () => void }> {
      const local = createServer(listener).listen(0, "127.0.0.1");
      await once(local, "listening");
      const address = local.address();
      const port = typeof address === "object" ? address?.port : undefined;
      const close = (): void => {
        local.closeAllConnections();
        local.close();
      };
      return { provider: fixture.create({ origin: `http://127.0.0.1:${String(port)}`, apiKey: KEY }), close };
    }

    it("cancelling in the middle closes the socket", async () => {
      const { provider, left, close } = await hanging(fixture.broken.cut);
      const controller = new AbortController();
      const run = generate(provider, REQUEST, { signal: controller.signal }, () => controller.abort());
      await expect(run).rejects.toMatchObject({ code: "aborted", retryable: false });
      await left;
      close();
    });

    it("cancelling before the answer closes the socket", async () => {
      const { promise: left, resolve } = Promise.withResolvers<void>();
      const controller = new AbortController();
      const { provider, close } = await loopback((_request, response) => {
        response.on("close", () => resolve());
        controller.abort();
      });
      expect(await failureOf(provider, REQUEST, { signal: controller.signal })).toMatchObject({ code: "aborted" });
      await left;
      close();
    });

    it("a signal that times out is a timeout, and may be tried again", async () => {
      const { provider, left, close } = await hanging(fixture.broken.cut);
      expect(await failureOf(provider, REQUEST, { signal: AbortSignal.timeout(100) })).toMatchObject({ code: "timeout", retryable: true });
      await left;
      close();
    });

    it("reading no further closes the socket", async () => {
      const { provider, left, close } = await hanging(fixture.broken.cut);
      for await (const event of provider.stream(REQUEST, idle())) if (event.type === "text-delta") break;
      await left;
      close();
    });

    it("a connection that breaks inside a reply is cut", async () => {
      const { provider, close } = await loopback((_request, response) => {
        response.writeHead(200, { "content-type": fixture.contentType });
        response.write(fixture.broken.cut, () => setTimeout(() => response.destroy(), 20));
      });
      expect(await failureOf(provider)).toMatchObject({ code: "stream_cut", retryable: true });
      close();
    });

    it("a closed port is a network fault", async () => {
      const { provider, close } = await loopback(() => undefined);
      close();
      expect(await failureOf(provider)).toMatchObject({ code: "network", retryable: true });
    });
  });
}
