// What `kindling/web` gives to others: runs started, asked for and cancelled over HTTP.

export { remoteCalls, type RemoteCallsOptions } from "./run-calls.ts";
export { serveRemote, type RemoteServer, type ServeRemoteOptions } from "./serve-remote.ts";
