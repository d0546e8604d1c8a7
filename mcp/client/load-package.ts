// The package that speaks MCP as a client: loaded with the first call, so that defining a contract costs nothing, and told of when it is not installed.

import { ConfigError } from "../../src/index.ts";

const PACKAGE = "@modelcontextprotocol/client";

/** Imports a part of it. @throws ConfigError `package_missing` */
export async function loadPackage<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    if (!isMissing) throw error;
    throw new ConfigError("package_missing", `the package ${PACKAGE} is not installed`, { fix: `npm install ${PACKAGE}`, cause: error });
  }
}
