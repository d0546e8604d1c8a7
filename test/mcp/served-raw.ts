// One server over HTTP for all tests of a file, and who calls it byte by byte. After every test both eras are still served.

import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { type McpHttpServer, serveMcpHttp } from "../../mcp/index.ts";
import { createRuntime, type Kindling, memoryLedger } from "../../src/index.ts";
import { WORKFLOWS } from "./fixtures/workflows.ts";
import { ERAS } from "./mcp-process.ts";
import { RawHttp } from "./raw-http.ts";

/** What there is while the tests of a file run. */
export interface ServedRaw {
  kindling: Kindling;
  server: McpHttpServer;
  raw: RawHttp;
  /** What the operator was told. */
  readonly told: string[];
}

/** Call it once, outside all tests. `judge` looks after every test at what the operator was told. */
export function serveRaw(token: string, judge: (told: string[]) => void): ServedRaw {
  // Filled before the first test.
  const served = { told: [] as string[] } as unknown as ServedRaw;
  beforeAll(async () => {
    served.kindling = await createRuntime({ contracts: WORKFLOWS, ledger: memoryLedger() });
    served.server = await serveMcpHttp(served.kindling, { token, log: (text) => served.told.push(text) });
    served.raw = new RawHttp(served.server.url, token);
  });
  afterAll(async () => {
    await served.server.close();
    await served.kindling.close();
  });
  afterEach(async () => {
    for (const era of ERAS) expect((await served.raw.call(era, "list_workflows", {})).result).toMatchObject({ structuredContent: {} });
    judge(served.told);
  });
  return served;
}
