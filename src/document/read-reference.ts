// What a document names or holds whole: executors, contracts, prompts, matchers. Knows no nodes.

import { KindlingError } from "../errors.ts";
import type { AnyContract } from "../graph/contract.ts";
import type { Executor } from "../graph/executor.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { parsePrompt } from "../model/prompt.ts";
import type { OptionForm } from "../nodes/form.ts";
import type { AnyStore } from "../store/store.ts";
import { meant, type Report } from "./report.ts";

/** What a document may name besides its own nodes. */
export interface Named {
  readonly executors: ReadonlyMap<string, readonly Executor<never, unknown>[]>;
  readonly contracts: ReadonlyMap<string, AnyContract>;
  readonly stores: ReadonlyMap<string, AnyStore>;
}

const DESCRIBED: Readonly<Record<OptionForm["type"], string>> = {
  json: "a JSON value",
  text: "a text",
  number: "a number",
  boolean: "true or false",
  duration: 'milliseconds, or a number with ms, s, m, h, d or w, such as "3d"',
  node: "the name of a node",
  executor: 'an executor: { "executor": "key", "version": "1" }',
  store: "the name of a store or a history",
  schema: 'a JSON Schema: { "type": "string" }',
  matcher: 'a matcher: { "eq": "a" }, { "in": ["a"] }, { "matches": "^a" } or { "min": 1, "max": 9 }',
  prompt: 'a prompt: { "name": "draft", "text": "…" }',
  child: 'a child: { "nodes": […], "outputs": … } or { "contract": "name" }',
  list: "a list",
  map: "an object",
  object: "an object",
  either: "one of its forms",
  code: "left out",
};

/** What a form takes, in words that follow "it must be". */
export function describedAs(type: OptionForm["type"]): string {
  return DESCRIBED[type];
}

/** A value for messages, cut after 80 characters. */
export function shown(json: JsonValue): string {
  const text = JSON.stringify(json);
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}

/** The executor that code names. */
export function readExecutor(json: JsonObject, at: string, known: Named, report: Report): unknown {
  const { executor: key, version, ...rest } = json;
  for (const name of Object.keys(rest))
    report("bad_document", `${at}.${name}`, "is not known here", "An executor has a key and a version.");
  if (typeof key !== "string" || (version !== undefined && typeof version !== "string")) {
    report("bad_document", at, `is ${shown(json)}`, `It must be ${DESCRIBED.executor}.`);
    return undefined;
  }
  const versions = known.executors.get(key) ?? [];
  const found = version === undefined ? versions : versions.filter((each) => each.version === version);
  const [executor] = found;
  if (found.length === 1) return executor;
  const there = versions.map((each) => `"${each.version}"`).join(", ");
  if (versions.length === 0)
    report("unknown_executor", at, `names the executor "${key}", and there is none`, () => meant(key, known.executors.keys()));
  else if (version === undefined)
    report("unknown_executor", at, `names the executor "${key}", of which there are the versions ${there}`, "Say which version.");
  else if (found.length > 1)
    report(
      "unknown_executor",
      at,
      `names the executor "${key}" of version "${version}", and there are two different ones`,
      "Hand in one of them, or give one another version.",
    );
  else
    report(
      "unknown_executor",
      at,
      `names version "${version}" of the executor "${key}", and there is ${there}`,
      "Take that version, or hand in the other.",
    );
  return undefined;
}

/** The store or the history of a name. */
export function readStore(name: string, at: string, known: Named, report: Report): unknown {
  const store = known.stores.get(name);
  if (store === undefined)
    report("unknown_store", at, `names the store "${name}", and there is none`, () => meant(name, known.stores.keys()));
  return store;
}

/** A matcher, whose regular expressions are made of source and flags. */
export function readMatcher(json: JsonObject, at: string, report: Report): unknown {
  const { matches, ...rest } = json;
  if (!isJsonObject(matches)) return json;
  const { source, flags } = matches;
  try {
    if (typeof source === "string" && typeof flags === "string") return { ...rest, matches: new RegExp(source, flags) };
    report("bad_matcher", `${at}.matches`, `is ${shown(matches)}`, 'Give text, or { "source": "^a", "flags": "i" }.');
  } catch (error) {
    report(
      "bad_matcher",
      `${at}.matches`,
      `is no regular expression: ${error instanceof Error ? error.message : shown(matches)}`,
      "Give one as JavaScript has them.",
    );
  }
  return undefined;
}

/** A prompt out of its text. */
export function readPrompt(json: JsonObject, at: string, report: Report): unknown {
  const { name, text, ...rest } = json;
  for (const other of Object.keys(rest)) report("bad_document", `${at}.${other}`, "is not known here", "A prompt has a name and a text.");
  if (typeof name !== "string" || typeof text !== "string" || name === "") {
    report("bad_document", at, `is ${shown(json)}`, `It must be ${DESCRIBED.prompt}.`);
    return undefined;
  }
  try {
    return parsePrompt(text, { name, file: `${at}.text` });
  } catch (error) {
    const message = error instanceof KindlingError ? error.message : "it cannot be parsed";
    report(
      "bad_document",
      `${at}.text`,
      `is no prompt: ${message}`,
      "Write it as a prompt file: a header between lines of ---, then the text.",
    );
    return undefined;
  }
}

/** The contract that a child names. */
export function readContract(json: JsonObject, at: string, known: Named, report: Report): unknown {
  const { contract: name, version, ...rest } = json;
  for (const other of Object.keys(rest))
    report("bad_document", `${at}.${other}`, "is not known here", "A contract as a child has a name and a version.");
  if (typeof name !== "string" || (version !== undefined && typeof version !== "string")) {
    report("bad_document", at, `is ${shown(json)}`, `It must be ${DESCRIBED.child}.`);
    return undefined;
  }
  const contract = known.contracts.get(name);
  if (contract === undefined)
    report("bad_child", at, `names the contract "${name}", and there is none`, () => meant(name, known.contracts.keys()));
  else if (version !== undefined && contract.version !== version)
    report(
      "bad_child",
      at,
      `names version "${version}" of the contract "${name}", and there is "${contract.version}"`,
      "Take that version, or hand in the other.",
    );
  else return contract;
  return undefined;
}
