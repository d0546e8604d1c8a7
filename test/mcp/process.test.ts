// How the server process behaves as a process: what it prints, and how it ends.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { emptyFolder, SERVER_FLAGS } from "./mcp-process.ts";

const HANDSHAKE = [
  {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
  },
  { jsonrpc: "2.0", method: "notifications/initialized" },
  {
    jsonrpc: "2.0",
    id: 2,
    method: "tools/call",
    params: { name: "start_workflow", arguments: { workflow: "collect-sources", input: {}, wait_seconds: 10 } },
  },
];

interface Server {
  readonly child: ChildProcess;
  readonly printed: () => string;
  /** Resolves when the standard output holds the text. */
  readonly until: (text: string) => Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

async function startServer(folder: string): Promise<Server> {
  const child = spawn(process.execPath, [...SERVER_FLAGS, folder], { stdio: ["pipe", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const ended = new Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  const until = async (text: string) => {
    while (!printed.includes(text)) await once(child.stdout, "data");
  };
  for (const message of HANDSHAKE) child.stdin.write(`${JSON.stringify(message)}\n`);
  await until('"id":2');
  return { child, printed: () => printed, until, ended };
}

describe("the server process", () => {
  it("ends with 0 soon after the end of its input, while a wait is under way and the run is kept", async () => {
    const folder = await emptyFolder();
    const { child, ended, printed } = await startServer(folder);
    const id = /run_[0-9a-z]{8,}/.exec(printed())?.[0];
    child.stdin?.write(
      `${JSON.stringify({ jsonrpc: "2.0", id: 3, method: "tools/call", params: { name: "get_run", arguments: { run_id: id, wait_for: "end", wait_seconds: 50 } } })}\n`,
    );
    child.stdin?.end();
    expect(await ended).toEqual({ code: 0, signal: null });

    const again = await startServer(folder);
    again.child.stdin?.write(
      `${JSON.stringify({ jsonrpc: "2.0", id: 4, method: "tools/call", params: { name: "get_run", arguments: { run_id: id } } })}\n`,
    );
    await again.until('"id":4');
    expect(
      again
        .printed()
        .split("\n")
        .find((line) => line.includes('"id":4')),
    ).toContain("awaiting");
    again.child.stdin?.end();
    await again.ended;
  });

  it("ends with 0 on SIGINT while its input stays open", async () => {
    const { child, ended } = await startServer(await emptyFolder());
    child.kill("SIGINT");
    expect(await ended).toEqual({ code: 0, signal: null });
  });

  it("ends when nobody reads what it says any more", async () => {
    const { child, ended } = await startServer(await emptyFolder());
    child.stdout?.destroy();
    child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id: 3, method: "tools/list" })}\n`);
    child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id: 4, method: "tools/list" })}\n`);
    expect((await ended).code).toBe(0);
  });

  it("prints nothing but messages of the protocol", async () => {
    const { child, ended, until, printed } = await startServer(await emptyFolder());
    const id = /run_[0-9a-z]{8,}/.exec(printed())?.[0];
    const params = { name: "deliver_event", arguments: { run_id: id, await_id: "sources", payload: { urls: ["a"] } } };
    child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id: 3, method: "tools/call", params })}\n`);
    await until('"id":3');
    child.stdin?.write(
      `${JSON.stringify({ jsonrpc: "2.0", id: 4, method: "tools/call", params: { name: "get_run", arguments: { run_id: id, wait_for: "end", wait_seconds: 10 } } })}\n`,
    );
    await until('"id":4');
    child.stdin?.end();
    await ended;
    for (const line of printed().trimEnd().split("\n")) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
  });
});
