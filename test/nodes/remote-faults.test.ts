// What goes wrong on the way to another Kindling: what is tried again, what is not, and that nothing sent in headers is ever recorded.

import { contract, DefinitionError, type Kindling, type Run } from "kindling";
import { manualClock, type ManualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ANSWER_LIMIT_BYTES } from "../../src/nodes/remote-calls.ts";
import { openKindling, until } from "../host/open-host.ts";
import { json, madeUp, served, type Seen } from "../web/servers.ts";
import { ofType, there } from "../web/there.ts";

const SECRET = "sesame-open-0123456789";

type Headers = () => Readonly<Record<string, string>>;

function calling(url: string, headers: Headers = () => ({ authorization: `Bearer ${SECRET}` })) {
  return contract("calling", {
    inputs: { n: z.number() },
    define: (g, { n }) =>
      g.remote("far", { url, contract: "double", needs: { n }, output: z.number(), headers, timeout: "5s", retry: { attempts: 3 } }),
  });
}

interface Called {
  readonly kindling: Kindling;
  readonly clock: ManualClock;
  readonly run: Run;
}

async function called(url: string, headers?: Headers): Promise<Called> {
  const clock = manualClock();
  const kindling = await openKindling({ contracts: [calling(url, headers)], clock });
  return { kindling, clock, run: await kindling.start("calling", { n: 21 }) };
}

/** Lets pauses pass until the run has ended. */
async function ended({ run, clock }: Called) {
  await until(async () => {
    const last = (await run.facts()).findLast(({ type }) => type === "node.failed");
    if (last?.type === "node.failed" && last.retryAt !== undefined && last.retryAt > clock.now()) clock.set(last.retryAt);
    return (await run.get()).endedAt !== undefined;
  }, "its end");
  return run.get();
}

const failures = async (run: Run) =>
  ofType(await run.facts(), "node.failed").flatMap((fact) => (fact.type === "node.failed" ? [fact] : []));

/** Answers a start and a question like a server whose run has succeeded. */
function asKindling({ method }: Seen, response: Parameters<typeof json>[0]): void {
  if (method === "POST") json(response, 201, { id: "run_far", created: true });
  else json(response, 200, { id: "run_far", status: "succeeded", outputs: 42, error: null });
}

describe("a server that is away", () => {
  it("is called again after a pause, and the run goes on when it is there", async () => {
    const { other, server, url } = await there();
    await server.close();
    const call = await called(url, () => ({ authorization: "Bearer a-token-for-tests-0123456789" }));
    await until(async () => (await failures(call.run)).length === 1, "a fault");
    const [fault] = await failures(call.run);
    expect(fault?.error).toMatchObject({ code: "remote_unreachable", message: expect.stringContaining("ECONNREFUSED"), retryable: true });
    await served(other, { port: Number(new URL(url).port) });
    expect(await ended(call)).toMatchObject({ status: "succeeded", outputs: 42 });
  });

  it("fails the run after the last attempt", async () => {
    const { server, url } = await there();
    await server.close();
    const call = await called(url);
    expect(await ended(call)).toMatchObject({ status: "failed", error: { code: "remote_unreachable", details: { node: "far" } } });
    expect(await failures(call.run)).toHaveLength(3);
  });

  it("in the middle of an answer is called again", async () => {
    let calls = 0;
    const { url } = await madeUp((request, response) => {
      calls += 1;
      if (calls > 1) return asKindling(request, response);
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" }).write('{"id":');
      setTimeout(() => response.destroy(), 10);
    });
    const call = await called(url);
    expect(await ended(call)).toMatchObject({ status: "succeeded" });
    expect(await failures(call.run)).toMatchObject([{ error: { code: "remote_unreachable" } }]);
  });

  it("and does not even answer is given up after the timeout, and called again", async () => {
    let calls = 0;
    const { url } = await madeUp((request, response) => {
      calls += 1;
      if (calls > 1) asKindling(request, response);
    });
    const call = await called(url);
    await until(() => calls === 1, "the call");
    call.clock.advance(5_000);
    expect(await ended(call)).toMatchObject({ status: "succeeded" });
    expect(await failures(call.run)).toMatchObject([{ error: { code: "attempt_timed_out" } }]);
  });
});

describe("a refusal", () => {
  it.each([
    ["seconds", { "retry-after": "90" }],
    ["a time, by the server's own clock", { "retry-after": "Wed, 21 Oct 2015 07:29:30 GMT", date: "Wed, 21 Oct 2015 07:28:00 GMT" }],
  ])("with retry-after in %s is honoured", async (_what, headers) => {
    let calls = 0;
    const { url } = await madeUp((request, response) => {
      calls += 1;
      if (calls === 1) json(response, 429, { error: { code: "busy", message: "too many" } }, headers);
      else asKindling(request, response);
    });
    const call = await called(url);
    expect(await ended(call)).toMatchObject({ status: "succeeded" });
    const [fault] = await failures(call.run);
    expect((fault?.retryAt ?? 0) - (fault?.time ?? 0)).toBe(90_000);
    expect(fault?.error).toMatchObject({ code: "remote_refused", details: { status: 429, code: "busy" } });
  });

  it.each([
    [500, 3],
    [503, 3],
    [408, 3],
    [400, 1],
    [401, 1],
    [404, 1],
    [409, 1],
  ])("with status %i is tried %i times", async (status, attempts) => {
    const { url } = await madeUp((_request, response) =>
      json(response, status, { error: { code: "no", message: "not today", fix: "Ask tomorrow." } }),
    );
    const call = await called(url);
    const { error } = await ended(call);
    expect(error).toMatchObject({ code: "remote_refused", message: expect.stringContaining(`${status} (no): not today`) });
    expect(await failures(call.run)).toHaveLength(attempts);
  });
});

describe("an answer that is none of a Kindling", () => {
  it.each([
    [
      "a page",
      (response: Parameters<typeof json>[0]) => void response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>"),
    ],
    ["a list", (response: Parameters<typeof json>[0]) => json(response, 200, [])],
    ["no id", (response: Parameters<typeof json>[0]) => json(response, 200, { ok: true })],
    ["an empty answer", (response: Parameters<typeof json>[0]) => void response.writeHead(204).end()],
  ])("(%s) fails the run at once", async (_what, answer) => {
    const { url } = await madeUp((_request, response) => answer(response));
    const call = await called(url);
    expect(await ended(call)).toMatchObject({ status: "failed", error: { code: "remote_not_understood" } });
    expect(await failures(call.run)).toHaveLength(1);
  });

  it("(longer than the limit) fails the run at once and is not read to its end", async () => {
    let sent = 0;
    const chunk = Buffer.alloc(1024 * 1024, 32);
    const { url } = await madeUp((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const more = () => {
        while (sent < 1024 && !response.destroyed) {
          sent += 1;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    });
    const call = await called(url);
    const { error } = await ended(call);
    expect(error).toMatchObject({ code: "remote_not_understood", message: expect.stringContaining(`${ANSWER_LIMIT_BYTES} bytes`) });
    expect(sent * chunk.byteLength).toBeLessThan(ANSWER_LIMIT_BYTES * 2);
  });

  it("(a redirect) is refused: the authorization goes nowhere else", async () => {
    const elsewhere = await madeUp((request, response) => asKindling(request, response));
    const { url } = await madeUp((_request, response) => void response.writeHead(307, { location: elsewhere.url }).end());
    const call = await called(url);
    expect(await ended(call)).toMatchObject({
      status: "failed",
      error: { code: "remote_redirected", message: expect.stringContaining(elsewhere.url), fix: expect.any(String) },
    });
    expect([elsewhere.seen, (await failures(call.run)).length]).toEqual([[], 1]);
  });
});

describe("what is sent in headers", () => {
  it("is asked for each call", async () => {
    let number = 0;
    const { url, seen } = await madeUp(asKindling);
    await ended(await called(url, () => ({ "x-number": `${(number += 1)}` })));
    expect(seen.map(({ headers }) => headers["x-number"])).toEqual(["1", "1"]);
    await ended(await called(url, () => ({ "x-number": `${(number += 1)}` })));
    expect(seen.at(-1)?.headers["x-number"]).toBe("2");
  });

  it("is in no fact, though the server repeats it in its refusal", async () => {
    const { url } = await madeUp(({ headers }, response) =>
      json(response, 500, { error: { code: "no", message: `you sent ${String(headers.authorization)}, that is ${SECRET}`, fix: SECRET } }),
    );
    const call = await called(url);
    await ended(call);
    const recorded = JSON.stringify(await call.run.facts());
    expect(recorded).toContain("you sent …, that is …");
    expect(recorded).not.toContain(SECRET);
  });

  it("is in no fact, though it is nothing a header may hold", async () => {
    const { url } = await madeUp(asKindling);
    const call = await called(url, () => ({ authorization: `Bearer ${SECRET}\n` + "x" }));
    expect(await ended(call)).toMatchObject({ error: { code: "bad_headers", message: expect.stringContaining('"authorization"') } });
    expect(JSON.stringify(await call.run.facts())).not.toContain(SECRET);
    expect(await failures(call.run)).toHaveLength(1);
  });
});

describe("a remote node that cannot be", () => {
  it.each([
    [{ url: "kindling.example.com" }, "bad_url"],
    [{ url: "ftp://kindling.example.com" }, "bad_url"],
    [{ url: "https://user:secret@kindling.example.com" }, "bad_url"],
    [{ url: "https://kindling.example.com/?a=b" }, "bad_url"],
    [{ contract: "" }, "bad_option"],
    [{ headers: { authorization: "x" } }, "bad_option"],
    [{ poll: "soon" }, "bad_option"],
    [{ poll: 0 }, "bad_option"],
    [{ timeout: "0s" }, "bad_option"],
  ])("with %j is refused when it is defined", (wrong, code) => {
    const define = () =>
      contract("wrong", {
        inputs: { n: z.number() },
        // As a contract written in JavaScript would pass it.
        define: (g, { n }) => g.remote("far", { url: "https://kindling.example.com", contract: "x", needs: { n }, ...(wrong as object) }),
      });
    expect(define).toThrow(DefinitionError);
    expect(define).toThrow(expect.objectContaining({ findings: [expect.objectContaining({ code, severity: "error" })] }));
    expect(define).not.toThrow(/secret/);
  });
});
