// What `kindling/mcp` offers: the server as a factory, as a function over HTTP, and the two ways to serve it.

export { mcpHttp, type McpHttp, type McpHttpOptions } from "./http.ts";
export type { McpPrincipal } from "./principal.ts";
export { serveMcpHttp, type McpHttpServer, type ServeMcpHttpOptions } from "./serve-http.ts";
export { createMcpServer, type McpOptions } from "./server.ts";
export { serveMcp, type ServeOptions } from "./stdio.ts";
