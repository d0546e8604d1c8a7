// Who may not call over HTTP, and what is too much to read: refused before anybody looks at what is said, with the cure, and the server serves the next.

import { describe, expect, it } from "vitest";
import { expectCure, JSON_HEADERS, META, RawHttp, rawRequest } from "./raw-http.ts";
import { serveRaw } from "./served-raw.ts";

const TOKEN = "a-token-of-some-length";
const MIB = 1024 * 1024;

const served = serveRaw(TOKEN, (told) => expect(told).toEqual([]));

describe("a caller", () => {
  const LIST = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta: META } });
  const own = async () => ({ ...(await served.raw.headers("modern", "tools/list")), host: "localhost" });

  it.each([
    ["without a token", { authorization: "" }, 401],
    ["with a wrong token", { authorization: "Bearer wrong" }, 401],
    ["with a part of the token", { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, 401],
    ["with more than the token", { authorization: `Bearer ${TOKEN}x` }, 401],
    ["with the token as a password", { authorization: `Basic ${Buffer.from(`a:${TOKEN}`).toString("base64")}` }, 401],
    ["from another page", { origin: "https://evil.example" }, 403],
    ["from a page whose name only begins like ours", { origin: "http://localhost.evil.example" }, 403],
    ["from a page without a name", { origin: "null" }, 403],
    ["who was sent to another name", { host: "evil.example" }, 403],
    ["who was sent to a name that only begins like ours", { host: "127.0.0.1.evil.example" }, 403],
    ["who puts a name before ours", { host: "user:password@localhost" }, 400],
    ["whose host is no name", { host: "a b" }, 400],
    ["who sends no JSON", { "content-type": "text/plain" }, 415],
  ])("%s is refused", async (_, headers, status) => {
    const answer = await rawRequest(served.server.url, "POST", { ...(await own()), ...headers }, LIST);
    expect(answer.status).toBe(status);
    expectCure(answer, status === 400 ? -32_600 : -32_000);
    expect(answer.body).not.toContain(TOKEN);
  });

  it.each([
    ["another path", "POST", "/other", 404],
    ["a path behind ours", "POST", "/mcp/../../mcp/x", 404],
    ["a method nobody uses here", "PUT", "/mcp", 405],
    ["a method of pages", "OPTIONS", "/mcp", 405],
    ["a method nobody may use", "TRACE", "/mcp", 400],
  ])("at %s finds nothing", async (_, method, path, status) => {
    const answer = await rawRequest(new URL(path, served.server.url).href, method, await own(), method.startsWith("P") ? LIST : undefined);
    expect(answer.status).toBe(status);
    expect(answer.error?.message).toMatch(/Use POST|Send a Host|the server is at/);
  });

  it("with the token in the address is refused", async () => {
    const response = await fetch(`${served.server.url}?token=${TOKEN}&authorization=Bearer%20${TOKEN}`, {
      method: "POST",
      headers: JSON_HEADERS,
      body: LIST,
    });
    expect(response.status).toBe(401);
  });
});

describe("a body of 10 MB", () => {
  const full = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping", params: { text: "x".repeat(10 * MIB) } });
  const inParts = () => {
    let left = 160;
    return new ReadableStream({
      pull: (controller) => {
        left -= 1;
        if (left < 0) controller.close();
        else controller.enqueue(Buffer.alloc(MIB / 16, "x"));
      },
    });
  };

  it.each([
    ["that says how long it is", () => full],
    ["that comes in parts", inParts],
  ])("%s is refused, every time", async (_, body) => {
    for (let time = 0; time < 3; time += 1) {
      const answer = await served.raw.post(body());
      expect(answer.status).toBe(413);
      expectCure(answer, -32_600);
    }
  });

  it("is refused to a caller without a token before it is read", async () => {
    const answer = await new RawHttp(served.server.url, "somebody-with-no-token").post(inParts());
    expect(answer.status).toBe(401);
  });
});
