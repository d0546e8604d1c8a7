// A recording as it is played: what was asked is looked for by path and content, each answer is given once and in order, and whatever does not fit is noted.
// Pure; knows neither time nor models.

import type { Failure } from "../errors.ts";
import { hashJson, toJson, type JsonValue } from "../json.ts";
import type { ModelRequest } from "../model/model.ts";
import { describeDifference, describeValueDifference } from "../../providers/recorded/difference.ts";
import type { RecordedCall, RecordedNode, RecordedResult, RunRecording } from "../../providers/recorded/run-recording.ts";

/** A node about which the recording is not true any more. */
export interface AlteredNode {
  readonly path: string;
  /** `changed`: it asks something else. `new`: the recording has nothing for it. `gone`: it did not ask any more. */
  readonly what: "changed" | "new" | "gone";
  /** What it asked: a model, or the world by code of its own. */
  readonly of: "model" | "world";
  /** Lines that went and came; empty where there is nothing to compare. */
  readonly difference: string;
}

/** What the tape has for a question. */
export type Found<T> =
  /** Just this was asked. */
  | { readonly type: "same"; readonly entry: T }
  /** Something else was asked at this place. */
  | { readonly type: "changed"; readonly entry: T }
  | { readonly type: "new" };

/** What a node reads, when that is not larger as text; of more only the hash is kept. */
const READS_LIMIT = 20_000;

/** Errors of calls that were not made. */
const REFUSAL_CODES: ReadonlySet<string> = new Set(["budget_exhausted", "unpriced", "circuit_open", "not_configured"]);

interface Slot<T> {
  entry: T;
  used: boolean;
}

interface Track {
  readonly node: RecordedNode;
  readonly calls: Slot<RecordedCall>[];
  readonly results: Slot<RecordedResult>[];
  readonly takenBack: Slot<NonNullable<RecordedNode["takenBack"]>[number]>[];
}

/** A recording being played. */
export class Tape {
  readonly #tracks: ReadonlyMap<string, Track>;
  readonly #altered = new Map<string, AlteredNode>();

  constructor({ nodes }: RunRecording) {
    this.#tracks = new Map(Object.entries(nodes).map(([path, node]) => [path, trackOf(node)]));
  }

  /** The model a node that names none was asked from, as far as the recording knows. */
  modelAt(path: string): string | undefined {
    const calls = this.#tracks.get(path)?.calls ?? [];
    return (calls.find(({ used }) => !used) ?? calls.at(-1))?.entry.model;
  }

  promptAt(path: string): RecordedNode["prompt"] {
    return this.#tracks.get(path)?.node.prompt;
  }

  /** A node whose prompt is kept elsewhere, and of which the recording knows none. */
  noPrompt(path: string): void {
    this.#note(path, "model", undefined, () => "");
  }

  given(path: string): { readonly value: JsonValue } | undefined {
    const value = this.#tracks.get(path)?.node.given;
    return value === undefined ? undefined : { value };
  }

  /** The answer to a request. With `complete` the request is put into a call that has only its hash. */
  call(path: string, model: string, request: ModelRequest, complete = false): Found<RecordedCall> {
    const slots = this.#tracks.get(path)?.calls ?? [];
    const hash = hashOf(request);
    const isSame = ({ entry }: Slot<RecordedCall>) => entry.model === model && (callHash(entry) === hash || wasRefused(entry));
    const same =
      slots.find((slot) => !slot.used && isSame(slot)) ?? slots.findLast((slot) => isSame(slot) && slot.entry.reply !== undefined);
    if (same !== undefined) {
      same.used = true;
      if (complete) same.entry = withRequest(same.entry, request);
      return { type: "same", entry: same.entry };
    }
    const instead = slots.find(({ used }) => !used);
    this.#note(path, "model", instead, () => requestDifference(instead?.entry, model, request));
    if (instead === undefined) return { type: "new" };
    instead.used = true;
    return { type: "changed", entry: instead.entry };
  }

  /** The next call of a model was refused before it was made: a budget was spent, or the provider was down. */
  refusal(path: string): RecordedResult | undefined {
    const { calls = [], results = [] } = this.#tracks.get(path) ?? {};
    if (calls.some(({ used }) => !used)) return undefined;
    const slot = results.find(({ used, entry }) => !used && REFUSAL_CODES.has(entry.error?.code ?? ""));
    if (slot !== undefined) slot.used = true;
    return slot?.entry;
  }

  /** What a node's own code gave for what it reads. With `complete` what it reads is put into the next result, whatever stands there. */
  result(path: string, reads: JsonValue, complete = false): Found<RecordedResult> {
    const slots = this.#tracks.get(path)?.results ?? [];
    const hash = hashJson(reads);
    const isSame = ({ entry }: Slot<RecordedResult>) => complete || entry.hash === hash;
    const same =
      slots.find((slot) => !slot.used && isSame(slot)) ?? slots.findLast((slot) => isSame(slot) && slot.entry.value !== undefined);
    if (same !== undefined) {
      same.used = true;
      if (complete) same.entry = withReads(same.entry, reads, hash);
      return { type: "same", entry: same.entry };
    }
    const instead = slots.find(({ used }) => !used);
    this.#note(path, "world", instead, () => describeValueDifference(instead?.entry.reads, reads));
    if (instead === undefined) return { type: "new" };
    instead.used = true;
    return { type: "changed", entry: instead.entry };
  }

  /** How taking back ended; as it should where nothing is known. */
  takenBack(path: string): { readonly afterMs: number; readonly error?: Failure } | undefined {
    const slot = this.#tracks.get(path)?.takenBack.find(({ used }) => !used);
    if (slot !== undefined) slot.used = true;
    return slot?.entry;
  }

  /** Everything that does not fit, by path. What was answered and not asked for counts as gone, unless it may stand behind a node that had no answer. */
  altered(): readonly AlteredNode[] {
    const isCut = [...this.#altered.values()].some(({ what }) => what === "new");
    const gone = [...(isCut ? [] : this.#tracks)].flatMap(([path, { calls, results }]): AlteredNode[] => {
      if (this.#altered.has(path)) return [];
      const isLeft = (slots: readonly Slot<RecordedCall | RecordedResult>[]) => slots.some(({ used, entry }) => !used && isAnswered(entry));
      if (isLeft(calls)) return [{ path, what: "gone", of: "model", difference: "" }];
      return isLeft(results) ? [{ path, what: "gone", of: "world", difference: "" }] : [];
    });
    return [...this.#altered.values(), ...gone].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** The nodes of the recording with what was used of them, as it is known now. */
  nodes(): Readonly<Record<string, RecordedNode>> {
    const nodes = [...this.#tracks].flatMap(([path, { node, ...track }]): [string, RecordedNode][] => {
      const [calls, results, takenBack] = [usedOf(track.calls), usedOf(track.results), usedOf(track.takenBack)];
      const used: RecordedNode = {
        ...(node.given === undefined ? {} : { given: node.given }),
        ...(node.prompt === undefined || calls.length === 0 ? {} : { prompt: node.prompt }),
        ...(calls.length === 0 ? {} : { calls }),
        ...(results.length === 0 ? {} : { results }),
        ...(takenBack.length === 0 ? {} : { takenBack }),
      };
      return Object.keys(used).length === 0 ? [] : [[path, used]];
    });
    return Object.fromEntries(nodes);
  }

  /** A node is told once: what it asks after an answer that was not meant for it follows from that. */
  #note(path: string, of: AlteredNode["of"], instead: Slot<unknown> | undefined, difference: () => string): void {
    if (this.#altered.has(path)) return;
    const what = instead === undefined ? "new" : "changed";
    this.#altered.set(path, { path, what, of, difference: what === "new" ? "" : difference() });
  }
}

function trackOf(node: RecordedNode): Track {
  const slots = <T>(entries: readonly T[] = []): Slot<T>[] => entries.map((entry) => ({ entry, used: false }));
  return { node, calls: slots(node.calls), results: slots(node.results), takenBack: slots(node.takenBack) };
}

function usedOf<T>(slots: readonly Slot<T>[]): readonly T[] {
  return slots.flatMap(({ entry, used }) => (used ? [entry] : []));
}

function isAnswered(entry: RecordedCall | RecordedResult): boolean {
  return entry.error !== undefined || ("model" in entry ? entry.reply !== undefined : entry.value !== undefined);
}

/** A request that was edited by hand is found by what it says now. */
function callHash({ request, hash }: RecordedCall): string | undefined {
  return request === undefined ? hash : hashOf(request);
}

/** It failed before it was made, so there is no request to compare. */
function wasRefused({ request, hash, error }: RecordedCall): boolean {
  return request === undefined && hash === undefined && error !== undefined;
}

function withRequest({ hash: _hash, model, turn, afterMs, ...rest }: RecordedCall, request: ModelRequest): RecordedCall {
  // A request is plain JSON by its type; the copy drops what is undefined.
  return { model, turn, afterMs, request: plainOf(request) as unknown as ModelRequest, ...rest };
}

function withReads({ afterMs, value, error }: RecordedResult, reads: JsonValue, hash: string): RecordedResult {
  const isSmall = JSON.stringify(reads).length <= READS_LIMIT;
  return {
    afterMs,
    ...(isSmall ? { reads } : {}),
    hash,
    ...(value === undefined ? {} : { value }),
    ...(error === undefined ? {} : { error }),
  };
}

function requestDifference(recorded: RecordedCall | undefined, model: string, request: ModelRequest): string {
  if (recorded?.request === undefined) return "";
  const models = recorded.model === model ? [] : [`  model: ${recorded.model} → ${model}`];
  const [before, after] = [
    { ...recorded.request, model: "" },
    { ...request, model: "" },
  ];
  const rest = describeDifference(plainOf(before), plainOf(after));
  return [...models, ...(rest === "" ? [] : [rest])].join("\n");
}

function hashOf(request: ModelRequest): string {
  return hashJson(plainOf(request));
}

function plainOf(request: ModelRequest): JsonValue {
  const json = toJson(request);
  // What is no JSON is refused where it is sent; here it is a request that nothing recorded is like.
  return json.ok ? json.value : null;
}
