// The calls over real HTTP: bodies that come in pieces, callers that are slow, many or gone, and an end in order.

import { contract } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serveRemote } from "../../src/web/index.ts";
import { openKindling, until } from "../host/open-host.ts";
import { BEARER, raw, served, TOKEN } from "./servers.ts";

const slow = contract("slow", {
  inputs: { pauseMs: z.number() },
  define: (g, { pauseMs }) =>
    g.lookup("pause", {
      needs: { pauseMs },
      run: ({ pauseMs }, { signal }) =>
        new Promise<string>((resolve, reject) => {
          const timer = setTimeout(resolve, pauseMs, "done");
          signal.addEventListener("abort", () => {
            clearTimeout(timer);
            reject(new Error("aborted"));
          });
        }),
    }),
});

const HEADERS = { ...BEARER, "content-type": "application/json" };

async function started(url: string, pauseMs: number): Promise<string> {
  const response = await fetch(`${url}/v1/runs`, {
    method: "POST",
    headers: HEADERS,
    body: JSON.stringify({ contract: "slow", inputs: { pauseMs } }),
  });
  // The answer has an id: that is what the calls promise.
  return ((await response.json()) as { readonly id: string }).id;
}

describe("the server", () => {
  it("listens on this machine only, on the port it says, and carries a run from start to end", async () => {
    const kindling = await openKindling({ contracts: [slow] });
    const { url } = await served(kindling);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const id = await started(url, 5);
    const response = await fetch(`${url}/v1/runs/${id}?waitMs=10000`, { headers: BEARER });
    expect([response.status, await response.json()]).toEqual([200, { id, status: "succeeded", outputs: "done", error: null }]);
    expect((await fetch(`${url}/v1/runs/${id}`)).status).toBe(401);
  });

  it("takes an address of IPv6, and says when it cannot listen", async () => {
    const kindling = await openKindling({ contracts: [slow] });
    const { url } = await served(kindling, { host: "::1" });
    expect((await fetch(`${url}/v1/runs`)).status).toBe(401);
    await expect(serveRemote(kindling, { token: TOKEN, host: "::1", port: Number(new URL(url).port) })).rejects.toMatchObject({
      code: "cannot_listen",
    });
  });

  it("refuses a method that nobody may use, and a host that is no name, and goes on", async () => {
    const kindling = await openKindling({ contracts: [slow] });
    const { url } = await served(kindling);
    expect(await raw(url, "TRACE /v1/runs HTTP/1.1\r\nhost: x\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(url, "POST /v1/runs HTTP/1.1\r\nhost: a b\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect(await started(url, 1)).toMatch(/^run_/);
  });

  it("tells a body that is too large that it is, also one without a length, and a stranger before reading", async () => {
    const kindling = await openKindling({ contracts: [slow] });
    const { url } = await served(kindling);
    const chunk = new Uint8Array(1024 * 1024).fill(32);
    const body = () => {
      let left = 6;
      return new ReadableStream<Uint8Array>({
        pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
      });
    };
    const sent = (headers: Readonly<Record<string, string>>) =>
      fetch(`${url}/v1/runs`, { method: "POST", headers, body: body(), duplex: "half" });
    expect((await sent(HEADERS)).status).toBe(413);
    expect((await sent({ "content-type": "application/json" })).status).toBe(401);
    expect(
      (await fetch(`${url}/v1/runs`, { method: "POST", headers: HEADERS, body: Buffer.concat([chunk, chunk, chunk, chunk, chunk]) }))
        .status,
    ).toBe(413);
    expect(await started(url, 1)).toMatch(/^run_/);
  });

  it("hangs up on a request that does not arrive in time", async () => {
    const kindling = await openKindling({ contracts: [slow] });
    const { url } = await served(kindling, { requestTimeoutMs: 100 });
    const head = `POST /v1/runs HTTP/1.1\r\nhost: x\r\nauthorization: ${BEARER.authorization}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`;
    const began = performance.now();
    expect(await raw(url, head)).toMatch(/^(HTTP\/1\.1 408|$)/);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect((await kindling.list()).items).toEqual([]);
  });

  it("answers what is no request at all, and goes on", async () => {
    const kindling = await openKindling({ contracts: [slow] });
    const { url } = await served(kindling);
    expect(await raw(url, "HELLO\r\n\r\n")).toMatch(/^HTTP\/1\.1 400/);
    expect(await raw(url, `OPTIONS * HTTP/1.1\r\nhost: x\r\nauthorization: ${BEARER.authorization}\r\nconnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 404/,
    );
    expect(await started(url, 1)).toMatch(/^run_/);
  });

  it("answers calls beyond its bound with 503 and when to come back; those before them go on", async () => {
    const kindling = await openKindling({ contracts: [slow] });
    const { url } = await served(kindling, { requestLimit: 2 });
    const id = await started(url, 300);
    const path = `${url}/v1/runs/${id}`;
    const waiting = [1, 2].map(() => fetch(`${path}?waitMs=10000`, { headers: BEARER }));
    await until(async () => (await fetch(path, { headers: BEARER })).status === 503, "a full server");
    const refused = await fetch(path, { headers: BEARER });
    expect([refused.status, refused.headers.get("retry-after"), await refused.json()]).toMatchObject([
      503,
      "1",
      { error: { code: "busy" } },
    ]);
    for (const response of await Promise.all(waiting)) expect(await response.json()).toMatchObject({ status: "succeeded" });
    expect((await fetch(path, { headers: BEARER })).status).toBe(200);
  });

  it("forgets the calls of those who are gone", async () => {
    const kindling = await openKindling({ contracts: [slow] });
    const { url } = await served(kindling, { requestLimit: 1 });
    const id = await started(url, 60_000);
    const path = `${url}/v1/runs/${id}`;
    const gone = new AbortController();
    const waiting = fetch(`${path}?waitMs=30000`, { headers: BEARER, signal: gone.signal }).catch(() => "gone");
    await until(async () => (await fetch(path, { headers: BEARER })).status === 503, "a full server");
    gone.abort();
    expect(await waiting).toBe("gone");
    await until(async () => (await fetch(path, { headers: BEARER })).status === 200, "room again");
    await kindling.cancel(id);
  });

  it("that closes answers those who wait with how the run stands, and takes no more", async () => {
    const kindling = await openKindling({ contracts: [slow] });
    const server = await served(kindling);
    const id = await started(server.url, 60_000);
    const waiting = fetch(`${server.url}/v1/runs/${id}?waitMs=30000`, { headers: BEARER });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = performance.now();
    await server.close();
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(await (await waiting).json()).toMatchObject({ id, status: "running" });
    await expect(fetch(server.url)).rejects.toThrow();
    expect((await kindling.get(id))?.status).toBe("running");
    await kindling.cancel(id);
  });
});
