// The calls by which other systems use runs here: who is let in, what they may see, and how what is wrong is told.

import { contract, type Kindling } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { remoteCalls } from "../../src/web/index.ts";
import { openKindling } from "../host/open-host.ts";
import { BEARER, TOKEN } from "./servers.ts";

const double = contract("double", {
  inputs: { n: z.number() },
  define: (g, { n }) => ({ twice: g.compute("twice", { needs: { n }, run: ({ n }) => n * 2 }) }),
});

const asking = contract("asking", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g, { id }) => ({ said: g.await("said", { event: "said", schema: z.string(), show: { id }, timeout: "30d" }) }),
});

const failing = contract("failing", {
  inputs: {},
  define: (g) =>
    g.compute("broken", {
      needs: {},
      run: (): string => {
        throw new Error("the shelf is empty");
      },
    }),
});

const slow = contract("slow", {
  inputs: { pauseMs: z.number() },
  define: (g, { pauseMs }) =>
    g.lookup("pause", { needs: { pauseMs }, run: ({ pauseMs }) => new Promise<string>((resolve) => setTimeout(resolve, pauseMs, "done")) }),
});

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // What the calls promise; the tests look into it.
  readonly body: Record<string, unknown> & { readonly error?: Record<string, unknown> | null };
}

type Ask = (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answered>;

function asker(answer: (request: Request) => Promise<Response>, own: Readonly<Record<string, string>> = BEARER): Ask {
  return async (method, path, body, headers = {}) => {
    const response = await answer(
      new Request(`http://here${path}`, {
        method,
        headers: { ...own, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    );
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answered["body"] };
  };
}

async function opened(): Promise<{ readonly kindling: Kindling; readonly ask: Ask }> {
  const kindling = await openKindling({ contracts: [double, asking, failing, slow] });
  return { kindling, ask: asker(remoteCalls(kindling, { token: TOKEN })) };
}

describe("starting", () => {
  it("answers 201 with the id, and the run gives its outputs", async () => {
    const { ask } = await opened();
    const { status, body } = await ask("POST", "/v1/runs", { contract: "double", inputs: { n: 21 } });
    expect([status, body]).toEqual([201, { id: expect.stringMatching(/^run_/), created: true }]);
    expect(await ask("GET", `/v1/runs/${String(body["id"])}?waitMs=5000`)).toMatchObject({
      status: 200,
      body: { id: body["id"], status: "succeeded", outputs: { twice: 42 }, error: null },
    });
  });

  it("under the same key is one run, and answers 200 the second time; other inputs are a conflict", async () => {
    const { ask } = await opened();
    const request = { contract: "double", inputs: { n: 1 }, idempotencyKey: "k" };
    const first = await ask("POST", "/v1/runs", request);
    expect(await ask("POST", "/v1/runs", request)).toMatchObject({ status: 200, body: { id: first.body["id"], created: false } });
    expect(await ask("POST", "/v1/runs", { ...request, inputs: { n: 2 } })).toMatchObject({
      status: 409,
      body: { error: { code: "idempotency_conflict", fix: expect.any(String) } },
    });
  });

  it("takes the key of a node deep inside a run, which is long", async () => {
    const { ask } = await opened();
    const idempotencyKey = `run_x:${"part[key]/".repeat(300)}`;
    const first = await ask("POST", "/v1/runs", { contract: "double", inputs: { n: 1 }, idempotencyKey });
    const other = await ask("POST", "/v1/runs", { contract: "double", inputs: { n: 1 }, idempotencyKey: `${idempotencyKey}x` });
    expect([first.status, other.status]).toEqual([201, 201]);
    expect(other.body["id"]).not.toBe(first.body["id"]);
  });

  it("tells all that is wrong with the inputs, and starts nothing", async () => {
    const { ask, kindling } = await opened();
    const { status, body } = await ask("POST", "/v1/runs", { contract: "double", inputs: { n: "x", m: 1 } });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: "invalid_inputs",
      fix: expect.any(String),
      issues: expect.arrayContaining([expect.objectContaining({ at: "n" }), expect.objectContaining({ at: "m" })]),
    });
    expect((await kindling.list()).items).toEqual([]);
  });
});

describe("asking", () => {
  it("for a run that waits for a person answers at once, however long it may wait", async () => {
    const { ask } = await opened();
    const { body } = await ask("POST", "/v1/runs", { contract: "asking", inputs: { id: "1" } });
    const began = performance.now();
    expect(await ask("GET", `/v1/runs/${String(body["id"])}?waitMs=30000`)).toMatchObject({ body: { status: "waiting", outputs: null } });
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it("for a run at work waits as long as it may, then tells how it stands", async () => {
    const { ask } = await opened();
    const { body } = await ask("POST", "/v1/runs", { contract: "slow", inputs: { pauseMs: 400 } });
    const path = `/v1/runs/${String(body["id"])}`;
    expect(await ask("GET", path)).toMatchObject({ body: { status: "running" } });
    expect(await ask("GET", `${path}?waitMs=20`)).toMatchObject({ body: { status: "running" } });
    expect(await ask("GET", `${path}?waitMs=30000`)).toMatchObject({ body: { status: "succeeded", outputs: "done" } });
  });

  it("for a failed run tells why, and nothing of its inside", async () => {
    const { ask } = await opened();
    const { body } = await ask("POST", "/v1/runs", { contract: "failing" });
    const failed = await ask("GET", `/v1/runs/${String(body["id"])}?waitMs=5000`);
    expect(failed.body).toEqual({
      id: body["id"],
      status: "failed",
      outputs: null,
      error: { code: "threw", message: "broken: the shelf is empty" },
    });
  });
});

describe("cancelling", () => {
  it("ends the run with the reason and the caller recorded; a second time changes nothing", async () => {
    const { ask, kindling } = await opened();
    const { body } = await ask("POST", "/v1/runs", { contract: "asking", inputs: { id: "1" } });
    const id = String(body["id"]);
    expect(await ask("POST", `/v1/runs/${id}/cancel`, { reason: "no longer needed" })).toMatchObject({
      status: 200,
      body: { status: "cancelled", error: { message: "no longer needed" } },
    });
    expect(await ask("POST", `/v1/runs/${id}/cancel`, {})).toMatchObject({ status: 200, body: { status: "cancelled" } });
    const facts = (await kindling.facts(id)).filter(({ type }) => type === "run.cancelled");
    expect(facts).toMatchObject([{ reason: "no longer needed", actor: { id: "remote:token" } }]);
  });
});

describe("a stranger", () => {
  it.each([
    ["no header", {}],
    ["another token", { authorization: "Bearer another-token-0123456789abc" }],
    ["the beginning of the token", { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ["another scheme", { authorization: `Basic ${TOKEN}` }],
    ["the token alone", { authorization: TOKEN }],
  ])("with %s is refused before anything else is looked at", async (_what, headers) => {
    const kindling = await openKindling({ contracts: [double] });
    const ask = asker(remoteCalls(kindling, { token: TOKEN }), headers);
    for (const [method, path] of [
      ["POST", "/v1/runs"],
      ["GET", "/v1/runs/run_x"],
      ["GET", "/nothing"],
    ] as const) {
      const { status, body, headers: answered } = await ask(method, path, method === "POST" ? "no json" : undefined);
      expect([status, body.error?.["code"], answered.get("www-authenticate")]).toEqual([401, "unauthorized", "Bearer"]);
    }
    expect((await kindling.list()).items).toEqual([]);
  });

  it.each([
    [{ token: "" }, "no_authorization"],
    [{}, "no_authorization"],
    [{ token: "short" }, "token_too_short"],
    [{ token: "with a space in the middle" }, "token_too_short"],
  ])("is not let in by options %j: they are refused", async (options, code) => {
    const kindling = await openKindling({ contracts: [double] });
    // As JavaScript would pass them.
    const call = () => remoteCalls(kindling, options as { readonly token: string });
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});

describe("another caller's run", () => {
  async function two() {
    const kindling = await openKindling({ contracts: [asking] });
    const answer = remoteCalls(kindling, {
      authorize: ({ headers }) => {
        const id = headers.get("x-caller");
        return id === null ? undefined : { id, assurance: "agent" };
      },
    });
    return { kindling, ada: asker(answer, { "x-caller": "ada" }), bob: asker(answer, { "x-caller": "bob" }), nobody: asker(answer, {}) };
  }

  it("is as if it were not there: neither seen nor cancelled", async () => {
    const { ada, bob, nobody } = await two();
    const { body } = await ada("POST", "/v1/runs", { contract: "asking", inputs: { id: "1" } });
    const path = `/v1/runs/${String(body["id"])}`;
    const missing = await bob("GET", "/v1/runs/run_none");
    const seen = await bob("GET", path);
    expect([seen.status, seen.body]).toEqual([404, missing.body]);
    expect(await bob("POST", `${path}/cancel`, {})).toMatchObject({ status: 404 });
    expect(await nobody("GET", path)).toMatchObject({ status: 401 });
    expect(await ada("GET", path)).toMatchObject({ status: 200, body: { status: "waiting" } });
  });

  it("is not found by its key", async () => {
    const { ada, bob } = await two();
    const request = { contract: "asking", inputs: { id: "1" }, idempotencyKey: "k" };
    const first = await ada("POST", "/v1/runs", request);
    const second = await bob("POST", "/v1/runs", request);
    expect(second.status).toBe(201);
    expect(second.body["id"]).not.toBe(first.body["id"]);
  });

  it("started by another surface is not seen, even by an actor of the same name", async () => {
    const { ada, kindling } = await two();
    const run = await kindling.start(asking, { id: "1" }, { actor: { id: "ada", assurance: "agent" } });
    expect(await ada("GET", `/v1/runs/${run.id}`)).toMatchObject({ status: 404 });
  });
});

describe("what is wrong with a call", () => {
  it.each([
    ["a path that is not there", "GET", "/v1", undefined, {}, 404, "not_found"],
    ["a longer path", "POST", "/v1/runs/x/cancel/y", {}, {}, 404, "not_found"],
    ["a path that cannot be decoded", "GET", "/v1/runs/%E0%A4%A", undefined, {}, 404, "not_found"],
    ["a run that is not there", "GET", "/v1/runs/run_none", undefined, {}, 404, "run_not_found"],
    ["a contract that is not there", "POST", "/v1/runs", { contract: "dubble" }, {}, 404, "contract_not_found"],
    ["a wrong method", "GET", "/v1/runs", undefined, {}, 405, "method_not_allowed"],
    ["a wrong method for a run", "DELETE", "/v1/runs/run_x", undefined, {}, 405, "method_not_allowed"],
    ["a form", "POST", "/v1/runs", "a=b", { "content-type": "application/x-www-form-urlencoded" }, 415, "not_json"],
    ["text", "POST", "/v1/runs", "{}", { "content-type": "text/plain" }, 415, "not_json"],
    ["no JSON", "POST", "/v1/runs", "{", {}, 400, "bad_request"],
    ["a list", "POST", "/v1/runs", "[]", {}, 400, "bad_request"],
    ["no contract", "POST", "/v1/runs", {}, {}, 400, "bad_request"],
    ["a misspelt member", "POST", "/v1/runs", { contract: "double", idempotency_key: "k" }, {}, 400, "bad_request"],
    ["a key that is no text", "POST", "/v1/runs", { contract: "double", idempotencyKey: 1 }, {}, 400, "bad_request"],
    ["a wait that is no number", "GET", "/v1/runs/run_x?waitMs=soon", undefined, {}, 400, "bad_request"],
    ["a wait that is too long", "GET", "/v1/runs/run_x?waitMs=30001", undefined, {}, 400, "bad_request"],
    ["an empty wait", "GET", "/v1/runs/run_x?waitMs=", undefined, {}, 400, "bad_request"],
  ] as const)("is told: %s", async (_what, method, path, body, headers, status, code) => {
    const { ask } = await opened();
    const answered = await ask(method, path, body, headers);
    expect([answered.status, answered.body.error?.["code"]]).toEqual([status, code]);
    expect(answered.body.error).toMatchObject({ message: expect.any(String), fix: expect.stringMatching(/[.?]$/) });
    expect(answered.headers.get("content-type")).toContain("application/json");
    if (status === 405) expect(answered.headers.get("allow")).toMatch(/^(GET|POST)$/);
  });

  it("is told: more than 4 MiB, whether the length is given or not", async () => {
    const { kindling } = await opened();
    const answer = remoteCalls(kindling, { token: TOKEN });
    const request = (length: number, own: Readonly<Record<string, string>> = {}) => {
      const text = JSON.stringify({ contract: "double", inputs: { n: 1, pad: "" } });
      const body = text.replace('"pad":""', `"pad":"${"x".repeat(length - text.length)}"`);
      return new Request("http://here/v1/runs", {
        method: "POST",
        headers: { ...BEARER, "content-type": "application/json", ...own },
        body,
      });
    };
    expect((await answer(request(4 * 1024 * 1024 + 1))).status).toBe(413);
    expect((await answer(request(100, { "content-length": String(4 * 1024 * 1024 + 1) }))).status).toBe(413);
    // At the limit it is read, and refused for the input that is none.
    expect(await (await answer(request(4 * 1024 * 1024))).json()).toMatchObject({ error: { code: "invalid_inputs" } });
  });

  it("on our side is told without its message, its stack and its path, and given to onError", async () => {
    const { kindling } = await opened();
    const errors: unknown[] = [];
    const broken = new Proxy(kindling, {
      get: (target, name) =>
        name === "get" ? () => Promise.reject(new Error("cannot read /var/secret/ledger")) : (Reflect.get(target, name) as unknown),
    });
    const ask = asker(remoteCalls(broken, { token: TOKEN, onError: (error) => errors.push(error) }));
    const { status, body } = await ask("GET", "/v1/runs/run_x");
    expect([status, body.error?.["code"]]).toEqual([500, "internal"]);
    expect(JSON.stringify(body)).not.toMatch(/secret|ledger|\.ts|\\n/);
    expect(errors).toMatchObject([{ message: "cannot read /var/secret/ledger" }]);
  });

  it("once the runtime is closed is an answer to come back later", async () => {
    const { kindling, ask } = await opened();
    await kindling.close();
    const { status, body, headers } = await ask("POST", "/v1/runs", { contract: "double", inputs: { n: 1 } });
    expect([status, body.error?.["code"], headers.get("retry-after")]).toEqual([503, "closing", "1"]);
  });
});
