// How a provider gets its SDK and its configuration: at the first call and
// never at import, so that nobody pays for a provider they do not use.

import { createRequire } from "node:module";
import { ModelError, type Readiness } from "../../src/index.ts";

/** What the providers over HTTP have in common. */
export interface HttpOptions {
  /** In place of the global `fetch`, which is looked up at every call. */
  readonly fetch?: typeof globalThis.fetch;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Imports an SDK. @throws ModelError `not_configured` when it is not installed */
export async function loadSdk<Sdk>(provider: string, packageName: string, load: () => Promise<Sdk>): Promise<Sdk> {
  try {
    return await load();
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
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
  if (address === undefined || (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol))) return { ready: true };
  return {
    ready: false,
    message: `${provider}: the address ${JSON.stringify(address)} is not a URL`,
    fix: `Correct ${source}; it looks like https://host or https://host/v1.`,
  };
}

/** The given fetch, or the global one as it is at the moment of the call: SDKs would keep the one they find when they are made. */
export function lateFetch(given: typeof globalThis.fetch | undefined): typeof globalThis.fetch {
  return given ?? ((input, init) => globalThis.fetch(input, init));
}

function missing(provider: string, packageName: string): { readonly message: string; readonly fix: string } {
  return { message: `${provider}: the package ${packageName} is not installed`, fix: `npm install ${packageName}` };
}
