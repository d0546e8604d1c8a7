// How a call is ended that nobody ends, and that nothing of it stays open; sockets and servers are real. The providers' own limits are in the
// conformance suite.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { limitCall } from "../../../providers/http/call-limits.ts";
import { abortError, networkError } from "../../../providers/http/errors.ts";
import { patientDispatcher } from "../../../providers/http/patient-dispatcher.ts";
import { openai } from "../../../providers/openai.ts";
import { failureOf } from "../../conformance/provider.ts";

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${String(typeof address === "object" ? address?.port : "")}`;
}

const never = (): AbortSignal => new AbortController().signal;

describe("limitCall", () => {
  it("closing it closes what is still open", async () => {
    const { promise: left, resolve } = Promise.withResolvers<void>();
    const origin = await serve((_request, response) => {
      response.on("close", () => resolve());
      response.write("a");
    });
    const call = limitCall("x", { signal: never() });
    const response = await call.fetch(origin);
    await response.body?.getReader().read();
    call.close();
    await left;
  });

  it("the caller's own reason goes before a limit", async () => {
    const controller = new AbortController();
    const call = limitCall("x", { signal: controller.signal, limits: { idleMs: 60_000, totalMs: 60_000 } });
    onTestFinished(call.close);
    controller.abort(new Error("enough"));
    expect(abortError("x", call.signal)).toMatchObject({ code: "aborted" });
  });

  it.each([-1, Number.NaN, "5m" as unknown as number])("%s is no time", async (idleMs) => {
    const error = await failureOf(openai({ id: "x", baseURL: "http://127.0.0.1:9", timeouts: { idleMs } }));
    expect(error).toMatchObject({ code: "not_configured", fix: "Give milliseconds, or 0 for no limit." });
    expect(error.message).toBe(`x: timeouts.idleMs is ${idleMs}, which is no time`);
  });

  it("0 is no limit, and a day is one", async () => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    limitCall("x", { signal: never(), limits: { idleMs: 0, totalMs: 0 } }).close();
    expect(timers).not.toHaveBeenCalled();
    limitCall("x", { signal: never(), limits: { totalMs: 86_400_000 } }).close();
    expect(timers).toHaveBeenCalledTimes(1);
    timers.mockRestore();
  });

  it("an answer keeps its status, its headers and its bytes", async () => {
    const origin = await serve((_request, response) => response.writeHead(418, { "x-one": "1" }).end("täa"));
    const call = limitCall("x", { signal: never() });
    onTestFinished(call.close);
    const response = await call.fetch(origin, { method: "POST", body: "b" });
    expect([response.status, response.headers.get("x-one"), await response.text()]).toEqual([418, "1", "täa"]);
    expect(call.endedInLine()).toBe(true);
  });
});

describe("a reply without end", () => {
  it("is no reply: one byte more than the limit ends it, and closes the socket", async () => {
    const { promise: left, resolve } = Promise.withResolvers<void>();
    const origin = await serve((_request, response) => {
      response.on("close", () => resolve());
      response.write("x".repeat(10));
      setTimeout(() => response.write("y"), 20);
    });
    const whole = limitCall("x", { signal: never(), replyBytes: 11 });
    onTestFinished(whole.close);
    const { body } = await whole.fetch(origin);
    const pieces: string[] = [];
    const decoder = new TextDecoder();
    for await (const piece of body as ReadableStream<Uint8Array>) if (pieces.push(decoder.decode(piece)) === 2) break;
    expect(pieces).toEqual(["xxxxxxxxxx", "y"]);

    const call = limitCall("x", { signal: never(), replyBytes: 10 });
    const response = await call.fetch(origin);
    await expect(response.text()).rejects.toMatchObject({
      code: "protocol",
      retryable: false,
      message: "x: the reply is larger than 10 bytes",
    });
    call.close();
    await left;
  });
});

describe("Node's own five minutes", () => {
  it("are lifted for a call that may be silent for longer, and only for those", () => {
    expect(patientDispatcher(300_000)).toEqual({});
    expect(patientDispatcher(1)).toEqual({});
    const { dispatcher } = patientDispatcher(300_001);
    expect(dispatcher).toBeDefined();
    expect(patientDispatcher(0).dispatcher).toBe(dispatcher);
  });

  it("the call works with them lifted", async () => {
    const origin = await serve((_request, response) => response.end("ok"));
    const call = limitCall("x", { signal: undefined, limits: { idleMs: 0 } });
    onTestFinished(call.close);
    expect(await (await call.fetch(origin)).text()).toBe("ok");
  });

  it("they are lifted for the first call of a process, too", async () => {
    const module = new URL("../../../providers/http/patient-dispatcher.ts", import.meta.url).href;
    const script = `import { patientDispatcher } from ${JSON.stringify(module)}; console.log(patientDispatcher(0).dispatcher?.constructor.name);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
    expect(stdout.trim()).toBe("Agent");
  });

  it("a dispatcher that cannot be made anew is left alone", () => {
    const shared = Symbol.for("undici.globalDispatcher.1");
    const before: unknown = Reflect.get(globalThis, shared);
    class ProxyAgent {}
    Reflect.set(globalThis, shared, new ProxyAgent());
    onTestFinished(() => void Reflect.set(globalThis, shared, before));
    expect(patientDispatcher(0)).toEqual({});
  });

  it("reached with a fetch of one's own, are a timeout with its cure", async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(": still thinking\n\n");
    });
    const { dispatcher: patient } = patientDispatcher(0);
    if (patient === undefined) throw new Error("this fetch has no dispatcher");
    // One of the same kind with a limit that a test can wait for.
    const impatient = Reflect.construct(patient.constructor, [{ bodyTimeout: 50 }]) as typeof patient;
    const provider = openai({ id: "slow", baseURL: origin, fetch: (input, init) => fetch(input, { ...init, dispatcher: impatient }) });
    expect(await failureOf(provider)).toMatchObject({
      code: "timeout",
      retryable: true,
      fix: expect.stringContaining("timeouts: { idleMs }") as unknown,
    });
    const cause = Object.assign(new TypeError("fetch failed"), {
      cause: Object.assign(new Error("late"), { code: "UND_ERR_HEADERS_TIMEOUT" }),
    });
    expect(networkError("x", cause)).toMatchObject({ code: "timeout" });
  });
});
