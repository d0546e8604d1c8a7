// Prompts out of Langfuse, over its true endpoint and with its own client: read once, recorded with their version, and a reason whenever the file stands in.

import { delay, http, HttpResponse, type JsonBodyType } from "msw";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type Prompt } from "../../src/index.ts";
import { toDocument } from "../../src/document/index.ts";
import { parsePrompt } from "../../src/model/prompt.ts";
import { langfusePrompt, type LangfusePromptOptions } from "../../src/observe/langfuse-index.ts";
import { manualClock, memoryLedger } from "../../src/testing.ts";
import { model } from "../host/models.ts";
import { openKindling } from "../host/open-host.ts";
import { server, useServer } from "../providers/server.ts";

useServer();

const PLACE = "https://langfuse.example/api/public/v2/prompts/triage";
const KEYS = { publicKey: "pk-lf-1", secretKey: "sk-lf-s3cret", baseUrl: "https://langfuse.example" };
const fallback = parsePrompt(
  "---\nname: triage\ninputs: { ticket: string, tone: string? }\nuntrusted: [ticket]\nmaxOutputTokens: 77\n---\nFile: {{ticket}} {{tone}}",
  { name: "triage", file: "triage.prompt.md" },
);

/** Answers as Langfuse does, and notes what it was asked. */
function shelf(...answers: (JsonBodyType | number)[]) {
  const asked: { readonly query: string; readonly authorization: string | null }[] = [];
  server.use(
    http.get(PLACE, ({ request }) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push({ query: new URL(request.url).search, authorization: request.headers.get("authorization") });
      return typeof answer === "number"
        ? HttpResponse.json({ error: "Nope", message: "sk-lf-s3cret" }, { status: answer })
        : HttpResponse.json(answer ?? null);
    }),
  );
  return asked;
}

const stored = (prompt: JsonBodyType, version = 7, type = "text"): JsonBodyType => ({
  id: "cm1",
  name: "triage",
  version,
  type,
  prompt,
  config: {},
  labels: ["production"],
  tags: [],
});

const sorting = (prompt: Prompt) =>
  contract("sorting", {
    inputs: { ticket: z.string() },
    define: (g, { ticket }) => g.llm("sort", { needs: { ticket }, prompt, model: "scripted:x", retry: { attempts: 1 } }),
  });

/** Runs a contract that asks with the prompt, and gives what was sent and recorded. */
async function asked(options: Partial<LangfusePromptOptions> = {}) {
  const provider = model("billing");
  const made = sorting(langfusePrompt("triage", { ...KEYS, fallback, ...options }));
  const kindling = await openKindling({ contracts: [made], models: [provider] });
  const run = await kindling.start(made, { ticket: "Charged twice" });
  const view = await run.settled();
  const facts = await run.facts();
  const resolved = facts.find((fact) => fact.type === "prompt.resolved");
  return { provider, view, facts, resolved, run, kindling, text: provider.asked[0] ?? "" };
}

describe("a prompt in Langfuse", () => {
  it("is asked for by name and label with the project's keys, and its version is a fact before the model is asked", async () => {
    const requests = shelf(stored("Sort with care: {{ticket}}"));
    const { text, facts, resolved, provider, run } = await asked();
    expect(requests).toEqual([{ query: "?label=production", authorization: `Basic ${btoa("pk-lf-1:sk-lf-s3cret")}` }]);
    expect(text).toMatch(/^Sort with care: <untrusted-[0-9a-f]{12} name="ticket"/);
    expect(resolved).toMatchObject({ from: { store: "langfuse", name: "triage", label: "production", version: 7 } });
    expect(facts.findIndex(({ type }) => type === "prompt.resolved")).toBeLessThan(
      facts.findIndex(({ type }) => type === "model.requested"),
    );
    expect(provider.requests[0]?.maxOutputTokens, "the settings are the file's").toBe(77);
    expect(await run.prompts()).toMatchObject([{ name: "triage", text: expect.stringContaining("Sort with care"), from: { version: 7 } }]);
    expect(JSON.stringify(facts)).not.toContain("s3cret");
  });

  it("may be one version, or have sections, or be a chat", async () => {
    const requests = shelf(
      stored("{{#system}}Be kind.{{! cache 1h}}{{/system}}{{#user}}{{ticket}}{{/user}}"),
      stored(
        [
          { role: "system", content: "Be {{tone}}kind." },
          { type: "chatmessage", role: "user", content: "{{ticket}}" },
        ],
        3,
        "chat",
      ),
    );
    const text = await asked({ version: 7 });
    expect(text.provider.requests[0]?.messages).toMatchObject([
      { role: "system", content: [{ text: "Be kind.", cache: "1h" }] },
      { role: "user" },
    ]);
    const chat = await asked();
    expect(chat.provider.requests[0]?.messages).toMatchObject([{ role: "system", content: [{ text: "Be kind." }] }, { role: "user" }]);
    expect(requests.map(({ query }) => query)).toEqual(["?version=7", "?label=production"]);
  });

  it("is read once by all that want it within its time, and again afterwards", async () => {
    const requests = shelf(stored("One {{ticket}}", 1), stored("Two {{ticket}}", 2));
    const clock = manualClock();
    const provider = model("ok");
    const made = sorting(langfusePrompt("triage", { ...KEYS, fallback, cacheTtl: "1m" }));
    const kindling = await openKindling({ contracts: [made], models: [provider], clock });
    const go = async () => (await kindling.start(made, { ticket: "x" })).settled();
    await Promise.all([go(), go(), go()]);
    expect(requests).toHaveLength(1);
    clock.advance(59_000);
    await go();
    expect(requests).toHaveLength(1);
    clock.advance(2_000);
    await go();
    expect(requests).toHaveLength(2);
    expect(provider.asked.map((text) => text.slice(0, 3))).toEqual(["One", "One", "One", "One", "Two"]);
  });

  it("that was read is taken again while Langfuse does not answer", async () => {
    const requests = shelf(stored("One {{ticket}}", 1), 503);
    const made = sorting(langfusePrompt("triage", { ...KEYS, fallback, cacheTtl: 0 }));
    const provider = model("ok");
    // Without a time to live nothing is held; with one it is held beyond it.
    const held = sorting(langfusePrompt("triage", { ...KEYS, fallback, cacheTtl: 1 }));
    for (const [contracts, expected] of [
      [held, "One"],
      [made, "Fil"],
    ] as const) {
      const clock = manualClock();
      const kindling = await openKindling({ contracts: [contracts], models: [provider], clock });
      await (await kindling.start("sorting", { ticket: "x" })).settled();
      clock.advance(10);
      const run = await kindling.start("sorting", { ticket: "x" });
      await run.settled();
      expect(provider.asked.at(-1)?.slice(0, 3)).toBe(expected);
      await kindling.close();
    }
    expect(requests.length).toBe(4);
  });
});

describe("the file stands in, and the run says why, when Langfuse", () => {
  it.each<[string, JsonBodyType | number, Partial<LangfusePromptOptions>, string, string]>([
    ["refuses the keys", 401, {}, "langfuse_denied", "langfuse does not let these keys read (401)"],
    ["has no such prompt", 404, {}, "langfuse_not_found", 'langfuse has no prompt "triage" with the label "production"'],
    ["fails", 500, {}, "langfuse_failed", "langfuse answered with 500"],
    ["gives something else", { hello: 1 }, {}, "langfuse_answer", "is no text and no chat prompt"],
    [
      "gives the wrong sort",
      stored("{{ticket}}"),
      { type: "chat" },
      "langfuse_prompt_type",
      '"triage" 7 is a text prompt, and a chat prompt is wanted',
    ],
    [
      "reads a variable nobody declares",
      stored("Hi\n{{ticket}} {{name}}"),
      {},
      "prompt_invalid",
      'langfuse triage 7:2 {{name}} reads "name"',
    ],
    ["leaves out a variable that is required", stored("Sort it."), {}, "prompt_invalid", '"ticket" is declared but never used'],
    ["has logic", stored("{{#ticket}}x{{/ticket}}{{ticket}}"), {}, "prompt_invalid", "{{#ticket}} is not understood"],
    [
      "has a placeholder",
      stored([{ type: "placeholder", name: "history" }], 7, "chat"),
      {},
      "langfuse_prompt_unfit",
      'message 1 of "triage" 7 is a placeholder',
    ],
    ["has another role", stored([{ role: "tool", content: "{{ticket}}" }], 7, "chat"), {}, "langfuse_prompt_unfit", 'has the role "tool"'],
  ])("%s", async (_name, answer, options, code, message) => {
    shelf(answer);
    const { text, resolved, facts } = await asked(options);
    expect(text).toMatch(/^File: <untrusted/);
    expect(resolved).toMatchObject({
      prompt: `triage@${fallback.version}`,
      from: { store: "langfuse", name: "triage", label: "production" },
      fallback: { code, message: expect.stringContaining(message) },
    });
    expect(resolved).not.toHaveProperty("from.version");
    expect(JSON.stringify(facts)).not.toContain("s3cret");
  });

  it("is down, slow or not set up", async () => {
    server.use(http.get(PLACE, () => HttpResponse.error()));
    expect((await asked()).resolved).toMatchObject({ fallback: { code: "langfuse_unreachable" } });
    server.use(http.get(PLACE, async () => (await delay(5_000), HttpResponse.json(stored("{{ticket}}")))));
    expect((await asked({ timeout: 20 })).resolved).toMatchObject({
      fallback: { code: "langfuse_timeout", message: "langfuse did not answer within 20 ms" },
    });
    expect((await asked({ publicKey: "" })).resolved).toMatchObject({ fallback: { code: "langfuse_not_configured" } });
  });

  it("and the author wants that, the node fails instead", async () => {
    shelf(404);
    const { view, provider } = await asked({ onFault: "fail" });
    expect(view).toMatchObject({ status: "failed", error: { message: expect.stringContaining("langfuse has no prompt") } });
    expect(provider.requests).toHaveLength(0);
  });
});

describe("a conversation that waits for Langfuse", () => {
  it("is cancelled at once, and others go on with the same read", async () => {
    server.use(http.get(PLACE, async () => (await delay(100), HttpResponse.json(stored("Late {{ticket}}")))));
    const provider = model("ok");
    const made = sorting(langfusePrompt("triage", { ...KEYS, fallback }));
    const kindling = await openKindling({ contracts: [made], models: [provider], ledger: memoryLedger() });
    const [one, other] = [await kindling.start(made, { ticket: "1" }), await kindling.start(made, { ticket: "2" })];
    expect((await one.cancel()).status).toBe("cancelled");
    await other.settled();
    expect(provider.asked.map((text) => text.slice(0, 4))).toEqual(["Late"]);
  });
});

describe("what makes no sense", () => {
  it.each<[string, () => unknown, string]>([
    ["a label and a version", () => langfusePrompt("triage", { fallback, label: "a", version: 1 }), "label and version are both given"],
    ["a version that is none", () => langfusePrompt("triage", { fallback, version: 0 }), "version is 0"],
    ["an empty name", () => langfusePrompt(" ", { fallback }), "the name is empty"],
    ["a time that is none", () => langfusePrompt("triage", { fallback, cacheTtl: "soon" as "1m" }), 'cacheTtl is "soon"'],
    ["no file", () => langfusePrompt("triage", {} as LangfusePromptOptions), "there is no fallback"],
    [
      "a fallback in Langfuse",
      () => langfusePrompt("triage", { fallback: langfusePrompt("other", { fallback }) }),
      "kept elsewhere itself",
    ],
  ])("%s is refused where it is written", (_name, make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: "bad_langfuse_prompt", message: expect.stringContaining(message) }));
  });

  it("a contract is checked against the file's variables", () => {
    const prompt = langfusePrompt("triage", { fallback });
    expect(() =>
      contract("wrong", { inputs: { t: z.string() }, define: (g, { t }) => g.llm("x", { needs: { tickt: t }, prompt }) }),
    ).toThrow("wants {{ticket}}, and the node has no such need");
  });

  it("a fork takes a file, and a document holds no prompt that is kept elsewhere", async () => {
    shelf(stored("{{ticket}}"));
    const { kindling, run } = await asked();
    await expect(kindling.fork(run.id, { prompts: { sort: langfusePrompt("triage", { ...KEYS, fallback }) } })).rejects.toMatchObject({
      code: "prompt_elsewhere",
    });
    expect(() => toDocument(sorting(langfusePrompt("triage", { fallback })))).toThrow("Make it a prompt file");
    expect(() => toDocument(sorting(fallback))).not.toThrow();
  });
});
