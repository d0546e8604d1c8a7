// Prompt files in runs: their text is kept once, what stood elsewhere is a fact before the model is asked, and both can be read again.

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { planOf } from "../../src/compile/plan.ts";
import { contract, type Contract, fileLedger, type Prompt, type ResolvedPrompt } from "../../src/index.ts";
import { parsePrompt, promptWithBody } from "../../src/model/prompt.ts";
import { sha256 } from "../../src/sha256.ts";
import { memoryLedger } from "../../src/testing.ts";
import { factsOf, ledgerWith, logOf } from "./ledgers.ts";
import { model } from "./models.ts";
import { openKindling } from "./open-host.ts";

const TEXT = "---\nname: greet\ninputs: { name: string }\ntopP: 0.5\nstop: END\n---\nGreet {{name}}.";
const file = parsePrompt(TEXT, { name: "greet", file: "greet.prompt.md" });

const greeting = (prompt: Prompt): Contract<{ names: string[] }, unknown> =>
  contract("greeting", {
    inputs: { names: z.array(z.string()) },
    define: (g, { names }) =>
      g.collection("greetings", {
        over: names,
        as: "name",
        key: String,
        each: (g, { name }) => g.llm("greet", { needs: { name }, prompt, model: "scripted:x" }),
      }),
  });

/** A prompt whose text is kept elsewhere: `read` gives what stands there. */
const elsewhere = (read: () => ResolvedPrompt): Prompt => ({
  ...file,
  origin: { store: "shelf", name: "greet", label: "latest" },
  resolve: async () => read(),
});

const found = (body: string, version: number): ResolvedPrompt => ({
  prompt: promptWithBody(file, body, "greet on the shelf"),
  from: { store: "shelf", name: "greet", label: "latest", version },
});

describe("the text of a prompt file", () => {
  it("is kept once beside the log, and every request names it", async () => {
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [greeting(file)], models: [model("Hi.")], ledger: place });
    const run = await kindling.start("greeting", { names: ["Ann", "Bob"] });
    await run.settled();
    const requests = (await run.facts()).filter(({ type }) => type === "model.requested");
    expect(requests).toMatchObject([{ promptText: sha256(TEXT) }, { promptText: sha256(TEXT) }]);
    expect(JSON.stringify(await run.facts())).not.toContain("Greet");
    expect(await run.prompts()).toEqual(
      ["greetings[Ann]/greet", "greetings[Bob]/greet"].map((path) => ({ path, name: "greet", version: file.version, text: TEXT })),
    );
  });

  it("of a fork with another prompt is that of the fork, and stands in no other place than its own facts", async () => {
    const kindling = await openKindling({ contracts: [greeting(file)], models: [model("Hi.")] });
    const run = await kindling.start("greeting", { names: ["Ann"] });
    await run.settled();
    const other = parsePrompt(TEXT.replace("Greet", "Welcome"), { name: "greet", file: "other.prompt.md" });
    const fork = await kindling.fork(run.id, { prompts: { "greetings/greet": other } });
    await fork.settled();
    expect((await fork.prompts()).map(({ text }) => text)).toEqual([other.text]);
    expect((await fork.facts()).find(({ type }) => type === "model.requested")).not.toHaveProperty("promptText");
  });

  it.each(["in memory", "in a folder", "encrypted"] as const)(
    "stays while the ledger is made smaller, and for those who name it later: %s",
    async (kind) => {
      const folder = mkdtempSync(join(tmpdir(), "kindling-prompts-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const keyFile = join(folder, "master.key");
      writeFileSync(keyFile, randomBytes(32).toString("base64"), { mode: 0o600 });
      const place =
        kind === "in memory" ? memoryLedger() : fileLedger(join(folder, "ledger"), kind === "encrypted" ? { key: { file: keyFile } } : {});
      const open = () => openKindling({ contracts: [greeting(file)], models: [model("Hi.")], ledger: place });
      let kindling = await open();
      for (let round = 1; round <= 3; round++) {
        const run = await kindling.start("greeting", { names: ["Ann"] });
        await run.settled();
        expect(
          (await run.prompts()).map(({ text }) => text),
          `round ${round}`,
        ).toEqual([TEXT]);
        expect((await kindling.compact({ retention: [{ keep: 0 }] })).contracts).toMatchObject([{ contract: "greeting", runs: 1 }]);
        // The last round is another process: nobody has named the text since.
        if (round === 2) {
          await kindling.close();
          kindling = await open();
        }
      }
    },
  );

  it("brings its settings to the request, under those of the node", async () => {
    const provider = model("Hi.");
    const own = contract("own", {
      inputs: { name: z.string() },
      define: (g, { name }) => g.llm("greet", { needs: { name }, prompt: file, model: "scripted:x", temperature: 1, maxOutputTokens: 7 }),
    });
    const kindling = await openKindling({ contracts: [own], models: [provider] });
    await (await kindling.start(own, { name: "Ann" })).result();
    expect(provider.requests[0]).toMatchObject({ topP: 0.5, stop: ["END"], temperature: 1, maxOutputTokens: 7 });
  });
});

describe("a prompt that is kept elsewhere", () => {
  it("is recorded before the model is asked, with where it came from", async () => {
    const provider = model("Hi.");
    const kindling = await openKindling({ contracts: [greeting(elsewhere(() => found("Say hello to {{name}}.", 4)))], models: [provider] });
    const run = await kindling.start("greeting", { names: ["Ann"] });
    await run.settled();
    expect(provider.asked).toEqual(["Say hello to Ann."]);
    const facts = (await run.facts()).filter(({ type }) => /^(prompt|model)\./.test(type));
    expect(facts.map(({ type }) => type)).toEqual(["prompt.resolved", "model.requested", "model.replied"]);
    expect(facts[0]).toMatchObject({ from: { store: "shelf", name: "greet", label: "latest", version: 4 }, path: "greetings[Ann]/greet" });
    expect(facts[0]).toMatchObject({ prompt: expect.not.stringContaining(file.version) });
    expect(await run.prompts()).toMatchObject([{ text: TEXT.replace("Greet {{name}}", "Say hello to {{name}}"), from: { version: 4 } }]);
    expect((await kindling.explain(run.id, "greetings[Ann]/greet")).text).toContain("(shelf greet 4 (latest))");
  });

  it("is read once: a run that goes on after a crash at any commit asks with the words it had recorded", async () => {
    let version = 0;
    const read = () => found(`Hello {{name}}, for the ${(version += 1)}. time.`, version);
    const made = greeting(elsewhere(read));
    const place = memoryLedger();
    const first = await openKindling({ contracts: [made], models: [model("Hi.")], ledger: place });
    const run = await first.start(made, { names: ["Ann"] });
    await run.settled();
    await first.close();
    const log = await logOf(place);
    let resumed = 0;
    for (let commits = 1; commits <= log.entries.length; commits++) {
      const cut = await ledgerWith(log, commits);
      const before = await factsOf(cut);
      const provider = model("Hi.");
      version = 1;
      const kindling = await openKindling({ contracts: [made], models: [provider], ledger: cut });
      await (await kindling.run(run.id)).settled();
      const isRecorded = before.some(({ type }) => type === "prompt.resolved");
      expect(version, `read again after ${commits}`).toBe(isRecorded || before.some(({ type }) => type === "child.settled") ? 1 : 2);
      if (isRecorded && provider.asked.length > 0) {
        resumed += 1;
        expect(provider.asked).toEqual(["Hello Ann, for the 1. time."]);
      }
      await kindling.close();
    }
    expect(resumed).toBeGreaterThan(0);
  });

  it("that cannot be had says why the local file stands in", async () => {
    const fallback = { code: "unreachable", message: "the shelf is out of reach" };
    const origin = { store: "shelf", name: "greet", label: "latest" };
    const kindling = await openKindling({
      contracts: [greeting(elsewhere(() => ({ prompt: file, from: origin, fallback })))],
      models: [model("Hi.")],
    });
    const run = await kindling.start("greeting", { names: ["Ann"] });
    await run.settled();
    expect((await run.facts()).find(({ type }) => type === "prompt.resolved")).toMatchObject({ from: origin, fallback });
    expect((await kindling.explain(run.id, "greetings[Ann]/greet")).text).toContain(
      "local file instead of shelf greet (latest): the shelf is out of reach",
    );
  });

  it("moves a node's fingerprint by where it is kept, and not by what stands there", () => {
    const hashOf = (prompt: Prompt) => planOf(greeting(prompt).graph).hash;
    const one = elsewhere(() => found("One {{name}}.", 1));
    expect(hashOf(elsewhere(() => found("Two {{name}}.", 2)))).toBe(hashOf(one));
    expect(hashOf({ ...one, origin: { store: "shelf", name: "greet", label: "staging" } })).not.toBe(hashOf(one));
    expect(hashOf(file)).not.toBe(hashOf(one));
  });
});
