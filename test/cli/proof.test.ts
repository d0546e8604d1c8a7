// Receipts and anchors from the command line: made in a project, checked in a folder that holds nothing else.

import { generateKeyPairSync } from "node:crypto";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { testProject, type TestProject } from "./command-line.ts";

let project: TestProject;
let elsewhere: TestProject;

beforeEach(async () => {
  [project, elsewhere] = await Promise.all([testProject(), testProject(true)]);
  await project.kindling("run", "article", "--input", "topic=Rain");
  await project.kindling("approve", "latest", "review", "--comment", "fine");
});

const move = async (file: string) => cp(join(project.folder, file), join(elsewhere.folder, file));

describe("a receipt", () => {
  it("is checked where there is no project and no ledger, and tells inputs, values, who decided, cost and what it does not show", async () => {
    expect(await project.kindling("receipt", "latest", "--out", "r.json")).toMatchObject({ code: 0 });
    await move("r.json");
    const { code, out } = await elsewhere.kindling("verify", "--receipt", "r.json");
    expect(code).toBe(0);
    for (const said of [
      "level 1, chain only",
      "topic  Rain",
      "draft   Rain, in 100 words",
      '"comment":"fine"',
      "by cli:",
      "no model was called",
      "what came after: the run had not ended",
    ])
      expect(out).toContain(said);
    const { result } = await elsewhere.json("verify", "--receipt", "r.json");
    expect(result).toMatchObject({
      receipt: { level: "chain", faults: [] },
      account: { contract: "article", inputs: { topic: "Rain" }, status: "open", decisions: [{ path: "review" }] },
    });
  });

  it("is signed with a key and anchored by a line that was kept outside", async () => {
    const keys = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    await writeFile(join(project.folder, "private.pem"), keys.privateKey, { mode: 0o600 });
    await writeFile(join(elsewhere.folder, "public.pem"), keys.publicKey);
    expect(await project.kindling("anchor", "--file", "anchors.jsonl")).toMatchObject({ code: 0 });
    expect(
      await project.kindling("receipt", "latest", "--out", "r.json", "--sign", "private.pem", "--anchor", "anchors.jsonl"),
    ).toMatchObject({ code: 0 });
    await Promise.all([move("r.json"), move("anchors.jsonl")]);
    expect((await elsewhere.kindling("verify", "--receipt", "r.json", "--public-key", "public.pem")).out).toContain("level 2, signed");
    const { out } = await elsewhere.kindling("verify", "--receipt", "r.json", "--public-key", "public.pem", "--anchor", "anchors.jsonl");
    expect(out).toContain("level 3, anchored");
    expect(out).toContain("signed with the key");
  });

  it("that was changed shows nothing, and the exit code says so", async () => {
    await project.kindling("receipt", "latest", "--out", "r.json");
    const text = await readFile(join(project.folder, "r.json"), "utf8");
    await writeFile(join(elsewhere.folder, "r.json"), text.replace("Rain", "Snow"));
    const { code, err } = await elsewhere.kindling("verify", "--receipt", "r.json");
    expect([code, err.includes("a byte of it was changed"), err.includes("Snow")]).toEqual([5, true, false]);
    expect(await elsewhere.kindling("verify", "--receipt", "none.json")).toMatchObject({ code: 2 });
  });
});

describe("anchors", () => {
  it("show that the ledger was put back to an older copy, which by itself looks whole", async () => {
    const ledger = join(project.folder, ".kindling", "ledger");
    const copy = join(project.folder, "copy");
    await cp(ledger, copy, { recursive: true });
    await project.kindling("run", "article", "--input", "topic=Snow");
    expect(await project.kindling("anchor", "--file", "anchors.jsonl")).toMatchObject({ code: 0 });
    expect((await project.kindling("verify", "--anchor", "anchors.jsonl")).out).toContain("1 anchor met up to commit");
    await rm(ledger, { recursive: true });
    await cp(copy, ledger, { recursive: true });
    expect(await project.kindling("verify")).toMatchObject({ code: 0 });
    const { code, err } = await project.kindling("verify", "--anchor", "anchors.jsonl");
    expect([code, err.includes("the log does not reach this commit any more")]).toEqual([5, true]);
  });

  it("are printed when no place is given, and go to one place only, never into the ledger's folder", async () => {
    const { out } = await project.kindling("anchor");
    expect(JSON.parse(out)).toMatchObject({ position: expect.any(Number), chain: expect.stringMatching(/^[\w-]{43}$/) });
    expect(await project.kindling("anchor", "--file", ".kindling/ledger/anchors.jsonl")).toMatchObject({ code: 2 });
    expect(await project.kindling("anchor", "--file", "a", "--url", "http://localhost:1")).toMatchObject({ code: 2 });
  });
});

describe("anchors that the config asks for", () => {
  it("are sent by commands that write, and not by those that only look", async () => {
    const config = join(project.folder, "kindling.config.ts");
    const text = await readFile(config, "utf8");
    await writeFile(config, text.replace("defineConfig({", 'defineConfig({ anchor: { every: "10m", to: { file: "anchors.jsonl" } },'));
    expect(await project.kindling("list")).toMatchObject({ code: 0 });
    await expect(readFile(join(project.folder, "anchors.jsonl"))).rejects.toMatchObject({ code: "ENOENT" });
    expect(await project.kindling("run", "article", "--input", "topic=Snow")).toMatchObject({ code: 0 });
    expect((await project.kindling("verify", "--anchor", "anchors.jsonl")).out).toContain("1 anchor met");
  });
});
