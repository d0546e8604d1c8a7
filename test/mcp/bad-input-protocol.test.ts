// Bad input over HTTP that the protocol itself refuses: what is no message, and what no method takes. Whatever it is, the answer says what to do, nothing internal is
// told, and the server serves the next.

import { describe, expect, it } from "vitest";
import { ERAS } from "./mcp-process.ts";
import { expectCure, META, rawRequest, refusalIn } from "./raw-http.ts";
import { serveRaw } from "./served-raw.ts";

const TOKEN = "a-token-of-some-length";
const served = serveRaw(TOKEN, (told) => {
  // Whatever came before, the operator was told nothing but short lines.
  for (const text of told.splice(0)) expect(text).toMatch(/^.{1,200}$/);
});

describe("a body that is no message", () => {
  it.each([
    ["cut JSON", "{", -32_700],
    ["nothing", "", -32_700],
    ["brackets without end", "[".repeat(200_000), -32_700],
    ["a list of lists", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, -32_600],
    ["null", "null", -32_600],
    ["a string", '"x"', -32_600],
    ["a number", "1", -32_600],
    ["an object of something else", '{"a":1}', -32_600],
    ["an empty batch", "[]", -32_600],
    ["a batch of the modern era", JSON.stringify([{ jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta: META } }]), -32_600],
    ["another version", '{"jsonrpc":"1.0","id":1,"method":"tools/list"}', -32_600],
    ["no version", '{"id":1,"method":"tools/list"}', -32_600],
    ["no method", '{"jsonrpc":"2.0","id":1}', -32_600],
    ["a method that is none", '{"jsonrpc":"2.0","id":1,"method":7}', -32_600],
    ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"tools/list"}', -32_600],
    ["an id that is null", '{"jsonrpc":"2.0","id":null,"method":"tools/list"}', -32_600],
    ["parameters in a list", '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[1]}', -32_600],
    ["a reply to nothing", '{"jsonrpc":"2.0","id":1,"result":{}}', -32_000],
    ["a first message that begins no session", '{"jsonrpc":"2.0","id":1,"method":"tools/list"}', -32_000],
    ["a beginning without what belongs to it", '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}', -32_602],
  ])("(%s) is refused", async (_, body, code) => {
    const answer = await served.raw.post(body);
    expect(answer.status).toBe(400);
    expectCure(answer, code);
  });

  it("in UTF-8 that is none is refused", async () => {
    const broken = new ReadableStream({
      start: (controller) => {
        controller.enqueue(Uint8Array.from([0x7b, 0xff, 0xfe, 0x7d]));
        controller.close();
      },
    });
    expectCure(await served.raw.post(broken), -32_700);
  });
});

/** A method, what it is given, and the code of the refusal. */
const WRONG: readonly (readonly [method: string, params: Record<string, unknown>, code: number])[] = [
  ["no/such", {}, -32_601],
  ["logging/setLevel", { level: "debug" }, -32_601],
  ["sampling/createMessage", {}, -32_601],
  ["tools/call", {}, -32_602],
  ["tools/call", { name: "get_run", arguments: "x" }, -32_602],
  ["tools/call", { name: "get_run", arguments: [] }, -32_602],
  ["tools/call", { name: "nope", arguments: {} }, -32_602],
  ["tools/call", { name: "constructor", arguments: {} }, -32_602],
  ["tools/call", { name: "__proto__", arguments: {} }, -32_602],
  ["prompts/get", {}, -32_602],
  ["prompts/get", { name: "nope" }, -32_602],
  ["prompts/get", { name: "__proto__" }, -32_602],
  ["prompts/get", { name: "review_run" }, -32_602],
  ["resources/read", {}, -32_602],
  ["resources/read", { uri: "no address" }, -32_602],
  ["resources/read", { uri: "file:///etc/passwd" }, -32_602],
  ["resources/read", { uri: "wf://runs/%zz/timeline" }, -32_602],
  ["resources/read", { uri: "wf://runs/../timeline" }, -32_602],
  ["resources/read", { uri: "wf://workflows/constructor/graph" }, -32_602],
  ["completion/complete", {}, -32_602],
  ["completion/complete", { ref: { type: "ref/prompt", name: "constructor" }, argument: { name: "a", value: "" } }, -32_602],
];

describe.each(ERAS)("in the %s era", (era) => {
  it.each(WRONG)("%s with %j is refused", async (method, params, code) => {
    expectCure(await served.raw.ask(era, method, params), code);
  });

  it.each(["constructor", "__proto__", "toString"])("completing an argument called %s finds nothing", async (name) => {
    for (const ref of [
      { type: "ref/resource", uri: "wf://runs/{run_id}/timeline" },
      { type: "ref/prompt", name: "review_run" },
    ])
      expect((await served.raw.ask(era, "completion/complete", { ref, argument: { name, value: "" } })).result).toMatchObject({
        completion: { values: [] },
      });
  });

  it.each([
    ["too deep", '{"value":<deep>}'.replace("<deep>", `${"[".repeat(5_000)}${"]".repeat(5_000)}`), /levels deep/],
    ["too many", JSON.stringify({ value: Array.from({ length: 10_001 }, () => 0) }), /more than 10000/],
    ["named __proto__", '{"ms":1,"__proto__":{"ms":2}}', /this name/],
    ["named __proto__, far inside", '{"a":[{"b":{"__proto__":{"polluted":true}}}]}', /this name/],
  ])("arguments with members that are %s are refused, and nothing is started", async (_, input, why) => {
    const answer = await served.raw.call(era, "start_workflow", { workflow: "slow-sum", input: "<json>" }, input);
    expect(refusalIn(answer)).toMatchObject({
      code: "invalid_arguments",
      fix: expect.stringMatching(/^(Nest|Send|Leave) .* call again\.$/) as string,
      issues: [{ message: expect.stringMatching(why) as string }],
    });
    expect((await served.kindling.list()).items).toEqual([]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it.each([
    [{ workflow: "constructor", input: {} }, "workflow_not_found"],
    [{ workflow: "__proto__", input: {} }, "workflow_not_found"],
    [{ workflow: "", input: {} }, "invalid_arguments"],
    [{ workflow: "slow-sum", input: [] }, "invalid_arguments"],
    [{ workflow: "slow-sum", input: {} }, "invalid_input"],
    [{ workflow: "slow-sum", input: { ms: 1, colour: "red" } }, "invalid_input"],
    [{ workflow: "slow-sum", input: { ms: 1 }, wait_seconds: 1e9 }, "invalid_arguments"],
    [{ workflow: "slow-sum", input: { ms: 1 }, idempotency_key: "\u0000" }, "invalid_arguments"],
  ])("start_workflow with %j is refused, and nothing is started", async (args, code) => {
    expect(refusalIn(await served.raw.call(era, "start_workflow", args))).toMatchObject({
      code,
      fix: expect.stringMatching(/\.$/) as string,
    });
    expect((await served.kindling.list()).items).toEqual([]);
  });
});

describe("what a client of the modern era says of itself", () => {
  const VERSION = "io.modelcontextprotocol/protocolVersion";

  it.each<[Record<string, unknown>, number]>([
    [{ [VERSION]: "1999-01-01" }, -32_022],
    [{ "io.modelcontextprotocol/clientInfo": 5 }, -32_602],
    [{ "io.modelcontextprotocol/clientCapabilities": { elicitation: 5 } }, -32_602],
    [{ progressToken: {} }, -32_600],
  ])("as %j is refused", async (meta, code) => {
    const version = String(meta[VERSION] ?? META[VERSION]);
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta: { ...META, ...meta } } });
    expectCure(await served.raw.post(body, { "mcp-protocol-version": version, "mcp-method": "tools/list" }), code);
  });

  it.each([{ traceparent: 5, tracestate: {} }, { traceparent: "00-zz-zz-01" }])("of its trace, as %j, counts as nothing", async (_meta) => {
    expect((await served.raw.ask("modern", "tools/call", { name: "list_runs", arguments: {}, _meta })).result).toMatchObject({
      structuredContent: { runs: [] },
    });
  });

  it("in headers that name another tool is refused", async () => {
    const params = { name: "get_run", arguments: { run_id: "run_1" }, _meta: META };
    const headers = await served.raw.headers("modern", "tools/call", { name: "list_runs" });
    expectCure(await served.raw.post(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }), headers), -32_020);
  });

  it.each([{}, { notifications: 1 }, { notifications: { resourceSubscriptions: [5] } }])(
    "it listens to, as %j, is refused",
    async (params) => {
      expectCure(await served.raw.ask("modern", "subscriptions/listen", params), -32_602);
    },
  );
});

describe("in a session of the 2025 era", () => {
  const request = (more: Record<string, unknown>) => JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", ...more });

  it.each([
    [
      "another beginning",
      request({ method: "initialize", params: { protocolVersion: "x", capabilities: {}, clientInfo: { name: "a", version: "1" } } }),
      {},
      -32_600,
    ],
    ["a version nobody speaks", request({}), { "mcp-protocol-version": "1999-01-01" }, -32_000],
    ["a wish for another form", request({}), { accept: "text/html" }, -32_000],
    [
      "a batch that is too long",
      JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ jsonrpc: "2.0", id, method: "tools/list" }))),
      {},
      -32_600,
    ],
    ["a subscription to nothing", request({ method: "resources/subscribe", params: {} }), {}, -32_602],
    ["the session of somebody else", request({}), { "mcp-session-id": "stolen" }, -32_001],
    ["a session called __proto__", request({}), { "mcp-session-id": "__proto__" }, -32_001],
  ])("%s is refused", async (_, body, headers, code) => {
    expectCure(await served.raw.post(body, { ...(await served.raw.headers("legacy", "tools/list")), ...headers }), code);
  });

  it.each([
    ["a reply to nothing", { id: 99, result: {} }],
    ["the end of a request there never was", { method: "notifications/cancelled", params: { requestId: 77 } }],
    ["news nobody knows", { method: "notifications/none" }],
  ])("%s is taken and changes nothing", async (_, message) => {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    expect((await served.raw.post(body, await served.raw.headers("legacy", "x"))).status).toBe(202);
  });

  it("two requests under one id are not under way at once, and what was refused or cancelled is under way no more", async () => {
    const headers = await served.raw.headers("legacy", "tools/call");
    const { id: run_id } = await served.kindling.start("collect-sources", {});
    const wait = request({
      id: "same",
      method: "tools/call",
      params: { name: "get_run", arguments: { run_id, wait_for: "end", wait_seconds: 50 } },
    });
    const list = request({ id: "same" });
    expect((await served.raw.post(list, { ...headers, accept: "text/html" })).status).toBe(406);
    const waiting = served.raw.post(wait, headers);
    await expect
      .poll(async () => (await served.raw.post(list, headers)).error)
      .toMatchObject({ message: expect.stringContaining("id of its own") as string });
    await served.kindling.cancel(run_id);
    expect((await waiting).result).toMatchObject({ structuredContent: { status: "cancelled" } });
    expect((await served.raw.post(list, headers)).result).toHaveProperty("tools");
    const both = await served.raw.post(`[${list},${list}]`, headers);
    expectCure(both, -32_600);
  });

  it.each(["9999", "__proto__"])("a stream is not gone on with after an event called %s", async (id) => {
    const headers = { ...(await served.raw.headers("legacy", "x")), accept: "text/event-stream", "last-event-id": id };
    expectCure(await rawRequest(served.server.url, "GET", headers), -32_000);
  });
});
