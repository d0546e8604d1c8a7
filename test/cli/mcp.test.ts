// An agent and a person on one project: a real MCP client on `kindling mcp`, and `kindling approve` in another process.

import { exec } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { testProject } from "./command-line.ts";

const LAUNCHER = join(fileURLToPath(new URL("../../", import.meta.url)), "bin", "kindling.js");

interface Answer {
  readonly isError: boolean;
  readonly run: {
    readonly run_id?: string;
    readonly status?: string;
    readonly seq?: number;
    readonly output?: unknown;
    readonly error?: { readonly code: string };
    readonly awaiting?: readonly { readonly await_id: string; readonly decider: string; readonly how: string }[];
  };
}

describe("kindling mcp", () => {
  it("lets an agent start and follow a workflow; a gate is refused to it, and a person approves in another process", async () => {
    const { folder, kindling } = await testProject();
    const client = new Client({ name: "agent", version: "1" });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: ["--conditions=kindling-source", LAUNCHER, "mcp"],
        cwd: folder,
        stderr: "inherit",
      }),
    );
    const call = async (name: string, args: Record<string, unknown>): Promise<Answer> => {
      const { content, isError } = await client.callTool({ name, arguments: args });
      const [part] = Array.isArray(content) ? (content as readonly { readonly text: string }[]) : [];
      return { isError: isError === true, run: JSON.parse(part?.text ?? "{}") as Answer["run"] };
    };
    try {
      const started = await call("start_workflow", { workflow: "article", input: { topic: "Rain" }, wait_seconds: 10 });
      expect(started.run).toMatchObject({ status: "awaiting", awaiting: [{ await_id: "review", decider: "human" }] });
      const id = started.run.run_id ?? "";
      expect(started.run.awaiting?.[0]?.how).toContain(`approve ${id} review`);

      const refused = await call("deliver_event", { run_id: id, await_id: "review", payload: { decision: "approve" } });
      expect(refused).toMatchObject({ isError: true, run: { error: { code: "human_decision_required" } } });

      const waiting = call("get_run", { run_id: id, wait_seconds: 30, wait_for: "change", since_seq: started.run.seq });
      expect(await kindling("approve", id, "review", "--comment", "go")).toMatchObject({ code: 0 });
      await waiting;

      const merged = await call("deliver_event", { run_id: id, await_id: "merged", payload: { sha: "abc1234" } });
      expect(merged.isError).toBe(false);
      const done = await call("get_run", { run_id: id, wait_seconds: 20, wait_for: "end" });
      expect(done.run).toMatchObject({ status: "completed", output: { text: "Rain, in 100 words: approve (go) abc1234" } });
    } finally {
      await client.close();
    }
    expect(await kindling("verify")).toMatchObject({ code: 0 });
  });

  it("tells people a command that holds in any folder, when a client has started it in one of its own", async () => {
    const { folder } = await testProject();
    const config = join(folder, "kindling.config.ts");
    const client = new Client({ name: "agent", version: "1" });
    const elsewhere = {
      cwd: tmpdir(),
      env: { PATH: process.env["PATH"] ?? "", HOME: folder, NODE_OPTIONS: "--conditions=kindling-source" },
    };
    const args = [LAUNCHER, "mcp", "--config", config];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: "inherit", ...elsewhere }));
    try {
      const call = async (name: string, given: Record<string, unknown>) =>
        Structure.parse((await client.callTool({ name, arguments: given })).structuredContent);
      const { run_id } = await call("start_workflow", { workflow: "article", input: { topic: "Rain" }, wait_seconds: 10 });
      const { command = "" } = await call("request_approval", { run_id, await_id: "review" });
      expect(command).toBe(`${process.execPath} ${LAUNCHER} --config ${config} approve ${run_id} review`);
      await promisify(exec)(command, elsewhere);
      expect(await call("request_approval", { run_id, await_id: "review" })).toMatchObject({ state: "approved" });
    } finally {
      await client.close();
    }
  });
});

const Structure = z.looseObject({ run_id: z.string().default(""), command: z.string().optional() });
