// What a request to the page must be before anybody looks at what it says: meant for this server, and when it changes something, sent by one of its own pages.

/** What requests are measured by. */
export interface PageGuard {
  /** Names by which this server is called on its own machine. */
  readonly names: ReadonlySet<string>;
  /** Where people reach it through a server in front of it, such as `https://approvals.example.org`. */
  readonly publicOrigin: string | undefined;
}

/** Why a request goes no further; undefined for one that may. */
export function refusedByGuard(request: Request, { names, publicOrigin }: PageGuard): string | undefined {
  const host = request.headers.get("host") ?? "";
  const origin = originOf(host, names, publicOrigin);
  // Against DNS rebinding: a page on the web that is made to point here carries its own name.
  if (origin === undefined) return "This server is not called by that name.";
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  const from = request.headers.get("origin");
  // Browsers send it with every form. Another port of this machine is another site.
  if (from === null || (from !== origin && from !== publicOrigin)) return "This was not sent by a page of this server.";
  const site = request.headers.get("sec-fetch-site");
  return site === null || site === "same-origin" ? undefined : "This was not sent by a page of this server.";
}

/** The origin of this server's own pages, as the browser that sent this request knows it. */
function originOf(host: string, names: ReadonlySet<string>, publicOrigin: string | undefined): string | undefined {
  if (publicOrigin !== undefined && host === new URL(publicOrigin).host) return publicOrigin;
  const url = URL.parse(`http://${host}`);
  // What is more than a name and a port is no host.
  return url !== null && url.host === host.replace(/:80$/, "") && names.has(url.hostname) ? url.origin : undefined;
}
