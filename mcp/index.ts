// What `kindling/mcp` gives to others: the contracts of a runtime offered to agents over the Model Context Protocol.

export { serveMcp, type ServeOptions } from "./stdio.ts";
export { createMcpServer, type McpOptions } from "./server.ts";
