// The options of `kindling mcp`: what is refused and how to mend it, entries for clients, and where the token comes from. Each call is a process, as a user's is.

import { chmod, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { mcpEntry, MCP_CLIENTS } from "../../src/cli/mcp-entry.ts";
import { mcpStateKey, stateKeyFileOf } from "../../src/cli/mcp-state-key.ts";
import { mcpToken, tokenFileOf } from "../../src/cli/mcp-token.ts";
import { type TestProject, testProject } from "./command-line.ts";

const LAUNCHER = join(fileURLToPath(new URL("../../", import.meta.url)), "bin", "kindling.js");

/** Starts `kindling mcp --http` and gives its address. */
async function serving({ start }: TestProject, ...words: string[]) {
  const { child, ended, said } = start("mcp", "--http", "--port", "0", ...words);
  onTestFinished(() => void child.kill("SIGKILL"));
  let out = "";
  child.stdout?.on("data", (text: string) => (out += text));
  let err = "";
  child.stderr?.on("data", (text: string) => (err += text));
  await said("serving 3 workflows");
  return { child, ended, url: out.trimEnd(), err: () => err };
}

function ping(url: string, authorization: string): Promise<Response> {
  const headers = { authorization, "content-type": "application/json", accept: "application/json, text/event-stream" };
  return fetch(url, { method: "POST", headers, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "server/discover" }) });
}

describe("kindling mcp --http", () => {
  it("prints the address alone, makes a token only its owner can read, tells where it is and not what, and ends with 0 on SIGINT", async () => {
    const project = await testProject();
    const { child, ended, url, err } = await serving(project);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    const file = tokenFileOf(project.folder);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const token = (await readFile(file, "utf8")).trim();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect((await ping(url, "")).status).toBe(401);
    expect((await ping(url, `Bearer ${token}`)).status).not.toBe(401);
    child.kill("SIGINT");
    const { code, out } = await ended;
    expect({ code, out }).toEqual({ code: 0, out: `${url}\n` });
    expect(err()).toContain(`bearer token in ${file} (made just now)`);
    expect(err()).not.toContain(token);
  });

  it("warns when it asks for no token, and says when its port is taken", async () => {
    const project = await testProject();
    const open = await serving(project, "--no-auth");
    expect(open.err()).toContain("warning: --no-auth");
    expect((await ping(open.url, "")).status).not.toBe(401);
    const taken = await project.kindling("mcp", "--http", "--port", new URL(open.url).port);
    expect(taken).toMatchObject({ code: 2, out: "", err: expect.stringContaining("Give another port, or 0") });
    open.child.kill("SIGTERM");
    expect((await open.ended).code).toBe(0);
  });
});

describe("options that are wrong", () => {
  it("are told with what to do, and nothing is served", async () => {
    const { kindling } = await testProject();
    const wrong: readonly (readonly [words: string, said: string, fix: string])[] = [
      ["--port 4181", "--port is for HTTP", "Add --http, or leave --port out."],
      ["--no-auth --token-file x", "--no-auth is for HTTP", "leave --no-auth and --token-file out"],
      ["--http --port 70000", '--port is "70000"', "Give a number from 1 to 65535"],
      ["--http --no-auth --host 0.0.0.0", "on 0.0.0.0 others can call", "Leave --no-auth or --host out."],
      ["--http --no-auth --token-file x", "--token-file names one", "Give one of the two."],
      ["--http --host nowhere.invalid", "cannot listen on nowhere.invalid", "Give another port"],
      ["--approval-url javascript:alert(1)", "no plain http or https address", "Give one like http://127.0.0.1:4180"],
      ["--json", "--json is for --print-config", "Leave --json out."],
      ["--print-config emacs", 'no client "emacs"', "Known are claude-code, claude-desktop, cursor, vscode"],
      ["--print-config claude-desktop --http", "no addresses", "kindling mcp --print-config claude-desktop"],
      ["--print-config cursor --http --port 0", "0 is any", "such as --port 4181"],
    ];
    const called = await Promise.all(wrong.map(([words]) => kindling("mcp", ...words.split(" "))));
    for (const [index, [words, said, fix]] of wrong.entries()) {
      const { code, out, err } = called[index] ?? { code: null, out: "", err: "" };
      expect({ words, code, out }).toEqual({ words, code: 2, out: "" });
      expect(err).toContain(said);
      expect(err).toContain(fix);
    }
  });
});

describe("kindling mcp --print-config", () => {
  it("prints an entry that stands on its own: this Node, the launcher and the config by their whole paths", async () => {
    const { folder, kindling, json } = await testProject();
    const page = ["--approval-url", "https://approve.example"];
    const printed = await kindling("mcp", "--print-config", "claude-code", ...page);
    expect(printed).toMatchObject({ code: 0, err: expect.stringContaining("Put this into .mcp.json") });
    const config = {
      mcpServers: {
        kindling: {
          type: "stdio",
          command: process.execPath,
          args: [LAUNCHER, "mcp", "--config", join(folder, "kindling.config.ts"), ...page],
        },
      },
    };
    expect(JSON.parse(printed.out)).toEqual(config);
    const asJson = await json("mcp", "--print-config", "claude-code", ...page);
    expect(asJson).toMatchObject({ ok: true, command: "mcp", result: { client: "claude-code", transport: "stdio", config } });
  });

  it("prints addresses for HTTP, with the place of the token and never the token", async () => {
    const { kindling } = await testProject();
    const printed = await kindling("mcp", "--print-config", "vscode", "--http", "--port", "5000");
    expect(JSON.parse(printed.out)).toEqual({
      inputs: [{ type: "promptString", id: "kindling-mcp-token", description: "The token of kindling mcp", password: true }],
      servers: {
        kindling: {
          type: "http",
          url: "http://127.0.0.1:5000/mcp",
          headers: { Authorization: `Bearer \${input:kindling-mcp-token}` },
        },
      },
    });
    expect(printed.err).toContain("kindling mcp --http --port 5000");
  });

  it("has the form that each client reads", () => {
    const stdio = { kind: "stdio", command: "node", args: ["kindling.js", "mcp"] } as const;
    const http = { kind: "http", url: "http://127.0.0.1:4181/mcp", tokenFile: "token" } as const;
    const forms = MCP_CLIENTS.map((client) => [mcpEntry(client, stdio)?.config, mcpEntry(client, http)?.config]);
    const { kind: _kind, ...command } = stdio;
    const headers = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });
    expect(forms.slice(0, 3)).toEqual([
      [
        { mcpServers: { kindling: { type: "stdio", ...command } } },
        { mcpServers: { kindling: { type: "http", url: http.url, ...headers(`\${KINDLING_MCP_TOKEN}`) } } },
      ],
      [{ mcpServers: { kindling: command } }, undefined],
      [
        { mcpServers: { kindling: { type: "stdio", ...command } } },
        { mcpServers: { kindling: { url: http.url, ...headers(`\${env:KINDLING_MCP_TOKEN}`) } } },
      ],
    ]);
    expect(forms[3]?.[0]).toEqual({ servers: { kindling: { type: "stdio", ...command } } });
    expect(JSON.stringify(mcpEntry("vscode", { ...http, tokenFile: undefined }))).not.toContain("Authorization");
  });
});

describe("the token", () => {
  const LONG = "a-token-of-some-length";

  it("comes from the file that is named, else from the environment, else from the project's own file, which stays the same", async () => {
    const { folder } = await testProject(true);
    const [named, ownFile] = [join(folder, "named"), tokenFileOf(folder)];
    const env = { KINDLING_MCP_TOKEN: LONG };
    const made = await mcpToken({ env, file: named, ownFile });
    expect(made).toMatchObject({ place: { file: named, isNew: true } });
    expect(await mcpToken({ env, file: undefined, ownFile })).toEqual({ token: LONG, place: { variable: "KINDLING_MCP_TOKEN" } });
    const [first, ...others] = await Promise.all(Array.from({ length: 8 }, () => mcpToken({ env: {}, file: undefined, ownFile })));
    for (const other of others) expect(other.token).toBe(first?.token);
    await symlink(named, join(folder, "link"));
    expect((await mcpToken({ env: {}, file: join(folder, "link"), ownFile })).token).toBe(made.token);
  });

  it("is refused where others may know it, or where it is none", async () => {
    const { folder } = await testProject(true);
    const ownFile = tokenFileOf(folder);
    const file = join(folder, "token");
    const read = (from: string, env = {}) => mcpToken({ env, file: from, ownFile });
    await writeFile(file, LONG, { mode: 0o600 });
    for (const mode of [0o640, 0o604, 0o660]) {
      await chmod(file, mode);
      await expect(read(file)).rejects.toMatchObject({ code: "token_exposed", fix: expect.stringContaining("chmod 600") });
    }
    await chmod(file, 0o600);
    await writeFile(file, "short");
    await expect(read(file)).rejects.toMatchObject({
      code: "bad_token",
      message: expect.stringContaining("has 5 characters, and needs 16"),
    });
    await writeFile(file, "two words that are long");
    await expect(read(file)).rejects.toMatchObject({ code: "bad_token" });
    await writeFile(file, "x".repeat(10_000));
    await expect(read(file)).rejects.toMatchObject({ code: "token_unreadable" });
    await mkdir(join(folder, "folder"), { mode: 0o700 });
    await expect(read(join(folder, "folder"))).rejects.toMatchObject({ code: "token_unreadable" });
    await expect(read(join(file, "inside"))).rejects.toMatchObject({ code: "token_unreadable" });
    const empty = mcpToken({ env: { KINDLING_MCP_TOKEN: "" }, file: undefined, ownFile });
    await expect(empty).rejects.toMatchObject({ code: "bad_token", message: expect.stringContaining("KINDLING_MCP_TOKEN") });
  });
});

describe("the key of questions", () => {
  it("is made once for a project, readable by its owner alone, and refused where others may know it or it is too short", async () => {
    const { folder } = await testProject(true);
    const keys = await Promise.all(Array.from({ length: 8 }, () => mcpStateKey({}, folder)));
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[\w-]{43}$/);
    const own = "k".repeat(32);
    expect(await mcpStateKey({ KINDLING_MCP_STATE_KEY: own }, folder)).toBe(own);
    await expect(mcpStateKey({ KINDLING_MCP_STATE_KEY: "" }, folder)).rejects.toMatchObject({
      code: "bad_key",
      message: expect.stringContaining("KINDLING_MCP_STATE_KEY has 0 bytes"),
    });
    const file = stateKeyFileOf(folder);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await chmod(file, 0o644);
    await expect(mcpStateKey({}, folder)).rejects.toMatchObject({
      code: "key_exposed",
      fix: expect.stringContaining("Others may know the key"),
    });
    await chmod(file, 0o600);
    await writeFile(file, "short\n");
    await expect(mcpStateKey({}, folder)).rejects.toMatchObject({
      code: "bad_key",
      message: expect.stringContaining("has 5 bytes, and needs 32"),
    });
    await rm(file);
    await mkdir(file, { mode: 0o700 });
    await expect(mcpStateKey({}, folder)).rejects.toMatchObject({ code: "key_unreadable", fix: expect.stringContaining("made at random") });
  });
});
