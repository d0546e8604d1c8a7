// What every provider over HTTP must do to its socket, on a real loopback server: aborts, silence and broken lines are only true there.

import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { generate, type ModelEvent, type ModelProvider, textOf } from "../../src/model/model.ts";
import { type CreateOptions, failureOf, idle, itNeeds, KEY, type ProviderFixture, REQUEST } from "./provider.ts";
import { bodyOf, cutBody, type WireReply } from "./provider-wire.ts";

const TEXT: WireReply = { parts: [{ type: "text", text: "Hello there, this goes on." }] };
const CALL: WireReply = {
  parts: [
    { type: "text", text: "Let me see." },
    { type: "tool-call", id: "call_a", name: "add", input: '{"a":1,"b":22222222222}' },
  ],
};

const ENDLESS_BYTES = 64_000_000;

/** What needs a real socket: nothing may be mocked while it runs. */
export function socketConformance(fixture: ProviderFixture): void {
  const { wire } = fixture;

  async function loopback(listener: RequestListener, options: CreateOptions = {}): Promise<ModelProvider> {
    const local = createServer(listener).listen(0, "127.0.0.1");
    onTestFinished(() => {
      local.closeAllConnections();
      local.close();
    });
    await once(local, "listening");
    const address = local.address();
    const port = typeof address === "object" ? address?.port : undefined;
    return fixture.create({ apiKey: KEY, ...options, origin: `http://127.0.0.1:${String(port)}` });
  }

  /** A server that sends the beginning of a reply and then waits for ever, and tells when the client has gone. */
  async function hanging(
    beginning: string | undefined,
    options: CreateOptions = {},
  ): Promise<{ readonly provider: ModelProvider; readonly asked: Promise<void>; readonly left: Promise<void> }> {
    const asked = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    const provider = await loopback((_request, response) => {
      response.on("close", () => left.resolve());
      if (beginning !== undefined) {
        response.writeHead(200, { "content-type": wire.contentType });
        response.write(beginning);
      }
      asked.resolve();
    }, options);
    return { provider, asked: asked.promise, left: left.promise };
  }

  describe(`${fixture.name}: sockets`, () => {
    it("a whole reply arrives, and the connection is used again", async () => {
      const ports = new Set<number | undefined>();
      const provider = await loopback((request, response) => {
        ports.add(request.socket.remotePort);
        response.writeHead(200, { "content-type": wire.contentType }).end(bodyOf(wire, TEXT));
      });
      for (let times = 0; times < 5; times++) expect(textOf(await generate(provider, REQUEST, idle()))).toBe("Hello there, this goes on.");
      // The next call may begin before it is known that the last one's connection is free.
      expect(ports.size).toBeLessThanOrEqual(2);
    });

    it("what is not read is not taken from the server", async () => {
      const piece =
        wire.events({ parts: [{ type: "text", text: "x".repeat(64_000) }], pieceLength: 64_000 }).find(({ adds }) => adds === "text")
          ?.text ?? "";
      let sent = 0;
      const provider = await loopback((_request, response) => {
        response.writeHead(200, { "content-type": wire.contentType });
        response.write(cutBody(wire, TEXT, { inside: "text", at: "event" }));
        const pour = (): void => {
          while (sent < ENDLESS_BYTES && !response.destroyed) {
            sent += piece.length;
            if (!response.write(piece)) return;
          }
        };
        response.on("drain", pour);
        pour();
      });
      for await (const event of provider.stream(REQUEST, idle())) {
        if (event.type !== "text-delta") continue;
        // Whoever takes in more than is read has the time for it here. What the system keeps for a socket is a few megabytes.
        await new Promise((resolve) => setTimeout(resolve, 200));
        break;
      }
      expect(sent).toBeLessThan(ENDLESS_BYTES / 2);
    });

    /** Cancels at the first event of a type, after which the server says nothing more. */
    async function cancelAt(type: ModelEvent["type"], beginning: string): Promise<void> {
      const { provider, left } = await hanging(beginning);
      const controller = new AbortController();
      const run = (async () => {
        for await (const event of provider.stream(REQUEST, { signal: controller.signal })) if (event.type === type) controller.abort();
      })();
      await expect(run).rejects.toMatchObject({ code: "aborted", retryable: false });
      await left;
    }

    it("cancelling in the middle of a text closes the socket", () =>
      cancelAt("text-delta", cutBody(wire, TEXT, { inside: "text", at: "event" })));

    it("cancelling between a text and its tool call closes the socket", () =>
      cancelAt("text-delta", cutBody(wire, CALL, { inside: "tool-call", at: "byte" })));

    itNeeds(fixture, "streamed arguments", "cancelling while a tool call is written closes the socket", () =>
      cancelAt("tool-delta", cutBody(wire, CALL, { inside: "tool-call", at: "event" })),
    );

    it("cancelling before the answer closes the socket", async () => {
      const { provider, asked, left } = await hanging(undefined);
      const controller = new AbortController();
      const failure = failureOf(provider, REQUEST, { signal: controller.signal });
      await asked;
      controller.abort();
      expect(await failure).toMatchObject({ code: "aborted", retryable: false });
      await left;
    });

    it("a signal that times out is a timeout, and may be tried again", async () => {
      const { provider, left } = await hanging(cutBody(wire, TEXT, { inside: "text", at: "event" }));
      expect(await failureOf(provider, REQUEST, { signal: AbortSignal.timeout(100) })).toMatchObject({ code: "timeout", retryable: true });
      await left;
    });

    it("reading no further closes the socket", async () => {
      const { provider, left } = await hanging(cutBody(wire, TEXT, { inside: "text", at: "event" }));
      for await (const event of provider.stream(REQUEST, idle())) if (event.type === "text-delta") break;
      await left;
    });

    it.each([
      ["text", TEXT],
      ["tool-call", CALL],
    ] as const)("a connection that breaks inside a %s is cut", async (inside, reply) => {
      const provider = await loopback((_request, response) => {
        response.writeHead(200, { "content-type": wire.contentType });
        response.write(cutBody(wire, reply, { inside, at: "byte" }), () => setTimeout(() => response.destroy(), 20));
      });
      expect(await failureOf(provider)).toMatchObject({ code: "stream_cut", retryable: true });
    });

    it("a connection that breaks before the answer is a network fault", async () => {
      const provider = await loopback((request) => request.socket.destroy());
      expect(await failureOf(provider)).toMatchObject({ code: "network", retryable: true });
    });

    it("a closed port is a network fault", async () => {
      const closed = createServer().listen(0, "127.0.0.1");
      await once(closed, "listening");
      const address = closed.address();
      await new Promise((resolve) => closed.close(resolve));
      const port = typeof address === "object" ? address?.port : undefined;
      const provider = fixture.create({ apiKey: KEY, origin: `http://127.0.0.1:${String(port)}` });
      expect(await failureOf(provider)).toMatchObject({ code: "network", retryable: true });
    });
  });

  describe(`${fixture.name}: time limits`, () => {
    itNeeds(fixture, "time limits", "silence before the answer ends the call and closes the socket", async () => {
      const { provider, left } = await hanging(undefined, { timeouts: { idleMs: 60 } });
      const error = await failureOf(provider);
      expect(error).toMatchObject({ code: "timeout", retryable: true, message: `${fixture.id}: nothing came for 0.06 s` });
      await left;
    });

    itNeeds(fixture, "time limits", "silence inside the answer ends the call and closes the socket", async () => {
      const { provider, left } = await hanging(cutBody(wire, CALL, { inside: "tool-call", at: "byte" }), { timeouts: { idleMs: 60 } });
      expect(await failureOf(provider)).toMatchObject({ code: "timeout", retryable: true });
      await left;
    });

    itNeeds(fixture, "time limits", "an answer without an end is ended by the limit for all of it", async () => {
      const { promise: left, resolve } = Promise.withResolvers<void>();
      const piece = wire.events(TEXT).find(({ adds }) => adds === "text")?.text ?? "";
      const provider = await loopback(
        (_request, response) => {
          response.writeHead(200, { "content-type": wire.contentType });
          response.write(cutBody(wire, TEXT, { inside: "text", at: "event" }));
          const talking = setInterval(() => response.write(piece), 10);
          response.on("close", () => {
            clearInterval(talking);
            resolve();
          });
        },
        { timeouts: { idleMs: 5_000, totalMs: 150 } },
      );
      const error = await failureOf(provider);
      expect(error).toMatchObject({ code: "timeout", retryable: true, message: `${fixture.id}: no complete answer within 0.15 s` });
      await left;
    });

    itNeeds(fixture, "time limits", "time in which nobody reads is not the server's silence", async () => {
      const provider = await loopback(
        (_request, response) => {
          response.writeHead(200, { "content-type": wire.contentType }).end(bodyOf(wire, TEXT));
        },
        { timeouts: { idleMs: 40 } },
      );
      let text = "";
      for await (const event of provider.stream(REQUEST, idle())) {
        if (event.type !== "text-delta") continue;
        text += event.delta;
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      expect(text).toBe("Hello there, this goes on.");
    });
  });
}
