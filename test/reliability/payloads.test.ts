// R14: every value comes back exactly as it was given, or is refused with an error that names its place; whichever way it comes in.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { contract, createRuntime, fileLedger, InputError, type JsonObject, type Kindling } from "../../src/index.ts";
import { gatherObject } from "../../src/cli/assignments.ts";
import { processShell } from "../../src/cli/shell.ts";
import { remoteCalls } from "../../src/web/index.ts";
import { model } from "../host/models.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { BEARER, TOKEN } from "../web/servers.ts";
import { figure } from "./figure.ts";
import { TEXTS, VALUES } from "./payload-hazards.ts";

/** What an effect gives, or a model answers, for a number: values do not pass as inputs here. */
const given: unknown[] = [];

const asInput = contract("as-input", {
  inputs: { value: z.any() },
  define: (g, { value }) => g.compute("same", { needs: { value }, run: ({ value }): unknown => value }),
});
const asPayload = contract("as-payload", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g, { id }) => g.await("answer", { event: "answered", schema: z.any(), show: { id } }),
});
const asResult = contract("as-result", {
  inputs: { number: z.number() },
  define: (g, { number }) =>
    g.effect("act", { needs: { number }, retry: { attempts: 1 }, run: ({ number }, _context): unknown => given[number] }),
});
const asReply = contract("as-reply", {
  inputs: { number: z.number() },
  define: (g, { number }) =>
    g.llm("ask", {
      needs: { number },
      prompt: ({ number }) => String(number),
      output: z.any(),
      model: "scripted:x",
      retry: { attempts: 1 },
    }),
});
const CONTRACTS = [asInput, asPayload, asResult, asReply];

/** A call through the door is not longer than this. */
const DOOR_LIMIT = 16_000_000;

/** Where a value went: the run that has it, or what was said of it. */
type Fate = { readonly run: string } | { readonly refusal: string };

/** A way for values, or for texts, to come in. */
type Way = (value: unknown) => Promise<Fate>;

/** Two runtimes on one folder: one writes, the other hands it its calls as another process would. */
async function opened() {
  const folder = join(await temporaryFolder(), "ledger");
  const open = async (access: "write" | "shared" | "read") => {
    const models = [model(({ messages }) => String(given[Number(JSON.stringify(messages).match(/"text":"(\d+)"/)?.[1] ?? 0)]))];
    const kindling = await createRuntime({ contracts: CONTRACTS, ledger: fileLedger(folder), models, access });
    onTestFinished(() => kindling.close());
    return kindling;
  };
  const own = await open("write");
  return { folder, own, other: await open("shared"), reopen: () => own.close().then(() => open("read")) };
}

const wrapped = (value: unknown) => ({ items: ["before", { when: value }] });

function byInput(kindling: Kindling, value: unknown): Promise<Fate> {
  return orRefusal(async () => ({ run: (await kindling.start("as-input", { value: wrapped(value) })).id }));
}

/** Only an error that says who must act is a refusal. */
async function orRefusal(send: () => Promise<Fate>): Promise<Fate> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { refusal: error.message };
  }
}

let number = 0;
async function byPayload(kindling: Kindling, value: unknown): Promise<Fate> {
  const id = `payload ${(number += 1)}`;
  const run = await kindling.start("as-payload", { id });
  await run.settled();
  return orRefusal(async () => {
    const delivery = await kindling.deliver({ event: "answered", correlation: { id }, payload: wrapped(value) });
    return delivery.status === "refused" ? { refusal: delivery.message } : { run: run.id };
  });
}

async function byCall(kindling: Kindling, name: "as-result" | "as-reply", value: unknown): Promise<Fate> {
  const run = await kindling.start(name, { number: given.push(value) - 1 });
  const { error } = await run.settled();
  return error === undefined ? { run: run.id } : { refusal: error.message };
}

/** The value that a run has, as another process reads it. */
async function recordedIn(reader: Kindling, run: string): Promise<string> {
  const outputs = (await (await reader.run(run)).settled({ signal: AbortSignal.timeout(20_000) })).outputs;
  return JSON.stringify(outputs);
}

function expectClean(): void {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect({}).not.toHaveProperty("polluted");
}

describe("a value", { timeout: 300_000 }, () => {
  it("given to a start, a delivery or an effect, also through another process, is kept exactly or refused with its place", async () => {
    const { own, other, reopen } = await opened();
    const ways: Readonly<Record<string, Way>> = {
      "start, here": (value) => byInput(own, value),
      "start, through the door": (value) => byInput(other, value),
      "delivery, here": (value) => byPayload(own, value),
      "delivery, through the door": (value) => byPayload(other, value),
      "result of an effect": (value) => byCall(own, "as-result", wrapped(value)),
    };
    const fates: { readonly way: string; readonly name: string; readonly is: string; readonly text: string; readonly fate: Fate }[] = [];
    for (const { name, make, is } of VALUES)
      for (const [way, send] of Object.entries(ways))
        fates.push({ way, name, is, text: is === "kept" ? JSON.stringify(wrapped(make())) : "", fate: await send(make()) });
    const reader = await reopen();
    for (const { way, name, is, text, fate } of fates) {
      const place = `${name}, by ${way}`;
      if (is === "refused") expect(fate, place).toEqual({ refusal: expect.stringContaining("items[1].when") });
      else if (way.endsWith("door") && text.length > DOOR_LIMIT)
        expect(fate, place).toEqual({ refusal: expect.stringContaining("too many") });
      else expect("run" in fate ? (await recordedIn(reader, fate.run)) === text : fate, place).toBe(true);
    }
    expectClean();
    figure("R14", { cases: fates.length, values: VALUES.length, ways: Object.keys(ways).length, changed: 0, polluted: 0 });
  });

  it("too long for the door of the process that writes is refused at once, and the next call goes through", async () => {
    const { other } = await opened();
    const long = other.start("as-input", { value: "x".repeat(17 * 1024 * 1024) });
    await expect(long).rejects.toMatchObject({ name: "InputError", code: "call_too_large" });
    expect(await byInput(other, "short")).toHaveProperty("run");
  });

  it("appended to a ledger by itself comes back as the same text, from blobs too", async () => {
    const folder = join(await temporaryFolder(), "ledger");
    const values = VALUES.filter(({ is }) => is === "kept").map(({ make }) => make());
    const facts = values.map((value) => ({ value }) as JsonObject);
    const ledger = await fileLedger(folder).open({ access: "write" });
    for (const [expected, fact] of facts.entries()) await ledger.append([{ run: "run", expected, facts: [fact] }]);
    await ledger.close();
    await using reader = await fileLedger(folder).open({ access: "read" });
    const read = (await reader.read("run")).flatMap((entry) => entry.facts.map((fact) => JSON.stringify(fact)));
    expect(read.map((text, index) => text === JSON.stringify(facts[index]))).toEqual(facts.map(() => true));
  });
});

describe("a text", { timeout: 300_000 }, () => {
  it("that a model, a caller over HTTP or the command line gives is read as JSON says, or refused", async () => {
    const { folder, own, reopen } = await opened();
    const answer = remoteCalls(own, { token: TOKEN });
    const ways: Readonly<Record<string, Way>> = {
      model: (text) => byCall(own, "as-reply", text),
      http: (text) => byHttp(answer, text),
      file: (text) => byFile(own, join(folder, "..", "inputs.json"), text),
    };
    const fates: { readonly place: string; readonly is: string; readonly text: string; readonly fate: Fate }[] = [];
    for (const { name, text, is } of TEXTS)
      for (const [way, send] of Object.entries(ways)) {
        if (typeof text !== "string" && way === "model") continue;
        const read = is === "refused" ? "" : JSON.stringify(JSON.parse(String(text)));
        fates.push({ place: `${name}, by ${way}`, is, text: read, fate: await send(text) });
      }
    const reader = await reopen();
    for (const { place, is, text, fate } of fates) {
      if (is === "refused") expect(fate, place).toEqual({ refusal: expect.stringMatching(/\S/) });
      else expect("run" in fate ? (await recordedIn(reader, fate.run)) === text : fate, place).toBe(true);
    }
    expectClean();
    figure("R14-text", { cases: fates.length, changed: 0, read: fates.filter(({ is }) => is === "read").length, polluted: 0 });
  });
});

/** A JSON document around a text or bytes. */
function around(before: string, value: unknown, after: string): Buffer {
  const middle = value instanceof Uint8Array ? value : Buffer.from(String(value));
  return Buffer.concat([Buffer.from(before), middle, Buffer.from(after)]);
}

async function byHttp(answer: (request: Request) => Promise<Response>, text: unknown): Promise<Fate> {
  const body = around('{"contract":"as-input","inputs":{"value":', text, "}}");
  const headers = { ...BEARER, "content-type": "application/json" };
  const response = await answer(new Request("http://here/v1/runs", { method: "POST", headers, body }));
  // What the calls promise.
  const { id, error } = (await response.json()) as { readonly id?: string; readonly error?: { readonly message: string } };
  expect(response.status).toBeLessThan(500);
  return id === undefined ? { refusal: error?.message ?? "" } : { run: id };
}

/** The shell of this process. */
const shell = processShell(new AbortController().signal, undefined);
shell.releaseOutput();

async function byFile(kindling: Kindling, file: string, text: unknown): Promise<Fate> {
  await writeFile(file, around('{"value":', text, "}"));
  const gathered = await gatherObject({ pairs: [], file }, { pair: "--input", json: "--json", file: "--input-file" }, {}, shell);
  if (!gathered.ok) return { refusal: gathered.issues.map(({ message }) => message).join() };
  return orRefusal(async () => ({ run: (await kindling.start("as-input", gathered.value)).id }));
}
