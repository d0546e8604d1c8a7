// The rule-based stand-in: a provider behind the same port as all others, for a machine without any model. It calls nothing. It sorts entries by
// their words and quotes and shortens real sentences of what it was sent, so all it says stands in the prompt. It knows no file and no contract.

import { setTimeout as pause } from "node:timers/promises";
import { ModelError, type ModelEvent, type ModelProvider, type ModelReply, type ModelRequest } from "kindling";
import type { Note, Sorting } from "./changes.ts";
import { readBefore } from "./read-before.ts";

/** How long the stand-in pretends to write, so that progress can be seen. */
export interface RulesOptions {
  /** For one call. Default: `RULES_DELAY_MS`, then 600. */
  readonly delayMs?: number;
}

const DEFAULT_DELAY_MS = 600;
const PIECES = 6;

/**
 * The provider of `rules:words`. It uses no tokens; it counts what a model would use, at four characters a token, and finds again what it has read before as
 * the caches of model providers do.
 */
export function rules(options: RulesOptions = {}): ModelProvider {
  const delayMs = options.delayMs ?? Number(process.env["RULES_DELAY_MS"] ?? DEFAULT_DELAY_MS);
  const before = readBefore();
  return {
    id: "rules",
    readiness: () => ({ ready: true }),
    capabilities: () => ({ structuredOutput: "native", tools: "no", files: [], reasoning: "no" }),
    async *stream(request, { signal }): AsyncGenerator<ModelEvent> {
      const text = JSON.stringify(answer(request.output?.name, promptOf(request)));
      const whole = wholeOf(request);
      const cached = before.common(whole);
      const size = Math.ceil(text.length / PIECES);
      for (let start = 0; start < text.length; start += size) {
        await pause(delayMs / PIECES, undefined, { signal }).catch((cause: unknown) => {
          throw new ModelError("aborted", "rules: the call was cancelled", { provider: "rules", retryable: false, cause });
        });
        yield { type: "text-delta", delta: text.slice(start, start + size) };
      }
      before.add(whole);
      const usage = {
        input: tokens(whole.length),
        output: tokens(text.length),
        cacheRead: tokens(cached),
        cacheWrite: null,
        reasoning: null,
      };
      yield { type: "finish", reply: replyOf(text, request.model, usage) };
    },
  };
}

/** What the rules answer to a prompt's text, for one of the two outputs they know. */
export function answer(output: string | undefined, prompt: string): Sorting | Note {
  if (output === "sort") return sortEntries(prompt);
  if (output === "write") return writeNote(prompt);
  throw new ModelError("unsupported", `rules: there is no rule for the output "${output ?? "text"}"`, {
    provider: "rules",
    retryable: false,
    fix: "The stand-in belongs to this example and knows its two prompts only. Use a real model for others.",
  });
}

interface Line {
  readonly number: number;
  /** `feat`, `fix`, `perf`, … as the entry says; empty when it says nothing. */
  readonly type: string;
  /** `ext/node`, `lsp`, …. */
  readonly area: string;
  /** Without type, area and pull request. */
  readonly sentence: string;
  /** The heading it stands under; empty in an unsorted log. */
  readonly group: string;
}

type Group = keyof Sorting["groups"];

const UPKEEP =
  /\b(clippy|flaky|wpt|jsdoc|refactor|windows-sys|tests? (actually|are)|related tests|upgrade(s|d)? (to )?[\w*]+ (to )?[\d.]+|update \w+ to [\d.]+)\b/i;

function sortEntries(prompt: string): Sorting {
  const lines = readLines(prompt);
  const groups: Record<Group, number[]> = { breaking: [], features: [], performance: [], fixes: [], upkeep: [] };
  for (const line of lines) groups[groupOf(line)].push(line.number);
  const first = lines.find(({ number }) => groups.features.includes(number)) ?? lines[0];
  return { headline: shorten(first?.sentence ?? ""), groups };
}

function groupOf({ type, area, sentence }: Line): Group {
  if (/BREAKING/.test(`${type} ${area}`)) return "breaking";
  if (UPKEEP.test(sentence) || /^(chore|ci|build|docs|refactor|test|upgrade)$/.test(type)) return "upkeep";
  if (type === "perf" || /\b(faster|optimi[sz]e)\b/i.test(sentence)) return "performance";
  return type === "feat" || /^(add|implement|support)\b/i.test(sentence) ? "features" : "fixes";
}

const POINTS_LIMIT = 8;
const WEIGHTS: Readonly<Record<string, number>> = { breaking: 3, features: 2, performance: 1, fixes: 1, upkeep: 0 };

function writeNote(prompt: string): Note {
  const words = (/^Words that matter to them: (.*)$/m.exec(prompt)?.[1] ?? "").split(",").map((word) => word.trim().toLowerCase());
  const ranked = readLines(prompt)
    .map((line) => ({ line, score: scoreOf(line, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.line.number - b.line.number)
    .slice(0, POINTS_LIMIT);
  const sentences = ranked.map(({ line }) => capital(shorten(line.sentence)));
  return {
    lead: sentences.slice(0, 2).join("; "),
    points: ranked.map(({ line }, index) => ({ entry: line.number, text: sentences[index] ?? "" })),
  };
}

/** Ten for each word that an entry holds, and a little for its group; nothing for an entry without any of the words. */
function scoreOf(line: Line, words: readonly string[]): number {
  const text = ` ${`${line.area} ${line.sentence}`.toLowerCase().replace(/[^a-z0-9_]+/g, " ")} `;
  const hits = words.filter((word) => word !== "" && text.includes(` ${word} `)).length;
  return hits === 0 || line.group === "upkeep" ? 0 : hits * 10 + (WEIGHTS[line.group] ?? 0) * 4;
}

/** The numbered lines of a prompt, each with the heading above it. */
function readLines(prompt: string): readonly Line[] {
  const lines: Line[] = [];
  let group = "";
  for (const text of prompt.split("\n")) {
    const entry = /^(\d+)\. (.+)$/.exec(text);
    if (entry === null) group = /^(\w+):$/.exec(text)?.[1] ?? group;
    else lines.push(readLine(Number(entry[1]), entry[2] ?? "", group));
  }
  return lines;
}

function readLine(number: number, text: string, group: string): Line {
  const [, type = "", area = "", rest = text] = /^(\w+)(?:\(([^)]*)\))?: (.*)$/.exec(text) ?? [];
  return { number, type, area, group, sentence: rest.replace(/ \(#\d+\)$/, "") };
}

const SENTENCE_LIMIT = 110;

/** A sentence cut at a word, marked with an ellipsis. */
function shorten(sentence: string): string {
  if (sentence.length <= SENTENCE_LIMIT) return sentence;
  const cut = sentence.slice(0, SENTENCE_LIMIT);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), 1))} …`;
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function promptOf({ messages }: ModelRequest): string {
  return messages
    .flatMap(({ role, content }) => (role === "user" ? content.map((part) => (part.type === "text" ? part.text : "")) : []))
    .join("\n");
}

/** Everything a model would read, in its order. */
function wholeOf({ messages }: ModelRequest): string {
  return messages.flatMap(({ content }) => content.map((part) => (part.type === "text" ? part.text : ""))).join("\n");
}

const CHARACTERS_PER_TOKEN = 4;

function tokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

function replyOf(text: string, model: string, usage: ModelReply["usage"]): ModelReply {
  return { content: [{ type: "text", text }], stop: { reason: "stop" }, usage, model, warnings: [] };
}
