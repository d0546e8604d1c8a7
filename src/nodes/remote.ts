// Runs a contract on another Kindling. While it works or waits there, nothing of the node stays in memory here; when this run ends first, that one is cancelled.

import { toMilliseconds, type Duration } from "../graph/duration.ts";
import type { Behaviour, NodeFinding } from "../graph/graph.ts";
import type { MaybePromise, Needs, Node } from "../graph/node.ts";
import { CallAgain, type CallContext, type NeedValues } from "../graph/work.ts";
import { hashJson, toJson, type JsonObject } from "../json.ts";
import { check, describeIssues, outputSchemaOf, type InferOutput, type Schema } from "../schema.ts";
import { CALL_FORMS, NEEDS, optional, type KindForm } from "./form.ts";
import { badOption, checkCallOptions, checkDuration, retryPolicy, schemaDetail, type CallOptions, type NodeKind } from "./kind.ts";
import { askRemote, cancelRemote, RemoteError, startRemote, type RemoteRun, type RemoteServer } from "./remote-calls.ts";

export interface RemoteOptions<S extends Schema> extends CallOptions {
  /** Where the other Kindling answers: http or https. */
  readonly url: string;
  /** The name of the contract there. */
  readonly contract: string;
  /** Its inputs. */
  readonly needs: Needs;
  /** What it must give; without it the node's value is whatever it gives. */
  readonly output?: S;
  /** Headers of every call, such as an authorization. Asked for each call and never recorded. */
  readonly headers?: () => MaybePromise<Readonly<Record<string, string>>>;
  /** How soon it is asked again while it works or waits there; doubles up to 1 minute. Default 1 s. */
  readonly poll?: Duration;
  /** For one exchange with the other server, not for the run there. Default 1 minute. */
  readonly timeout?: Duration;
}

export interface RemoteMethods {
  /**
   * Starts a run of a contract on another server (`kindling/web` there), under a key of this node, and takes what it gives, however long that takes. Faults on
   * the way are tried again, 5 times in a row unless `retry` says otherwise. When this run ends before it, the run there is cancelled.
   */
  remote<S extends Schema = Schema>(name: string, options: RemoteOptions<S>): Node<InferOutput<S>>;
}

const DEFAULT_ATTEMPTS = 5;
const DEFAULT_POLL_MS = 1_000;
const LONGEST_POLL_MS = 60_000;
const DEFAULT_TIMEOUT_MS = 60_000;
/** A run that is this quick needs to be asked for only once. */
const FIRST_WAIT_MS = 1_000;

/** The options as the calls need them, without the author's types. */
interface Remote {
  readonly name: string;
  readonly url: string;
  readonly contract: string;
  readonly output: Schema | undefined;
  readonly headers: () => MaybePromise<Readonly<Record<string, string>>>;
  readonly pollMs: number;
}

export const remote: NodeKind<RemoteMethods> = {
  kind: "remote",
  methods: ({ declare }) => ({
    remote: (name, options) => {
      const { url, contract, output, headers = () => ({}), poll = DEFAULT_POLL_MS, timeout = DEFAULT_TIMEOUT_MS } = options;
      const there: Remote = { name, url, contract, output, headers, pollMs: toMilliseconds(poll) ?? DEFAULT_POLL_MS };
      return declare({
        kind: "remote",
        name,
        needs: options.needs,
        options,
        behaviour: {
          work: {
            type: "call",
            outside: true,
            // An exchange that is cut off may have started a run there that nobody would know of.
            patient: true,
            resource: () => `remote:${url}`,
            run: (needs, context) => follow(there, needs, context),
            takesBack: "begun",
            compensate: (_needs, _value, context) => cancel(there, context),
          },
          detail: { url, contract, output: output === undefined ? null : schemaDetail(output) },
          picture: { shape: "world", lines: [contract, hostOf(url)] },
          ...schemaGives(output),
          declared: () => options,
          always: false,
          onChange: "again",
          timeoutMs: toMilliseconds(timeout),
          retry: retryPolicy(options.retry, DEFAULT_ATTEMPTS),
          check: () => [...checkCallOptions(options), ...checkDuration("poll", options.poll, 1), ...checkAddress(options)],
        },
      });
    },
  }),
};

async function follow(there: Remote, needs: NeedValues, context: CallContext): Promise<unknown> {
  const server = await serverOf(there, context);
  const { idempotencyKey, renewal } = context;
  const inputs = plain(needs);
  const request = hashJson([there.contract, inputs]);
  const before = startedBefore(there, context);
  let run = before?.there;
  let answer: RemoteRun | undefined;
  if (before !== undefined && before.request !== request) {
    await cancelRemote(server, before.there, "the inputs were updated");
    run = undefined;
  } else if (run !== undefined) {
    answer = await askRemote(server, run);
    // It ended so before this node was tried again.
    if (before?.renewal !== renewal && (answer.status === "failed" || answer.status === "cancelled")) run = undefined;
  }
  if (run === undefined || answer === undefined) {
    run = await startRemote(server, { contract: there.contract, inputs, idempotencyKey });
    await context.record({ type: "remote.started", url: there.url, there: run, request, renewal });
    answer = await askRemote(server, run, FIRST_WAIT_MS);
  }
  if (answer.status === "running" || answer.status === "waiting") {
    const afterMs = Math.min(there.pollMs * 2 ** Math.min(context.attempt - 1, 20), LONGEST_POLL_MS);
    return new CallAgain(afterMs, `${run} on ${hostOf(there.url)} is ${answer.status}`);
  }
  return valueOf(there, run, answer);
}

async function valueOf({ name, url, output }: Remote, run: string, { status, outputs, error }: RemoteRun): Promise<unknown> {
  if (status !== "succeeded") {
    throw new RemoteError(
      `remote_${status}`,
      `run ${run} on ${url} ${status === "failed" ? "failed" : "was cancelled"}: ${error?.message ?? "no reason given"}`,
      {
        retryable: false,
        details: { run, url, ...(error === undefined ? {} : { code: error.code }) },
      },
    );
  }
  if (output === undefined) return outputs;
  const checked = await check(output, outputs);
  if (checked.ok) return checked.value;
  throw new RemoteError(
    "remote_output_invalid",
    `remote "${name}": what run ${run} on ${url} gave does not fit output: ${describeIssues(checked.issues)}`,
    {
      retryable: false,
      fix: "Make output fit what the contract there gives.",
      details: { run, url },
    },
  );
}

async function cancel(there: Remote, context: CallContext): Promise<void> {
  const run = startedBefore(there, context);
  if (run !== undefined) await cancelRemote(await serverOf(there, context), run.there, "the run that started it has ended");
}

/** The run that was started for this node; one on a server that the contract no longer names is left alone. */
function schemaGives(output: Schema | undefined): Pick<Behaviour, "gives"> {
  const gives = output === undefined ? undefined : outputSchemaOf(output);
  return gives === undefined ? {} : { gives };
}

function startedBefore({ url }: Remote, { journal }: CallContext): StartedThere | undefined {
  const started = journal.findLast((entry) => entry.type === "remote.started" && entry.url === url);
  return started?.type === "remote.started" ? started : undefined;
}

type StartedThere = Extract<CallContext["journal"][number], { readonly type: "remote.started" }>;

async function serverOf({ url, headers }: Remote, context: CallContext): Promise<RemoteServer> {
  return { url, headers: { ...context.trace, ...(await headers()) }, fetch: context.fetch, signal: context.signal };
}

/** Revived values (a collection's result) as the JSON they were recorded as. */
function plain(needs: NeedValues): JsonObject {
  const json = toJson(JSON.parse(JSON.stringify(needs)));
  // Every value among the needs was recorded, so it is JSON.
  return json.ok ? (json.value as JsonObject) : {};
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

function checkAddress<S extends Schema>({ url, contract, headers }: RemoteOptions<S>): NodeFinding[] {
  const findings: NodeFinding[] = [];
  const address = typeof url === "string" && URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !["http:", "https:"].includes(address.protocol))
    findings.push(badUrl(`url is ${JSON.stringify(url)}`, 'Give an address such as "https://kindling.example.com".'));
  else if (address.username !== "" || address.password !== "")
    findings.push(
      badUrl("url holds a user or a password, which would be recorded", "Give headers: () => ({ authorization: … }), which are not."),
    );
  else if (address.search !== "" || address.hash !== "")
    findings.push(badUrl(`url is ${JSON.stringify(url)}, and the calls are paths below it`, "Leave out what stands behind ? or #."));
  if (typeof contract !== "string" || contract === "") findings.push(badOption("contract is empty", "Name the contract that runs there."));
  if (headers !== undefined && typeof headers !== "function")
    findings.push(badOption("headers is no function", "Give headers: () => ({ authorization: … }); it is asked for each call."));
  return findings;
}

function badUrl(message: string, hint: string): NodeFinding {
  return { code: "bad_url", severity: "error", message, hint };
}

export const remoteForm: KindForm = {
  about: "Runs a contract on another Kindling server; the needs are its inputs.",
  options: {
    url: { type: "text" },
    contract: { type: "text" },
    needs: NEEDS,
    output: optional({ type: "schema" }),
    poll: optional({ type: "duration" }),
    headers: optional({
      type: "code",
      cure: "Headers may hold secrets: declare the node in a contract written in code, and run that as a child.",
    }),
    ...CALL_FORMS,
  },
  declare: (g, name, options) => g.remote(name, options),
};
