// The rule-based stand-in is a provider like any other, and says nothing that it was not told.

import { describe, expect, it } from "vitest";
import { draftOf, GROUPS, Note, readEntries, Sorting } from "../../examples/release-notes/changes.ts";
import { denoRelease } from "../../examples/release-notes/deno-release.ts";
import { rules } from "../../examples/release-notes/rules.ts";
import { promptFile, type JsonValue, type ModelEvent, type ModelReply, type ModelRequest } from "../../src/index.ts";

const release = denoRelease();
const entries = readEntries(release.changelog);
const prompts = {
  sort: promptFile(new URL("../../prompts/release-notes-sort.prompt.md", import.meta.url)),
  write: promptFile(new URL("../../prompts/release-notes-write.prompt.md", import.meta.url)),
};
const provider = rules({ delayMs: 0 });

describe("the stand-in as a provider", () => {
  it("streams its text and ends with one finish", async () => {
    const events = await eventsOf(sortRequest());
    expect(events.filter(({ type }) => type === "finish")).toHaveLength(1);
    const streamed = events.map((event) => (event.type === "text-delta" ? event.delta : "")).join("");
    expect(streamed).toBe(textOf(finishOf(events)));
  });

  it("counts what a model would read and write, and what it has read before", async () => {
    const fresh = rules({ delayMs: 0 });
    const first = finishOf(await collect(fresh.stream(sortRequest(), { signal: new AbortController().signal })));
    const { messages } = sortRequest();
    const characters = messages.flatMap(({ content }) => content.map((part) => (part.type === "text" ? part.text : ""))).join("\n").length;
    expect(first).toMatchObject({ usage: { input: Math.ceil(characters / 4), cacheRead: 0 }, stop: { reason: "stop" }, warnings: [] });
    const second = finishOf(await collect(fresh.stream(sortRequest(), { signal: new AbortController().signal })));
    expect(second.usage.cacheRead).toBeGreaterThan((second.usage.input ?? 0) * 0.9);
  });

  it("stops when it is cancelled", async () => {
    const slow = rules({ delayMs: 60_000 });
    const failure = await collect(slow.stream(sortRequest(), { signal: AbortSignal.timeout(5) })).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "aborted", retryable: false });
  });

  it("refuses an output it has no rule for", async () => {
    const request = { ...sortRequest(), output: { name: "poem", schema: { type: "object" } } };
    await expect(replyTo(request)).rejects.toThrow('there is no rule for the output "poem"');
  });

  it("answers the same to the same prompt", async () => {
    expect(textOf(await replyTo(sortRequest()))).toBe(textOf(await replyTo(sortRequest())));
  });
});

describe("what the stand-in says", () => {
  it("puts every entry of the change log into exactly one group", async () => {
    const { groups } = await sorting();
    const numbers = GROUPS.flatMap((group) => groups[group]);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(entries.list.map(({ number }) => number));
    expect(groups.breaking.length).toBeGreaterThan(0);
    expect(groups.features.length).toBeGreaterThan(20);
  });

  it("fills the note of every audience, and no two are the same", async () => {
    const notes = await Promise.all(release.audiences.map((_, index) => noteFor(index)));
    for (const note of notes) expect(note.points.length).toBeGreaterThanOrEqual(4);
    expect(new Set(notes.map((note) => JSON.stringify(note))).size).toBe(release.audiences.length);
  });

  it("is quoted from the input, every sentence of it", async () => {
    const source = squeezed(release.changelog);
    const { headline } = await sorting();
    expect(source).toContain(quoted(headline));
    for (const index of release.audiences.keys()) {
      const note = await noteFor(index);
      for (const sentence of note.lead.split("; ")) expect(source).toContain(quoted(sentence));
      for (const { entry, text } of note.points) expect(squeezed(entries.list[entry - 1]?.text ?? "")).toContain(quoted(text));
    }
  });

  it("changes with the input", async () => {
    const prompt = prompts.sort.render({
      project: "Other",
      release: "1.0",
      entries: { text: "1. fix(parser): accept an empty file (#7)" },
    });
    const reply = await replyTo({ ...sortRequest(), messages: prompt });
    expect(Sorting.parse(JSON.parse(textOf(reply)))).toMatchObject({
      headline: "accept an empty file",
      groups: { fixes: [1], features: [] },
    });
  });
});

function sortRequest(): ModelRequest {
  const { project, release: version } = release;
  return requestOf("sort", prompts.sort.render({ project, release: version, entries: { text: entries.text } }));
}

async function sorting(): Promise<Sorting> {
  return Sorting.parse(JSON.parse(textOf(await replyTo(sortRequest()))));
}

async function noteFor(index: number): Promise<Note> {
  const { project, release: version, audiences } = release;
  const values: Record<string, JsonValue> = {
    project,
    release: version,
    audience: audiences[index] ?? null,
    draft: { text: draftOf(entries, await sorting()).text },
  };
  return Note.parse(JSON.parse(textOf(await replyTo(requestOf("write", prompts.write.render(values))))));
}

function requestOf(name: string, messages: ModelRequest["messages"]): ModelRequest {
  return { model: "words", messages, maxOutputTokens: 1_000, output: { name, schema: { type: "object" } } };
}

function eventsOf(request: ModelRequest): Promise<ModelEvent[]> {
  return collect(provider.stream(request, { signal: new AbortController().signal }));
}

async function replyTo(request: ModelRequest): Promise<ModelReply> {
  return finishOf(await eventsOf(request));
}

async function collect(stream: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

function finishOf(events: readonly ModelEvent[]): ModelReply {
  const last = events.at(-1);
  if (last?.type !== "finish") throw new Error("the stream does not end with its reply");
  return last.reply;
}

function textOf({ content }: ModelReply): string {
  return content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

/** Without the change log's line breaks, and in lower case, since a quote may begin with a capital. */
function squeezed(text: string): string {
  return text.replace(/\s+/g, " ").toLowerCase();
}

function quoted(sentence: string): string {
  return squeezed(sentence.replace(/ …$/, ""));
}
