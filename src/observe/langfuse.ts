// Langfuse through its current packages: spans by its span processor in a provider of their own, decisions as scores by its client. Both are loaded when a
// runtime opens.

import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Observer } from "../index.ts";
import { type LangfuseAccess, readAccess } from "./langfuse-access.ts";
import { langfuseAttributes, type TraceOf } from "./langfuse-attributes.ts";
import { defaultScore, type ScoreBody, scoreFor, type ScoreOf } from "./langfuse-scores.ts";
import { loadPackage } from "./load-package.ts";
import { type Api, traceTextOf } from "./propagation.ts";
import { SpanTree } from "./span-tree.ts";

/** What is told to Langfuse, and as what. */
export interface LangfuseOptions extends LangfuseAccess {
  /** Tells it apart from other observers of the runtime; recorded with the spans of runs. Default `langfuse`. */
  readonly name?: string;
  /** `production`, `staging`: lower case, as Langfuse wants it. */
  readonly environment?: string;
  readonly release?: string;
  /** True to have what was said to models and by them, redacted. Default false. */
  readonly contents?: boolean;
  /** True to give pure nodes observations of their own. Default false. */
  readonly pureNodes?: boolean;
  /** Users, sessions, tags and names of traces. By default a session is a run, and a trace has the contract's name. */
  readonly trace?: TraceOf;
  /** Makes scores of decisions at gates; false for none. By default what a payload says as `decision`, `approved`, `score` or `rating`. */
  readonly score?: ScoreOf | false;
  /** In place of the one that sends to `baseUrl`. */
  readonly exporter?: SpanExporter;
}

interface Connection {
  readonly api: Api;
  readonly tree: SpanTree;
  readonly score: ((body: ScoreBody) => void) | undefined;
  readonly close: () => Promise<void>;
}

/** Runs end without Langfuse: what it does not take in this time is given up. */
const CLOSE_LIMIT_MS = 10_000;

/**
 * Tells Langfuse of runs: traces with agents, generations (usage, cost, the prompt in Langfuse they were asked with) and tools, and scores of what people decided
 * at gates. It uses a tracer provider of its own, so nothing of it is seen by other exporters, and nothing of theirs by Langfuse.
 *
 * @throws ConfigError `langfuse_not_configured`, and from `createRuntime` `package_missing`, when `@langfuse/otel` or what it needs is not installed
 * @example const kindling = await createRuntime({ contracts, ledger, models, telemetry: [otel(), langfuse({ environment: "production" })] });
 */
export function langfuse(options: LangfuseOptions = {}): Observer {
  const { name = "langfuse", contents = false } = options;
  const access = readAccess(options);
  const scoreOf = options.score ?? defaultScore;
  let connection: Connection | undefined;
  return {
    name,
    contents,
    decisions: scoreOf !== false,
    open: async () => {
      connection = await connect({ ...options, ...access, name, contents });
    },
    observe: (told, content) => {
      if (connection === undefined) return;
      connection.tree.observe(told, content);
      if (told.type !== "wait.closed" || scoreOf === false || content.decision === undefined) return;
      const span = told.earlier[name] ?? connection.tree.spanOf(told.run.id);
      const score = scoreFor(told, span, content.decision, scoreOf);
      if (score !== undefined) connection.score?.(score);
    },
    carry: (place) => {
      const context = connection?.tree.contextAt(place);
      const span = context === undefined ? undefined : connection?.api.trace.getSpanContext(context);
      return span === undefined ? undefined : traceTextOf(span);
    },
    spanOf: (run) => connection?.tree.spanOf(run),
    close: async () => {
      connection?.tree.close();
      await connection?.close();
    },
  };
}

type Wanted = LangfuseOptions & Required<LangfuseAccess> & Required<Pick<LangfuseOptions, "name" | "contents">>;

async function connect(wanted: Wanted): Promise<Connection> {
  const { name, publicKey, secretKey, baseUrl, environment, release, exporter, contents, pureNodes = false, trace = () => ({}) } = wanted;
  const api = await loadPackage("@opentelemetry/api", () => import("@opentelemetry/api"));
  const { BasicTracerProvider } = await loadPackage("@opentelemetry/sdk-trace-base", () => import("@opentelemetry/sdk-trace-base"));
  const { LangfuseSpanProcessor } = await loadPackage("@langfuse/otel", () => import("@langfuse/otel"));
  const processor = new LangfuseSpanProcessor({
    publicKey,
    secretKey,
    baseUrl,
    ...(environment === undefined ? {} : { environment }),
    ...(release === undefined ? {} : { release }),
    ...(exporter === undefined ? {} : { exporter }),
    // What is in a message is told of and not copied, so there are no files to be sent.
    mediaUploadEnabled: false,
  });
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  const telemetry = { api, tracer: provider.getTracer("kindling"), meter: undefined };
  const tree = new SpanTree({ name, telemetry, pureNodes, contents, sums: false, more: (about) => langfuseAttributes(about, trace) });
  const scores = wanted.score === false ? undefined : await scoreSender(wanted);
  return {
    api,
    tree,
    score: scores?.send,
    close: () => within(CLOSE_LIMIT_MS, [provider.shutdown(), ...(scores === undefined ? [] : [scores.sent()])]),
  };
}

/**
 * Sends scores one by one: people decide seldom. The client's own queue (`score.create`) sends to an address that Langfuse gave up in November 2026, and writes an
 * answer that refuses them to the console as it is, though some servers repeat what they were sent.
 */
async function scoreSender({ publicKey, secretKey, baseUrl, environment }: Wanted) {
  const { LangfuseClient } = await loadPackage("@langfuse/client", () => import("@langfuse/client"));
  const { api } = new LangfuseClient({ publicKey, secretKey, baseUrl });
  const underWay = new Set<Promise<void>>();
  const send = (score: ScoreBody) => {
    const body = environment === undefined ? score : { ...score, environment };
    const sending = api.scores.create(body).then(
      () => undefined,
      (error: unknown) => warnOfScore(score, error),
    );
    underWay.add(sending);
    void sending.finally(() => underWay.delete(sending));
  };
  return { send, sent: () => Promise.all(underWay) };
}

function warnOfScore({ name }: ScoreBody, error: unknown): void {
  const status = typeof error === "object" && error !== null && "statusCode" in error ? ` (HTTP ${String(error.statusCode)})` : "";
  process.emitWarning(`Langfuse did not take the score "${name}"${status}`, "KindlingTelemetryWarning");
}

async function within(limitMs: number, closing: readonly Promise<unknown>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([Promise.all(closing), late]).finally(() => clearTimeout(timer));
}
