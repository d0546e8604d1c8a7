// Tools that the suites call for what a server says in the middle of a call: log, progress, changed lists, a stream that ends early.

import { setTimeout as sleep } from "node:timers/promises";
import type { McpServer, ServerEventBus } from "@modelcontextprotocol/server";
import { saying } from "./content.ts";

const PAUSE_MS = 20;

/** Puts these tools on a server. */
export function addNoticeTools(server: McpServer, bus: ServerEventBus | undefined): void {
  server.server.registerCapabilities({ logging: {}, tools: { listChanged: true }, prompts: { listChanged: true } });
  server.registerTool("test_tool_with_logging", { description: "Logs three times" }, async ({ mcpReq }) => {
    for (const text of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
      // oxlint-disable-next-line typescript/no-deprecated -- the suites ask for what the protocol is about to lose
      await mcpReq.log("info", text);
      await sleep(PAUSE_MS);
    }
    return saying("logged");
  });
  server.registerTool("test_logging_tool", { description: "Logs if it was asked to" }, async ({ mcpReq }) => {
    // oxlint-disable-next-line typescript/no-deprecated -- as above
    await mcpReq.log("info", "said to whoever asked for it");
    return saying("ok");
  });
  server.registerTool("test_tool_with_progress", { description: "Tells its progress" }, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total: 100 } });
      await sleep(PAUSE_MS);
    }
    return saying(String(progressToken ?? "no token"));
  });
  server.registerTool("test_reconnection", { description: "Ends its stream before it answers" }, async ({ http }) => {
    http?.closeSSE?.();
    await sleep(5 * PAUSE_MS);
    return saying("Reconnection test completed successfully");
  });
  server.registerTool("test_trigger_tool_change", { description: "Says that tools have changed" }, () => {
    bus?.publish({ kind: "tools_list_changed" });
    return saying("changed");
  });
  server.registerTool("test_trigger_prompt_change", { description: "Says that prompts have changed" }, () => {
    bus?.publish({ kind: "prompts_list_changed" });
    return saying("changed");
  });
}
