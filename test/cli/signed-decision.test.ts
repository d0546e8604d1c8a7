// Signed decisions on the command line, with the real ssh-keygen: words that are printed, signed and delivered in one go or one after the other.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { rewriteFacts } from "../ledger/rewritten-log.ts";
import { hasSshKeygen, makeKey, NO_SSH_KEYGEN, signWith } from "../signing/ssh-keygen.ts";
import { type TestProject, testProject } from "./command-line.ts";

const CONFIG = `
import { contract, defineConfig } from "kindling";
import { z } from "zod";

const launch = contract("launch", {
  inputs: { ship: z.string() },
  define: (g, { ship }) =>
    g.await("go", {
      event: "launch.decided",
      schema: z.object({ decision: z.enum(["approve", "reject"]), comment: z.string().optional() }),
      show: { ship },
      by: "human",
      assurance: "signed",
      timeout: "3d",
    }),
});

export default defineConfig({ contracts: [launch], approvers: APPROVERS });
`;

describe.skipIf(!hasSshKeygen)(`a decision that is signed${hasSshKeygen ? "" : `: ${NO_SSH_KEYGEN}`}`, () => {
  let project: TestProject;
  let keys: { readonly ada: string; readonly bob: string; readonly stranger: string };

  beforeAll(async () => {
    project = await testProject(false);
    const { folder } = project;
    const [ada, bob, stranger] = await Promise.all(["ada", "bob", "stranger"].map((name) => makeKey(folder, "ed25519", undefined, name)));
    keys = { ada: ada?.file ?? "", bob: bob?.file ?? "", stranger: stranger?.file ?? "" };
    const approvers = [
      { id: "ada", key: ada?.line },
      { id: "bob", key: bob?.line },
      { id: "eve", roles: ["guest"] },
    ];
    await writeFile(join(folder, "kindling.config.ts"), CONFIG.replace("APPROVERS", JSON.stringify(approvers)));
  });

  const begun = async () => {
    const { result } = await project.json("run", "launch", "--input", "ship=Rocinante");
    const { id } = result["run"] as { readonly id: string };
    return { id, next: result["next"] as readonly { readonly commands: readonly string[] }[] };
  };

  it("is wanted by the gate: approve alone is refused with the command that does it, and so do the commands that go on", async () => {
    const { id, next } = await begun();
    expect(next[0]?.commands[0]).toBe(`kindling approve ${id} go --sign ~/.ssh/id_ed25519`);
    const alone = await project.kindling("approve", id);
    expect(alone).toMatchObject({ code: 4, err: expect.stringContaining("--sign <key file>") as string });
    const signed = await project.kindling("approve", id, "--sign", keys.ada, "--as", "ada", "--comment", "fine");
    expect(signed).toMatchObject({ code: 0 });
    const { result } = await project.json("facts", id);
    expect(result["facts"]).toContainEqual(
      expect.objectContaining({
        type: "event.delivered",
        payload: { decision: "approve", comment: "fine" },
        actor: { id: "ada", assurance: "signed" },
      }),
    );
  });

  it("is printed as words, signed where the key is, and delivered from two files; --json gives the same words", async () => {
    const { id } = await begun();
    const file = join(project.folder, "words");
    const printed = await project.kindling("reject", id, "--statement", "--as", "bob", "--valid-for", "1d");
    expect(printed).toMatchObject({ code: 0, err: expect.stringContaining(`kindling reject ${id} go --signature <file>.sig`) as string });
    expect(JSON.parse(printed.out)).toMatchObject({ approver: "bob", run: id, path: "go" });
    await writeFile(file, printed.out);
    await writeFile(`${file}.sig`, await signWith(keys.bob, await readFile(file, "utf8")));
    const other = await project.kindling("approve", id, "--signature", "words.sig");
    expect(other).toMatchObject({ code: 4, err: expect.stringContaining("another payload was signed") as string });
    expect(await project.kindling("reject", id, "--signature", "words.sig")).toMatchObject({ code: 0 });
    const again = await begun();
    const { result } = await project.json("approve", again.id, "--statement", "--as", "ada");
    expect(JSON.parse(String(result["statement"]))).toMatchObject({ approver: "ada", run: again.id });
    expect(String(result["statement"])).toMatch(/}\n$/);
  });

  it("is made by deliver where the payload is one's own, and only for a gate that is named", async () => {
    const { id } = await begun();
    const words = ["launch.decided", "--set", "decision=reject", "--sign", keys.ada, "--as", "ada"];
    expect(await project.kindling("deliver", ...words)).toMatchObject({ code: 2, err: expect.stringContaining("one open gate") as string });
    expect(await project.kindling("deliver", "--run", id, ...words)).toMatchObject({ code: 0 });
  });

  it("is refused by whoever's key it is not, and changes nothing", async () => {
    const { id } = await begun();
    const tries: readonly (readonly [readonly string[], number, RegExp])[] = [
      [["--sign", keys.stranger, "--as", "ada"], 4, /the key that signed is none of "ada" here/],
      [["--sign", keys.bob, "--as", "ada"], 4, /the key that signed is none of "ada" here/],
      [["--sign", keys.ada, "--as", "eve"], 2, /"eve" is no approver with a key/],
      [["--sign", keys.ada], 2, /several people may sign here[^]*--as: ada, bob/],
      [["--sign", "kindling.config.ts", "--as", "ada"], 2, /ssh-keygen made no signature with kindling.config.ts/],
      [["--sign", keys.ada, "--as", "ada", "--valid-for", "8d"], 2, /validFor is "8d"/],
      [["--signature", "missing.sig"], 2, /missing cannot be read/],
      [["--signature", "words"], 2, /does not end in .sig/],
      [["--signature", "words.sig", "--sign", keys.ada], 2, /--sign and --signature do not go together/],
      [["--valid-for", "1d"], 2, /--valid-for says how long/],
    ];
    for (const [words, code, message] of tries)
      expect(await project.kindling("approve", id, ...words), words.join(" ")).toMatchObject({
        code,
        err: expect.stringMatching(message) as string,
      });
    expect((await project.json("show", id)).result["run"]).toMatchObject({ status: "waiting" });
  });

  it("is checked again by verify and by who gets a receipt, and found when it was changed with every checksum made right", async () => {
    const { folder, kindling, json } = project;
    const { id } = await begun();
    await kindling("approve", id, "--sign", keys.ada, "--as", "ada");
    expect(await kindling("verify")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/\d signed decisions hold, \d by keys of the approvers of today/) as string,
    });
    await kindling("receipt", id, "--out", "good.json");
    const told = await kindling("verify", "--receipt", "good.json");
    expect(told).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^signatures\n {2}go {2}holds, signed as ada with the key SHA256:\S{43}$/m) as string,
    });
    await rewriteFacts(join(folder, ".kindling", "ledger"), (fact) =>
      fact["type"] === "event.delivered" ? { ...fact, payload: { decision: "reject" } } : fact,
    );
    expect(await json("verify")).toMatchObject({ ok: false, error: { code: "signature_wrong" } });
    const { code, err } = await kindling("verify");
    expect(code).toBe(5);
    expect(err).toContain(`go of ${id}`);
    await kindling("receipt", id, "--out", "forged.json");
    expect(await kindling("verify", "--receipt", "forged.json")).toMatchObject({
      code: 5,
      err: expect.stringContaining("payload is another") as string,
    });
  });

  it("is told where there is no ssh-keygen", async () => {
    const { id } = await begun();
    const { PATH } = process.env;
    process.env["PATH"] = project.folder;
    const called = await project.kindling("approve", id, "--sign", keys.ada, "--as", "ada").finally(() => (process.env["PATH"] = PATH));
    expect(called).toMatchObject({ code: 2, err: expect.stringContaining("ssh-keygen cannot be started") as string });
  });
});
