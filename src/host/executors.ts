// The executors of a runtime: those handed in and those its contracts run, each known once, and none that may touch what the runtime does not permit.

import { ConfigError } from "../errors.ts";
import type { AnyContract } from "../graph/contract.ts";
import { isExecutor, type Executor } from "../graph/executor.ts";
import type { JsonObject } from "../json.ts";
import { jsonSchemaOf, outputSchemaOf } from "../schema.ts";
import { nodePlaces } from "./node-places.ts";

type AnyExecutor = Executor<never, unknown>;

/**
 * What executors may touch: all but `deny`, or only `allow`. Capabilities are written as executors declare them, with `*` for anything: `net:*.example.com`.
 * One without a colon covers all below it: `net` is `net:*`.
 */
export type CapabilityPolicy =
  | { readonly deny: readonly string[]; readonly allow?: undefined }
  | { readonly allow: readonly string[]; readonly deny?: undefined };

/** An executor as it is listed for people and agents. */
export interface ExecutorSummary {
  readonly key: string;
  readonly version: string;
  readonly description: string | undefined;
  readonly capabilities: readonly string[];
  readonly pure: boolean;
  /** JSON Schemas of what it takes and gives; undefined where a library gives none. */
  readonly input: JsonObject | undefined;
  readonly output: JsonObject | undefined;
}

/** All executors by key and version. @throws ConfigError `executor_conflict` for two different ones of one key and version */
export function knownExecutors(given: readonly AnyExecutor[], contracts: readonly AnyContract[]): readonly ExecutorSummary[] {
  const known = new Map<string, AnyExecutor>();
  const used = nodePlaces(contracts).flatMap(({ node }) => Object.values<unknown>({ ...node.behaviour.declared?.() }).filter(isExecutor));
  for (const executor of [...given, ...used]) {
    const { key, version } = executor;
    const name = `${key}@${version}`;
    if ((known.get(name) ?? executor) !== executor) {
      throw new ConfigError("executor_conflict", `there are two different executors "${key}" of version "${version}"`, {
        fix: "Give one of them another version or key: both stand for code in the record of runs.",
        details: { key, version },
      });
    }
    known.set(name, executor);
  }
  const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
  return [...known.values()].sort((a, b) => compare(a.key, b.key) || compare(a.version, b.version)).map(summaryOf);
}

function summaryOf({ key, version, description, capabilities, pure, input, output }: AnyExecutor): ExecutorSummary {
  return Object.freeze({ key, version, description, capabilities, pure, input: jsonSchemaOf(input), output: outputSchemaOf(output) });
}

/** @throws ConfigError `capability_denied` with every node whose executor may touch what the policy does not permit, `bad_capabilities` for a policy that is none */
export function assertPermitted(contracts: readonly AnyContract[], policy: CapabilityPolicy | undefined): void {
  if (policy === undefined) return;
  const isPermitted = permission(policy);
  const denied = nodePlaces(contracts).flatMap(({ contract, path, node }) => {
    const { key = "", capabilities = [] } = node.behaviour.executor ?? {};
    return capabilities
      .filter((capability) => !isPermitted(capability))
      .map((capability) => ({ contract, node: path, executor: key, capability }));
  });
  if (denied.length === 0) return;
  const lines = denied.map(
    (each) => `  contract "${each.contract}", node "${each.node}": the executor "${each.executor}" has "${each.capability}"`,
  );
  throw new ConfigError("capability_denied", `the runtime does not permit what its contracts may touch:\n${lines.join("\n")}`, {
    fix:
      policy.allow === undefined
        ? "Take it out of capabilities.deny, or run the contract in a runtime that permits it."
        : "Add it to capabilities.allow, or run the contract in a runtime that permits it.",
    details: { denied },
  });
}

function permission({ allow, deny }: CapabilityPolicy): (capability: string) => boolean {
  const list: unknown = allow ?? deny;
  if (!Array.isArray(list) || (allow !== undefined && deny !== undefined) || list.some((each) => typeof each !== "string" || each === ""))
    throw new ConfigError("bad_capabilities", "capabilities is no policy", {
      fix: 'Give { deny: ["net:*"] } or { allow: ["net:api.example.com"] }.',
    });
  if (allow !== undefined) return (capability) => allow.some((pattern) => covers(pattern, capability));
  // What may touch more than is denied may touch that too.
  return (capability) => !deny.some((pattern) => covers(pattern, capability) || covers(capability, pattern));
}

/** True when everything of `capability` is meant by `pattern`. */
function covers(pattern: string, capability: string): boolean {
  if (pattern === capability || capability.startsWith(`${pattern}:`)) return true;
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  const [whole = ""] = pattern.split(":*");
  return (pattern === `${whole}:*` && capability === whole) || new RegExp(`^${parts.join(".*")}$`).test(capability);
}
