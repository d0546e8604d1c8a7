// How a provider gets its SDK and its configuration: at the first call and
// never at import, so that nobody pays for a provider they do not use.

import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { ModelError, type Readiness } from "../../src/index.ts";
import type { TimeLimits } from "./call-limits.ts";
import type { CapabilityOverrides } from "./capability-table.ts";

/** What the providers over HTTP have in common. */
export interface HttpOptions {
  /** In place of the global `fetch`, which is looked up at every call. */
  readonly fetch?: typeof globalThis.fetch;
  /** Sent with every request. Those of a call go before them. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long a call may take. Default: 5 minutes of silence, 1 hour in all. */
  readonly timeouts?: TimeLimits;
  /** What is known of the models better than here: for servers of one's own, and where a rule of this package is out of date. */
  readonly capabilities?: CapabilityOverrides;
}

/** Imports an SDK. @throws ModelError `not_configured` when it is not installed */
export async function loadSdk<Sdk>(provider: string, packageName: string, load: () => Promise<Sdk>): Promise<Sdk> {
  try {
    return await load();
  } catch (error) {
    // A package that is there and lacks one of its own is broken, which installing it would not mend.
    const isMissing =
      error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND" && error.message.includes(`'${packageName}'`);
    if (!isMissing) throw error;
    const { message, fix } = missing(provider, packageName);
    throw new ModelError("not_configured", message, { provider, retryable: false, fix, cause: error });
  }
}

/** Ready when the package can be found; it is not loaded. */
export function sdkReadiness(provider: string, packageName: string, entry = packageName): Readiness {
  try {
    createRequire(import.meta.url).resolve(entry);
    return { ready: true };
  } catch {
    // Not to be found is the answer, not a failure.
    return { ready: false, ...missing(provider, packageName) };
  }
}

/** Throws what `readiness()` says is missing. */
export function requireReady(provider: string, readiness: Readiness): void {
  if (!readiness.ready) throw new ModelError("not_configured", readiness.message, { provider, retryable: false, fix: readiness.fix });
}

/** Reads an environment variable now; an empty one counts as unset. */
export function environment(name: string): string | undefined {
  return process.env[name]?.trim() || undefined;
}

/** Ready when the address is one of HTTP, or when there is none to judge. `localhost:8080` is a URL too, of a protocol "localhost". */
export function addressReadiness(provider: string, address: string | undefined, source: string): Readiness {
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && (url.username !== "" || url.password !== ""))
    return {
      ready: false,
      message: `${provider}: the address of ${url.host} holds a user's name or password, which fetch refuses`,
      fix: `Take them out of ${source}, and give them as \`headers: { authorization: … }\`.`,
    };
  if (address === undefined || (url !== undefined && /^https?:$/.test(url.protocol))) return { ready: true };
  return {
    ready: false,
    message: `${provider}: the address ${JSON.stringify(address)} is not a URL`,
    fix: `Correct ${source}; it looks like https://host or https://host/v1.`,
  };
}

/** What calls are counted under at an API: tells two keys or two servers apart, and neither can be read from it. */
export function accountHash(address: string, key: string | undefined): string {
  return createHash("sha256")
    .update(`${address}\n${key ?? ""}`)
    .digest("hex")
    .slice(0, 16);
}

function missing(provider: string, packageName: string): { readonly message: string; readonly fix: string } {
  return { message: `${provider}: the package ${packageName} is not installed`, fix: `npm install ${packageName}` };
}
