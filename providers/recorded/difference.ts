// What differs between two requests, for a person: message by message, each as lines that went and lines that came. Pure.

import { isJsonObject, type JsonObject, type JsonValue } from "../../src/index.ts";
import { lineDifference } from "./line-difference.ts";

/** The recorded request that has most lines in common with the one asked, among the newest `COMPARED_LIMIT`. */
export function nearestRequest(
  requests: readonly JsonValue[],
  asked: JsonValue,
): { readonly index: number; readonly request: JsonValue } | undefined {
  const wanted = linesOf(asked);
  let nearest: { readonly index: number; readonly request: JsonValue } | undefined;
  let best = Number.NEGATIVE_INFINITY;
  for (let index = Math.max(0, requests.length - COMPARED_LIMIT); index < requests.length; index++) {
    const request = requests[index];
    if (request === undefined) continue;
    const score = likeness(wanted, linesOf(request));
    if (score > best) {
      best = score;
      nearest = { index, request };
    }
  }
  return nearest;
}

const COMPARED_LIMIT = 1_000;

/** Every part of a request that is different, with its lines: `-` as recorded, `+` as asked now. */
export function describeDifference(recorded: JsonValue, asked: JsonValue): string {
  const before = partsOf(recorded);
  const after = partsOf(asked);
  return [...pairsOf(before.messages, after.messages), ...pairsOf(before.settings, after.settings)]
    .flatMap(({ name, gone, come }) => [`  ${name}`, ...lineDifference(gone, come).map((line) => `    ${line}`)])
    .join("\n");
}

/** Two values as lines that went and came. */
export function describeValueDifference(recorded: JsonValue | undefined, now: JsonValue | undefined): string {
  return lineDifference(valueLines(recorded), valueLines(now)).join("\n");
}

interface Part {
  readonly name: string;
  readonly lines: readonly string[];
}

interface Parts {
  readonly messages: readonly Part[];
  readonly settings: readonly Part[];
}

function partsOf(request: JsonValue): Parts {
  const { messages = [], ...settings } = isJsonObject(request) ? request : { request };
  const list: readonly JsonValue[] = Array.isArray(messages) ? messages : [messages];
  return {
    messages: list.map((message, index) => ({ name: messageName(message, index), lines: messageLines(message) })),
    settings: Object.entries(settings).map(([name, value]) => ({ name, lines: valueLines(value) })),
  };
}

interface Pair {
  readonly name: string;
  readonly gone: readonly string[];
  readonly come: readonly string[];
}

/** Parts of the same name that are different, and those that only one has. */
function pairsOf(before: readonly Part[], after: readonly Part[]): readonly Pair[] {
  const names = [...new Set([...after, ...before].map(({ name }) => name))];
  const find = (parts: readonly Part[], wanted: string) => parts.find(({ name }) => name === wanted)?.lines;
  return names.flatMap((name): Pair[] => {
    const [gone, come] = [find(before, name), find(after, name)];
    if (gone?.join("\n") === come?.join("\n") && gone !== undefined && come !== undefined) return [];
    const only = gone === undefined ? ", not in the recording" : come === undefined ? ", only in the recording" : "";
    return [{ name: `${name}${only}`, gone: gone ?? [], come: come ?? [] }];
  });
}

function messageName(message: JsonValue, index: number): string {
  const role = isJsonObject(message) ? message["role"] : undefined;
  return `message ${index + 1} (${typeof role === "string" ? role : "?"})`;
}

function messageLines(message: JsonValue): readonly string[] {
  const content = isJsonObject(message) ? message["content"] : undefined;
  if (!Array.isArray(content)) return valueLines(message);
  const parts: readonly JsonValue[] = content;
  return parts.length === 0 ? ["(empty)"] : parts.flatMap((part) => (isJsonObject(part) ? partLines(part) : valueLines(part)));
}

/** A text is shown as it reads; files by what they are, since nobody reads base64. */
function partLines({ type = "?", text, data, ...rest }: JsonObject): readonly string[] {
  const kind = typeof type === "string" ? type : JSON.stringify(type);
  const extra = Object.keys(rest).length === 0 ? [] : valueLines(rest);
  if (typeof text === "string") return [...(kind === "text" ? [] : [`(${kind})`]), ...text.split("\n"), ...extra];
  const size = typeof data === "string" ? [`${data.length} characters of base64, ${digestOf(data)}`] : [];
  return [`(${kind})`, ...extra, ...size];
}

/** Tells two files apart; no proof of anything. */
function digestOf(text: string): string {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return `digest ${(hash >>> 0).toString(16)}`;
}

/** A value as lines; texts by their own lines. */
function valueLines(value: JsonValue | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? value.split("\n") : JSON.stringify(value, null, 2).split("\n");
}

function linesOf(value: JsonValue): readonly string[] {
  return JSON.stringify(value, null, 1).replaceAll("\\n", "\n").split("\n");
}

/** Lines in common, less half of those that are not. */
function likeness(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const line of a) left.set(line, (left.get(line) ?? 0) + 1);
  let common = 0;
  for (const line of b) {
    const count = left.get(line) ?? 0;
    if (count === 0) continue;
    left.set(line, count - 1);
    common++;
  }
  return common - (a.length + b.length - 2 * common) / 2;
}
