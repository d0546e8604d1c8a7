// Bad input over standard input: lines that are no message, messages that no method takes, 10 MB on one line, a client that goes in the middle of a line. Each is
// answered with what to do, the process stays and serves the next, and what was sent stands in no log.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { ERAS, SERVER_FLAGS, type Era } from "./mcp-process.ts";
import { META } from "./raw-http.ts";

const SECRET = "sk-live-0123456789";
const MIB = 1024 * 1024;

const Answer = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
});
type Answer = z.infer<typeof Answer>;

/** A server process, and what it says line by line. */
class Server {
  readonly child: ChildProcess;
  readonly #lines: Interface;
  readonly #said: AsyncIterator<string>;
  readonly #era: Era;
  errors = "";
  #id = 100;

  constructor(folder: string, era: Era) {
    this.#era = era;
    const child = spawn(process.execPath, [...SERVER_FLAGS, folder], { stdio: ["pipe", "pipe", "pipe"] });
    this.child = child;
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.errors += text));
    this.#lines = createInterface({ input: child.stdout });
    this.#said = this.#lines[Symbol.asyncIterator]();
  }

  write(line: string | Uint8Array): void {
    this.child.stdin?.write(line);
    this.child.stdin?.write("\n");
  }

  async next(): Promise<Answer> {
    const { value, done } = await this.#said.next();
    if (done === true) throw new Error(`the server ended: ${this.errors}`);
    return Answer.parse(JSON.parse(value));
  }

  /** Sends a request as the era has it; gives its answer. */
  async ask(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    this.#id += 1;
    const all = this.#era === "modern" ? { ...params, _meta: META } : params;
    this.write(JSON.stringify({ jsonrpc: "2.0", id: this.#id, method, params: all }));
    const answer = await this.next();
    expect(answer.id).toBe(this.#id);
    return answer;
  }

  async begin(): Promise<void> {
    if (this.#era === "modern") return;
    await this.ask("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1" } });
    this.write(JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }));
  }

  /** Ends it as a client does that goes; gives its exit code. */
  async end(): Promise<number | null> {
    const closed = once(this.child, "close") as Promise<[number | null]>;
    this.child.stdin?.end();
    return (await closed)[0];
  }
}

describe.each(ERAS)("a server process of the %s era", (era) => {
  let folder: string;
  let server: Server;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kindling-bad-input-"));
    server = new Server(folder, era);
    await server.begin();
  });

  afterAll(async () => {
    server.child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  async function expectServing(): Promise<void> {
    expect((await server.ask("tools/call", { name: "list_workflows", arguments: {} })).result).toMatchObject({ structuredContent: {} });
  }

  it.each([
    ["words", `counting sources ${SECRET}`, undefined, -32_700],
    ["cut JSON", `{"jsonrpc":"2.0","id":1,"method":"${SECRET}`, undefined, -32_700],
    ["brackets without end", "[".repeat(200_000), undefined, -32_700],
    ["bytes that are no text", Uint8Array.from([0x22, 0xff, 0xfe, 0x22]), undefined, -32_700],
    ["null", "null", undefined, -32_600],
    ["a list", "[]", undefined, -32_600],
    ["a number", "1", undefined, -32_600],
    ["an object of something else", `{"a":"${SECRET}"}`, undefined, -32_600],
    ["no version", '{"id":7,"method":"tools/list"}', 7, -32_600],
    ["parameters in a list", '{"jsonrpc":"2.0","id":"a","method":"tools/list","params":[1]}', "a", -32_600],
    ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"tools/list"}', undefined, -32_600],
    ["10 MB", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"text":"${"x".repeat(10 * MIB)}"}}`, undefined, -32_600],
  ])("answers a line that is no message (%s), and serves the next", async (_, line, id, code) => {
    server.write(line);
    expect(await server.next()).toEqual({
      ...(id === undefined ? {} : { id }),
      error: { code, message: expect.stringMatching(/\. Send /) as string },
    });
    await expectServing();
  });

  it("passes over empty lines, and takes a message that comes byte by byte with a line of Windows", async () => {
    server.write("");
    server.write("  \r");
    const params = era === "modern" ? { _meta: META } : {};
    for (const byte of Buffer.from(JSON.stringify({ jsonrpc: "2.0", id: "bytes", method: "tools/list", params }))) {
      server.child.stdin?.write(Uint8Array.of(byte));
      await new Promise(setImmediate);
    }
    server.write("\r");
    expect(await server.next()).toMatchObject({ id: "bytes", result: { tools: expect.any(Array) as unknown[] } });
  });

  it.each([
    ["no/such", {}, -32_601],
    ["tools/call", {}, -32_602],
    ["tools/call", { name: "constructor", arguments: {} }, -32_602],
    ["prompts/get", { name: "__proto__" }, -32_602],
    ["resources/read", { uri: "wf://runs/%zz/timeline" }, -32_602],
    [era === "legacy" ? "resources/subscribe" : "subscriptions/listen", {}, -32_602],
  ])("refuses %s with %j, and serves the next", async (method, params, code) => {
    const message = expect.stringMatching(/\. (Send|Use|Correct|Read) .*\.$/) as string;
    expect((await server.ask(method, params)).error).toEqual({ code, message });
    await expectServing();
  });

  it("is not stopped by replies to nothing, and repeats nothing of what was sent in its log", async () => {
    server.write(JSON.stringify({ jsonrpc: "2.0", id: 99, result: { text: SECRET } }));
    server.write(JSON.stringify({ jsonrpc: "2.0", id: 98, error: { code: 1, message: SECRET } }));
    server.write(JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 77, reason: SECRET } }));
    await expectServing();
    expect(server.errors).not.toContain(SECRET);
    for (const line of server.errors.split("\n")) expect(line.length).toBeLessThan(300);
  });

  it("ends with 0 when its client goes in the middle of a line", async () => {
    server.child.stdin?.write('{"jsonrpc":"2.0","id":1,"meth');
    expect(await server.end()).toBe(0);
  });
});
