// What `kindling/mcp-tools` offers: the tools of other MCP servers for `llm` nodes, and what pulls and checks them.

export { checkMcpServer, type McpCheckOptions, type McpServerCheck, type McpToolCheck, type McpToolPin } from "./check-server.ts";
export { gatherMcpServers, type McpServer } from "./declared.ts";
export { lockMcpServers } from "./lock-servers.ts";
export { mcpTools, type McpAllowed, type McpCallOptions, type McpToolOptions, type McpToolsOptions } from "./mcp-tools.ts";
export { pinHash as mcpToolHash } from "./pin.ts";
export type { FromEnvironment, McpAddress, McpCommand, McpPlace } from "./place.ts";
