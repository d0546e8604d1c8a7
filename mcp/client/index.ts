// What `kindling/mcp-tools` offers: the tools of other MCP servers for `llm` nodes, and what pulls and checks them.

export { checkMcpServer, type McpServerCheck, type McpToolCheck, type McpToolPin } from "./check-server.ts";
export { gatherMcpServers, type McpServer } from "./declared.ts";
export { mcpTools, type McpAllowed, type McpCallOptions, type McpToolOptions, type McpToolsOptions } from "./mcp-tools.ts";
export type { FromEnvironment, McpAddress, McpCommand, McpPlace } from "./place.ts";
