// The tools of another MCP server as tools of an `llm` node: what authors say of them, and one ordinary tool for each, made of what was reviewed and locked. Opens
// nothing: the first call does.

import {
  type Approval,
  ConfigError,
  type Duration,
  hashJson,
  isJsonObject,
  type JsonObject,
  type OnUncertain,
  toJson,
  type Tool,
  tool,
  toMilliseconds,
  ValueError,
} from "../../src/index.ts";
import { McpConnection } from "./connection.ts";
import { declareServer, mayBeUnpinned, type McpServer } from "./declared.ts";
import { misfitOf, propertyOf, schemaOf, schemaProblems, valueSchemaOf, withoutProperties } from "./json-schema.ts";
import { lockedIfSound, lockPath, pinFrom, readLock, shownPath } from "./lock-file.ts";
import { pinHash, type ToolPin } from "./pin.ts";
import { badServer, type McpPlace, readPlace } from "./place.ts";
import { resultOf } from "./result.ts";
import { PROCESS_WORLD } from "./world.ts";

/** How calls are made: of one tool, or of all tools of a server that say nothing else. The same words as for any tool. */
export interface McpCallOptions {
  /** A call made twice does no harm. What the server claims of that is not believed: somebody must say it here. Default false. */
  readonly repeatable?: boolean;
  /** What becomes of a call whose end nobody knows, since this process, the server or the connection was lost: the run fails (`fail`, default), a person is asked (`ask`), or it is made again with the same key (`retry`), for a server that honours keys. */
  readonly onUncertain?: OnUncertain;
  /** A person must allow the call: true for all calls. */
  readonly approve?: true | Approval<JsonObject>;
  /** For one call. Default 60 s. */
  readonly timeout?: Duration;
  /** The longest result a model is given, in characters. Default 40,000. */
  readonly resultLimit?: number;
  /** Calls in one conversation. Default 50. */
  readonly maxCalls?: number;
}

/** What is said of one tool. */
export interface McpToolOptions extends McpCallOptions {
  /** The name behind `<server>__`, where its own is too long or has other characters than letters, digits, dashes and underscores. */
  readonly as?: string;
  /** Told to the model in place of the server's words. */
  readonly description?: string;
  /** Properties of its input that the node fills from its needs of these names: the model neither sees nor can change them. */
  readonly given?: readonly string[];
  /** The property of its input that takes the idempotency key of a call, for servers that take it there. The model does not see it. */
  readonly keyProperty?: string;
}

/** The tools that nodes may offer: names, or names with what is said of each. No others ever reach a model. */
export type McpAllowed = readonly string[] | { readonly [tool: string]: true | McpToolOptions };

/** What is said of a server and its tools. */
export type McpToolsOptions<Allowed extends McpAllowed = McpAllowed> = McpPlace &
  McpCallOptions & {
    /** Its name here: lower-case letters, digits and single underscores, up to 24. Stands before the names of its tools, so durable. */
    readonly server: string;
    /** The file that holds its tools as they were reviewed: `new URL("mcp-tools.lock.json", import.meta.url)`. */
    readonly lock: URL | string;
    readonly allow: Allowed;
    /** Calls at once, over all runs of a runtime. Default 8. */
    readonly concurrency?: number;
    /** For opening a connection, which the first call does, and for listing the tools. Default 20 s. */
    readonly connectTimeout?: Duration;
  };

/** The names of what nodes give to tools. */
type GivenNames<Allowed> = Allowed extends readonly string[]
  ? never
  : { [K in keyof Allowed]: Allowed[K] extends { readonly given: readonly (infer Name extends string)[] } ? Name : never }[keyof Allowed];

const NAME = /^(?=.{1,24}$)[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
const DEFAULT_CONCURRENCY = 8;
const DEFAULT_CONNECT_TIMEOUT_MS = 20_000;
const DEFAULT_MAX_CALLS = 50;
const REPEATED_ATTEMPTS = 3;
const REPEAT_PAUSE_MS = 250;

/**
 * Tools of another MCP server for `llm` nodes, each under the name `<server>__<tool>`. What a model is told of them is what stands in the lock file, which
 * `kindling mcp-tools pull` writes and people review; a tool that is another one by now is not called (`mcp_tool_changed`).
 *
 * The package `@modelcontextprotocol/client` must be installed; it is loaded with the first call.
 *
 * @throws ConfigError `mcp_tool_not_locked`, `mcp_lock_invalid`, `bad_mcp_server`; InputError `bad_tool`
 * @example mcpTools({ server: "notes", url: "https://notes.example/mcp", lock: new URL("mcp-tools.lock.json", import.meta.url), allow: { search: { repeatable: true } } })
 */
export function mcpTools<const Allowed extends McpAllowed>(
  options: McpToolsOptions<Allowed>,
): readonly Tool<{ readonly [P in GivenNames<Allowed>]: unknown }>[] {
  const { server: name, concurrency = DEFAULT_CONCURRENCY } = options;
  if (!NAME.test(name))
    throw badServer(
      name,
      "this is no name of a server",
      "Lower-case letters, digits and single underscores, up to 24, beginning with a letter.",
    );
  if (!(Number.isInteger(concurrency) && concurrency >= 1))
    throw badServer(name, `concurrency is ${concurrency}`, "Give a whole number from 1 on.");
  const connectTimeoutMs = toMilliseconds(options.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT_MS);
  if (connectTimeoutMs === undefined || connectTimeoutMs < 1)
    throw badServer(name, "its connectTimeout is no duration", 'Give milliseconds, or such as "30s".');
  const allowed = readAllowed(options);
  const place = readPlace(name, options);
  const server = declareServer({ name, place, lock: lockPath(options.lock), concurrency, connectTimeoutMs }, [...allowed.keys()]);
  const tools = [...allowed].map(([each, said]) => toolOf(server, each, said));
  const twice = tools.find((each, index) => tools.findIndex((other) => other.name === each.name) < index);
  if (twice !== undefined)
    throw badServer(name, `two of its tools are called ${twice.name} here`, 'Give one of them another name: { as: "…" }.');
  return tools;
}

/** What is said of each tool: what is said of all, and over it what is said of itself. */
function readAllowed(options: McpToolsOptions): ReadonlyMap<string, McpToolOptions> {
  const { repeatable = false, onUncertain, approve, timeout, resultLimit, maxCalls = DEFAULT_MAX_CALLS, allow } = options;
  const all = {
    maxCalls,
    ...(approve === undefined ? {} : { approve }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(resultLimit === undefined ? {} : { resultLimit }),
  };
  const entries: readonly (readonly [string, McpToolOptions])[] = isList(allow)
    ? allow.map((each) => [each, {}])
    : Object.entries(allow).map(([each, said]) => [each, said === true ? {} : said]);
  if (entries.length === 0) throw badServer(options.server, "it allows no tool", 'Name those that nodes may offer: allow: ["search"].');
  // What may be repeated is never uncertain: of the two, what is said of the tool itself counts.
  const sureOf = (said: McpToolOptions): McpCallOptions => {
    if (said.repeatable ?? (repeatable && said.onUncertain === undefined)) return { repeatable: true };
    return said.onUncertain === undefined && onUncertain !== undefined ? { onUncertain } : {};
  };
  return new Map(entries.map(([each, said]) => [each, { ...all, ...said, ...sureOf(said) }]));
}

function isList(allow: McpAllowed): allow is readonly string[] {
  return Array.isArray(allow);
}

/** What is locked of a tool. While servers are gathered to be pulled, something stands in for what is not there yet. */
function pinIn({ name, lock }: McpServer, each: string): ToolPin {
  if (mayBeUnpinned()) return pinFrom(lockedIfSound(lock), name, each) ?? STAND_IN;
  const pin = pinFrom(readLock(lock), name, each);
  if (pin !== undefined) return pin;
  throw new ConfigError("mcp_tool_not_locked", `the tool "${each}" of the MCP server "${name}" does not stand in ${shownPath(lock)}`, {
    fix: "Look at it and lock it: kindling mcp-tools pull.",
  });
}

const STAND_IN: ToolPin = { description: "Not locked yet.", inputSchema: { type: "object" } };

function toolOf(server: McpServer, each: string, said: McpToolOptions): Tool<Readonly<Record<string, unknown>>> {
  const pin = pinIn(server, each);
  const { as = each.replaceAll(".", "_"), description = pin.description, given = [], keyProperty, ...rules } = said;
  const name = `${server.name}__${as}`;
  const schema = pin.inputSchema;
  for (const [what, problems] of [
    ["input", schemaProblems(schema)],
    ["output", schemaProblems(pin.outputSchema ?? {})],
  ] as const)
    if (problems.length > 0)
      throw badServer(server.name, `the ${what} schema of "${each}" ${problems.join(" and ")}`, "Do not offer this tool.");
  const filled = [...given, ...(keyProperty === undefined ? [] : [keyProperty])];
  const missing = mayBeUnpinned() ? undefined : filled.find((property) => propertyOf(schema, property) === undefined);
  if (missing !== undefined)
    throw badServer(server.name, `the input of "${each}" has no "${missing}"`, "Name a property of its input schema.");
  const repeatable = rules.repeatable ?? false;
  return tool(name, {
    ...rules,
    version: pinHash(pin),
    description: description === "" ? `The tool ${each} of ${server.name}.` : description,
    input: schemaOf(withoutProperties(schema, filled)),
    given: Object.fromEntries(given.map((property) => [property, valueSchemaOf(propertyOf(schema, property) ?? {})])),
    // What was certainly not called is tried again before that; a key makes a repeat harmless.
    retry: { attempts: repeatable || rules.onUncertain === "retry" ? REPEATED_ATTEMPTS : 1, backoff: REPEAT_PAUSE_MS },
    run: async (input, context) => {
      const key = hashJson(context.idempotencyKey);
      const whole = { ...input, ...jsonOf(context.given), ...(keyProperty === undefined ? {} : { [keyProperty]: key }) };
      const misfit = await misfitOf(schema, whole);
      if (misfit !== undefined) throw new ValueError("tool_input_invalid", `the input of "${name}" does not fit: ${misfit}`);
      const { signal, trace, progress } = context;
      const connection = context.connection(server, () => new McpConnection(server, PROCESS_WORLD));
      const sent = { server: server.name, tool: each, repeatable, pin, input: whole, signal, key, trace, progress };
      return resultOf(server.name, each, pin, await connection.call(sent));
    },
  });
}

/** What a node gives came out of its needs, which are JSON. */
function jsonOf(given: Readonly<Record<string, unknown>>): JsonObject {
  const json = toJson(given);
  if (json.ok && isJsonObject(json.value)) return json.value;
  throw new ValueError("tool_input_invalid", "what the node gives is no JSON");
}
