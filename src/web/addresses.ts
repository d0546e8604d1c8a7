// The addresses of the page, written and read in one place.

/** What an address is of. */
export type Place =
  | { readonly page: "inbox" | "sign-in" | "sign-out" | "style" | "icon" }
  | { readonly page: "run"; readonly run: string }
  | { readonly page: "gate"; readonly run: string; readonly path: string };

const FIXED: Readonly<Record<string, Place>> = {
  "/": { page: "inbox" },
  "/sign-in": { page: "sign-in" },
  "/sign-out": { page: "sign-out" },
  "/style.css": { page: "style" },
  "/icon.svg": { page: "icon" },
};

/** The address of a run. */
export function runAddress(run: string): string {
  return `/runs/${encodeURIComponent(run)}`;
}

/** The address of a gate. Half a character, which keys of items may hold, stands in it as U+FFFD, since addresses hold whole ones. */
export function gateAddress(run: string, path: string): string {
  return `${runAddress(run)}/gates/${encodeURIComponent(path.toWellFormed())}`;
}

/** What is at an address; undefined for one where nothing is. */
export function placeAt(pathname: string): Place | undefined {
  if (Object.hasOwn(FIXED, pathname)) return FIXED[pathname];
  const [, run, path] = /^\/runs\/([^/]+)(?:\/gates\/([^/]+))?$/.exec(pathname)?.map(decoded) ?? [];
  if (run === undefined) return undefined;
  if (path === undefined) return pathname.includes("/gates/") ? undefined : { page: "run", run };
  return { page: "gate", run, path };
}

/** Where somebody goes after signing in: an address of this server that can be looked at, else the inbox. */
export function safeNext(next: string | null): string {
  const url = next === null ? null : URL.parse(next, "http://here");
  const place = url?.host === "here" ? placeAt(url.pathname)?.page : undefined;
  return url !== null && (place === "gate" || place === "run" || place === "inbox") ? `${url.pathname}${url.search}` : "/";
}

/** Undefined for what is no encoded text. */
function decoded(part: string | undefined): string | undefined {
  try {
    return part === undefined ? undefined : decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
