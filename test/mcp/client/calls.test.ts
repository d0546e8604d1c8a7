// Tools of another server in the middle of a conversation: over standard streams and HTTP, in both eras of the protocol; what arrives there, and what the model is told.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../src/index.ts";
import { INJECTION } from "./fixtures/notes-server.ts";
import { FORMS, FROM, openNotebook, played } from "./notebook.ts";

/** What a model asks for in one turn. */
const CALLS: readonly (readonly [string, JsonObject])[] = [
  ["notes__search", { text: "lamp" }],
  ["notes__write", { text: "new" }],
  ["notes__fails", {}],
  ["notes__pictures", {}],
  ["notes__meta", {}],
  ["notes__throws", {}],
  ["notes__lies", {}],
  ["notes__silent", {}],
  ["notes__asks", {}],
];

describe.each(FORMS)("tools of a server (%s)", (form) => {
  it("are called with what the model and the node give, and tell the model what they gave", async () => {
    const book = await openNotebook(form);
    const names = CALLS.map(([name]) => name.slice("notes__".length));
    book.locks([...names, "waits"]);
    const allow = Object.fromEntries(names.map((name) => [name, true as const]));
    const tools = book.tools({
      ...allow,
      search: { repeatable: true },
      write: { given: ["author"], keyProperty: "request_id" },
      ...(form.startsWith("old") ? {} : { waits: true }),
    });
    const { kindling, run, model, told } = await played(tools, [
      ...CALLS,
      ...(form.startsWith("old") ? [] : [["notes__waits", {}] as const]),
    ]);
    expect(await run.result()).toBe("done");
    expect(model.requests[0]?.tools?.[0]).toMatchObject({ name: "notes__search", description: "Finds notes." });
    expect(model.requests[0]?.tools?.[1]?.inputSchema).toMatchObject({ properties: { text: { type: "string" } }, required: ["text"] });

    const [search, write, fails, pictures, meta, throws, lies, silent, asks, ...waits] = told();
    expect([search, write, fails]).toEqual([
      `[from ${FROM}]\nfound lamp. ${INJECTION}`,
      { from: FROM, result: { number: 1 } },
      { error: '"fails" of the MCP server "notes" failed and says: there is no such note' },
    ]);
    expect(pictures).toBe(
      `[from ${FROM}]\na picture\n[image image/png, 5 bytes, which is not shown]\n[audio audio/wav, 5 bytes, which is not shown]\n[resource notes://1 first]\n[resource notes://2]\nthe second note`,
    );
    expect(JSON.parse(String(meta).split("\n")[1] ?? "")).toMatchObject({
      "kindling/idempotencyKey": expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(throws).toEqual({ error: 'the MCP server "notes" refused the call: broken inside' });
    expect(lies).toMatchObject({ error: expect.stringContaining("does not fit its output schema") });
    expect(silent).toMatchObject({ error: expect.stringContaining("has no structured content") });
    expect(waits).toEqual(form.startsWith("old") ? [] : [`[from ${FROM}]\nwaited`]);
    // An old server is told that nobody can be asked, and says so itself.
    const refusal = form.startsWith("old")
      ? "did not declare the required capability"
      : 'asks for input in the middle of "asks", and nobody';
    expect(asks).toMatchObject({ error: expect.stringContaining(refusal) });

    const written = book.calls().find(({ name }) => name === "write");
    expect(written?.input).toEqual({ text: "new", author: "Ms Okoye", request_id: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(new Set(book.calls().map(({ pid }) => pid)).size, "one connection for all").toBe(1);
    await kindling.close();
  });
});

describe("a program", () => {
  it("has the variables that are named for it, and no others of ours", async () => {
    process.env["NOTES_SECRET"] = "s3cret";
    process.env["OTHER_SECRET"] = "not for you";
    const book = await openNotebook();
    book.locks(["search"]);
    const tools = book.tools(["search"], { env: { NOTES_TOKEN: { env: "NOTES_SECRET", prefix: "x-" } } });
    const { run } = await played(tools, [["notes__search", { text: "a" }]]);
    await run.result();
    expect(JSON.parse(readFileSync(join(book.folder, "env.json"), "utf8"))).toEqual({ token: "x-s3cret" });
  });
});

describe("an address", () => {
  it("is sent headers of the environment, which stand in no fact", async () => {
    process.env["NOTES_SECRET"] = "s3cret-token";
    const book = await openNotebook("address");
    book.locks(["search"]);
    const tools = book.tools(["search"], { headers: { authorization: { env: "NOTES_SECRET", prefix: "Bearer " } } });
    const { run } = await played(tools, [["notes__search", { text: "a" }]]);
    await run.result();
    expect(book.listening?.headers.at(-1)?.["authorization"]).toBe("Bearer s3cret-token");
    expect(JSON.stringify(await run.facts())).not.toContain("s3cret");
  });
});
