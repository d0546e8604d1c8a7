// What `kindling/web` gives to others: runs started, asked for and cancelled over HTTP; and the page on which people decide gates.

export { remoteCalls, type RemoteCallsOptions } from "./run-calls.ts";
export { serveRemote, type RemoteServer, type ServeRemoteOptions } from "./serve-remote.ts";
export type { ApprovalEvent } from "./approval-pages.ts";
export { hashPassphrase } from "./passphrase.ts";
export { serveApprovals, type ApprovalServer, type ServeApprovalsOptions } from "./serve-approvals.ts";
