// Approvers with passphrases on the command line: making one, deciding as one, and the page of `kindling serve`, all as real processes.

import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { readPassphraseHash } from "../../src/web/passphrase.ts";
import { formIn, gateAt, PASSPHRASE, quickHash, Visitor } from "../web/page-visitor.ts";
import { COMPILED, type Running, type TestProject, testProject } from "./command-line.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const CONFIG = `
import { contract, defineConfig } from "kindling";
import { z } from "zod";

const letter = contract("letter", {
  inputs: { text: z.string() },
  correlate: ["text"],
  define(g, { text }) {
    const review = g.await("review", { event: "letter.reviewed", schema: z.object({ decision: z.enum(["approve", "reject"]) }), show: { text }, by: "human", timeout: "1d" });
    const colour = g.await("colour", { event: "colour.chosen", schema: z.object({ colour: z.enum(["red", "blue"]) }), show: { review }, by: "human", roles: ["editor"], timeout: "1d" });
    return { review, colour };
  },
});

export default defineConfig({
  contracts: [letter],
  approvers: [{ id: "ada", roles: ["editor"], passphrase: "${quickHash(PASSPHRASE)}" }, { id: "grace", passphrase: "${quickHash("another passphrase of four words")}" }],
});
`;

let project: TestProject;
beforeAll(async () => {
  project = await testProject();
  await writeFile(join(project.folder, "kindling.config.ts"), CONFIG);
});

/** A call with something on its standard input. */
async function given(input: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ["--conditions=kindling-source", join(ROOT, "bin", "kindling.js"), ...words], {
    cwd: project.folder,
    env: { ...COMPILED, PATH: process.env["PATH"], HOME: project.folder, TZ: "UTC", KINDLING_COMMAND: "kindling", ...env },
    stdio: "pipe",
  });
  child.stdin.on("error", () => {
    // It ended without reading to the end, which its exit code tells.
  });
  child.stdin.end(input);
  const texts = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.err += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...texts };
}

async function started(text: string): Promise<string> {
  const { result } = await project.json("start", "letter", "-i", `text=${text}`);
  return (result["run"] as { readonly id: string }).id;
}

async function deciders(run: string): Promise<unknown[]> {
  const { result } = await project.json("facts", run);
  const facts = result["facts"] as readonly { readonly type: string; readonly actor?: unknown }[];
  return facts.flatMap(({ type, actor }) => (type === "event.delivered" ? [actor] : []));
}

describe("approvers add", () => {
  it("makes an entry from a passphrase, and says it nowhere", async () => {
    const made = await given(`${PASSPHRASE}\n`, ["--json", "approvers", "add", "bob", "--role", "editor", "--passphrase-stdin"]);
    const { approver } = (JSON.parse(made.out) as { result: { approver: { id: string; roles: string[]; passphrase: string } } }).result;
    expect([made.code, approver.id, approver.roles, readPassphraseHash(approver.passphrase)?.ln]).toEqual([0, "bob", ["editor"], 16]);
    expect(made.out + made.err).not.toContain(PASSPHRASE);
  });
});

describe("deciding in a project whose approvers have passphrases", () => {
  it("takes the passphrase of the one who decides, and nothing less", async () => {
    const run = await started("Dear all");
    const file = join(project.folder, "passphrase");
    await writeFile(file, `${PASSPHRASE}\n`, { mode: 0o600 });
    const ada = { KINDLING_PASSPHRASE_FILE: file };
    const approve = ["--json", "approve", run, "review"];
    const deliver = ["--json", "deliver", "letter.reviewed", "--set", "decision=approve"];
    const refusals = await Promise.all([
      given("", approve),
      given(`${PASSPHRASE}\n`, [...approve, "--as", "grace", "--passphrase-stdin"]),
      given("", [...deliver, "--run", run, "--as", "ada"]),
      given("", [...deliver, "-c", "text=Dear all"]),
    ]);
    const codes = refusals.map(({ code, out }) => [code, (JSON.parse(out) as { error: { code: string } }).error.code]);
    expect(codes).toEqual([
      [2, "which_approver"],
      [4, "wrong_passphrase"],
      [2, "passphrase_needed"],
      [4, "human_decision_required"],
    ]);
    expect(await deciders(run)).toEqual([]);
    expect((await given(`${PASSPHRASE}\r\n`, [...approve, "--as", "ada", "--passphrase-stdin"])).code).toBe(0);
    // A gate that knows no approve and reject is decided by the command that the run tells.
    const told = await project.kindling("show", run);
    expect(told.out).toContain(`kindling deliver colour.chosen --run ${run} --path colour`);
    expect((await given("", ["deliver", "colour.chosen", "--run", run, "--set", "colour=red", "--as", "ada"], ada)).code).toBe(0);
    const actor = { id: "cli:ada", assurance: "outOfBand", roles: ["editor"] };
    expect(await deciders(run)).toEqual([actor, actor]);
  });
});

describe("kindling serve", () => {
  it("serves the page until it is told to end, and tells who signed in and decided", async () => {
    const run = await started("Dear you");
    const serving = project.start("serve", "--port", "0");
    const url = await firstLineOf(serving);
    const ada = new Visitor(url);
    expect((await ada.get(gateAt(run, "review"))).status).toBe(303);
    await ada.signIn();
    const sent = [...formIn(await ada.get(gateAt(run, "review"))), ["f.decision", "reject"]] as const;
    expect((await ada.post(gateAt(run, "review"), sent)).status).toBe(303);
    // The run goes on in this process: it has opened the next gate.
    expect((await ada.get("/")).text).toContain(gateAt(run, "colour"));
    serving.child.kill("SIGINT");
    const { code, out, err } = await serving.ended;
    expect([code, out]).toEqual([0, `${url}\n`]);
    for (const line of ["ada signed in", `ada decided review of ${run}`]) expect(err).toContain(line);
    expect(err).not.toContain(PASSPHRASE);
    expect(await deciders(run)).toEqual([{ id: "page:ada", assurance: "outOfBand", roles: ["editor"] }]);
  });
});

/** What stands first on the standard output of a process. */
function firstLineOf({ child, ended }: Running): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", (text: string) => {
      said += text;
      if (said.includes("\n")) resolve(said.slice(0, said.indexOf("\n")));
    });
    void ended.then(({ err }) => reject(new Error(err)));
  });
}
