// Where a person decides a gate: on the approvers' page where there is one, and by the command line. Both are told as bare addresses, which open nothing by
// themselves: whoever follows them has yet to say who they are.

import { ConfigError } from "../src/index.ts";
import { decideCommand } from "./decide-command.ts";

/** What a surface knows of the ways to a decision. */
export interface Ways {
  /** How a person calls the command line. */
  readonly program: string;
  /** Where the approvers' page is, without a slash at its end; undefined where there is none. */
  readonly approvalUrl?: string | undefined;
}

/** Where one gate is decided. */
export interface WhereDecided {
  readonly command: string;
  /** The gate on the approvers' page. */
  readonly url?: string;
}

const URL_LIMIT = 2_000;

/** Where the gate at `path` is decided; a path too long for an address is chosen on the page's first view. */
export function whereDecided({ program, approvalUrl }: Ways, run: string, path: string): WhereDecided {
  const command = decideCommand(program, run, path);
  if (approvalUrl === undefined) return { command };
  const url = `${approvalUrl}/runs/${encodeURIComponent(run)}/gates/${encodeURIComponent(path.toWellFormed())}`;
  return { command, url: url.length > URL_LIMIT ? approvalUrl : url };
}

/** What a person does to decide, told to that person; or, as `their`, to whoever tells them. */
export function tellPerson({ command, url }: WhereDecided, whose: "your" | "their" = "your"): string {
  return `${url === undefined ? "" : `open ${url} and sign in, or `}run \`${command}\` in ${whose} own terminal`;
}

/** The same, told about that person. */
export function tellAboutPerson({ command, url }: WhereDecided): string {
  return `a person ${url === undefined ? "" : `opens ${url} and signs in, or `}runs \`${command}\` in their own terminal`;
}

/** The address of the approvers' page as it is put before paths. @throws ConfigError `bad_approval_url` for one that is no plain http or https address */
export function checkedApprovalUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!isPlain || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new ConfigError("bad_approval_url", "the address of the approvers' page is no plain http or https address", {
      fix: "Give one like http://127.0.0.1:4180, without name, password, query or fragment: agents are told it.",
    });
  return url.href.replace(/\/+$/, "");
}
