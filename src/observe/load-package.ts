// How a package is loaded that only some projects have: when it is used and never at import, so that nobody pays for what they do not use.

import { ConfigError } from "../index.ts";

/** Imports a package. @throws ConfigError `package_missing` when it, or one that it needs, is not installed */
export async function loadPackage<Package>(wanted: string, load: () => Promise<Package>): Promise<Package> {
  try {
    return await load();
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    if (!isMissing) throw error;
    const [, name = wanted] = /Cannot find package '([^']+)'/.exec(error.message) ?? [];
    throw new ConfigError("package_missing", `the package ${name} is not installed`, { fix: `npm install ${name}`, cause: error });
  }
}
