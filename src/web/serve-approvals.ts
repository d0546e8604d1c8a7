// The approval page on a port of this machine. Beyond it there must be a server with TLS in front, since passphrases travel as they are.

import { randomBytes } from "node:crypto";
import { type Approver, ConfigError, type Kindling } from "../index.ts";
import { type ApprovalEvent, approvalPages } from "./approval-pages.ts";
import { type HttpServerOptions, serveHttp } from "./http-server.ts";

/** Who may decide, where to listen, and the bounds. */
export interface ServeApprovalsOptions extends HttpServerOptions {
  /** Those with a passphrase can sign in. */
  readonly approvers: readonly Approver[];
  /** `https://approvals.example.org`: where people reach it through a server with TLS in front. Needed to listen on anything but this machine itself. */
  readonly publicUrl?: string;
  /** How people here call the command line, for what is decided there. Default `kindling`. */
  readonly command?: string;
  /** A session ends after so long without a request. Default 30 min. */
  readonly sessionIdleMs?: number;
  /** A session ends so long after it began. Default 8 h. */
  readonly sessionMs?: number;
  /** Hears who signed in and who decided what, for a log. */
  readonly onEvent?: (event: ApprovalEvent) => void;
  /** Hears the errors behind answers with status 500, which say nothing of them. */
  readonly onError?: (error: unknown) => void;
  /** Milliseconds since 1970, for tests. */
  readonly now?: () => number;
}

/** A page that is served. */
export interface ApprovalServer {
  /** `http://127.0.0.1:4180`; a gate is at `<url>/runs/<run>/gates/<path>`, both parts percent-encoded. */
  readonly url: string;
  /** Takes no more requests and answers those that are open. Everybody is signed out; the runtime stays open. */
  close(): Promise<void>;
}

const SESSION_IDLE_MS = 30 * 60_000;
const SESSION_MS = 8 * 60 * 60_000;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/**
 * Serves the approval page: approvers sign in with their passphrases, see which gates are open, and decide them. A decision is recorded with the actor
 * `page:<approver's id>`, assurance `outOfBand`, and the approver's roles.
 *
 * @throws ConfigError `no_approvers`, `bad_passphrase_hash`, `public_url_required`, `bad_public_url`, `cannot_listen`
 * @example const page = await serveApprovals(kindling, { port: 4180, approvers });
 */
export async function serveApprovals(kindling: Kindling, options: ServeApprovalsOptions): Promise<ApprovalServer> {
  const { host = "127.0.0.1", publicUrl, approvers, now = Date.now, onEvent = ignore, onError = ignore } = options;
  const publicOrigin = publicUrl === undefined ? undefined : originOf(publicUrl);
  if (publicOrigin === undefined && !LOOPBACK.test(host))
    throw new ConfigError("public_url_required", `on ${host} passphrases would travel through a network as they are`, {
      fix: "Listen on 127.0.0.1; or put a server with TLS in front, and say what people call it with publicUrl.",
    });
  const answer = approvalPages(kindling, {
    approvers,
    names: new Set(["localhost", "127.0.0.1", "[::1]", host.includes(":") ? `[${host}]` : host]),
    publicOrigin,
    // Cookies do not tell ports apart: each page of a machine needs a name of its own, or one would sign out the other.
    cookie: publicOrigin === undefined ? `kindling_${randomBytes(4).toString("hex")}` : "__Host-kindling",
    command: options.command ?? "kindling",
    now,
    sessionIdleMs: options.sessionIdleMs ?? SESSION_IDLE_MS,
    sessionMs: options.sessionMs ?? SESSION_MS,
    onEvent,
    onError,
  });
  return serveHttp({ answer, busy }, options);
}

/** @throws ConfigError `bad_public_url` */
function originOf(publicUrl: string): string {
  const url = URL.parse(publicUrl);
  if (url?.protocol === "https:" && url.pathname === "/" && url.search === "" && url.hash === "") return url.origin;
  throw new ConfigError("bad_public_url", `the public URL ${publicUrl} is none that the page can be served at`, {
    fix: "Give https:// and a name, without a path: https://approvals.example.org",
  });
}

function busy(): Response {
  return new Response(null, { status: 503, headers: { "retry-after": "1" } });
}

function ignore(): void {
  // Nobody asked to be told.
}
