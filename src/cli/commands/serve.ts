// `serve`: the page on which approvers decide gates, on a port of this machine, until Ctrl-C. Standard output has its address alone.

import type { ApprovalEvent } from "../../web/index.ts";
import type { Answer } from "../answer.ts";
import { type GlobalOptions, openProject } from "../project.ts";
import { UsageError } from "../problem.ts";
import type { Shell } from "../shell.ts";
import { clock } from "../view/moment.ts";
import { visible } from "../view/visible.ts";

/** What `serve` takes. */
export interface ServeOptions extends GlobalOptions {
  readonly port?: string;
  readonly host?: string;
  readonly publicUrl?: string;
}

const PORT = 4180;

/** Serves until a signal comes. @throws UsageError `bad_option`; ConfigError `no_approvers`, `bad_passphrase_hash`, `public_url_required`, `bad_public_url`, `cannot_listen` */
export async function serve(shell: Shell, options: ServeOptions): Promise<Answer> {
  const { serveApprovals } = await import("../../web/index.ts");
  await using project = await openProject(shell, options, "shared");
  const { paint } = shell.err;
  const tell = (line: string) => void shell.err.write(`${paint("faint", clock(shell.now()))}  ${visible(line)}\n`);
  const server = await serveApprovals(project.kindling, {
    approvers: project.loaded.config.approvers ?? [],
    port: portOf(options.port),
    command: shell.program,
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
    onEvent: (event) => tell(lineOf(event)),
    onError: (error) => tell(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
  });
  try {
    const { url } = server;
    if (options.json !== true) await shell.out.write(`${url}\n`);
    await shell.err.write(`the approval page is at ${options.publicUrl ?? url} until Ctrl-C\n`);
    await aborted(shell.signal);
    return { ok: true, result: { url }, lines: [] };
  } finally {
    await server.close();
  }
}

/** @throws UsageError `bad_option` */
function portOf(text: string | undefined): number {
  if (text === undefined) return PORT;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port < 65_536) return port;
  throw new UsageError("bad_option", `--port ${text} is no port`, { fix: "Give a number from 0 to 65535; 0 takes any free one." });
}

function lineOf(event: ApprovalEvent): string {
  switch (event.type) {
    case "signedIn":
      return `${event.approver} signed in`;
    case "signedOut":
      return `${event.approver} signed out`;
    case "signInRefused":
      return `a sign-in${event.approver === undefined ? "" : ` as ${event.approver}`} was refused: ${REASONS[event.reason]}`;
    case "counted":
      return `${event.approver} said something at ${event.path} of ${event.run}, which takes more people`;
    case "decided":
      return `${event.approver} decided ${event.path} of ${event.run}`;
  }
}

const REASONS = { wrong: "wrong name or passphrase", tooSoon: "too soon after wrong ones", busy: "too many at once" } as const;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener("abort", () => done(), { once: true });
  });
}
