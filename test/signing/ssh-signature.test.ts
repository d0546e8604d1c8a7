// Signatures of SSH keys: those that ssh-keygen made are taken, and nothing else is.

import { readFileSync } from "node:fs";
import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { DECISION_NAMESPACE } from "../../src/signing/decision-statement.ts";
import { checkSshSignature } from "../../src/signing/ssh-signature.ts";
import { publicKeyLine, readPublicKey, isNoKey } from "../../src/ssh-public-key.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { hardwareKey } from "./hardware-key.ts";
import { hasSshKeygen, makeKey, NO_SSH_KEYGEN, signWith, verifyWith } from "./ssh-keygen.ts";

interface Fixtures {
  readonly statement: string;
  readonly made: readonly { readonly name: string; readonly key: string; readonly signature: string }[];
}

// Our own file, made by make-signatures.ts.
const { statement, made } = JSON.parse(readFileSync(new URL("../fixtures/signatures.json", import.meta.url), "utf8")) as Fixtures;

const check = (signature: string, text = statement) => checkSshSignature(text, signature, DECISION_NAMESPACE);
const bare = (line: string) => line.split(" ").slice(0, 2).join(" ");

describe("a signature that ssh-keygen made", () => {
  it.each(made)("is taken, and tells its key: $name", ({ key, signature }) => {
    expect(check(signature)).toMatchObject({ ok: true, line: bare(key) });
  });

  it.each(made)("counts for nothing with any byte of it or of the words changed: $name", ({ signature }) => {
    const passed = [...changed(signature)].filter((each) => check(each).ok);
    expect(passed).toEqual([]);
    expect([...changed(statement)].filter((each) => check(signature, each).ok)).toEqual([]);
  });

  it.each(made)("counts for nothing cut or with something behind it: $name", ({ signature }) => {
    const cut = Array.from({ length: signature.length - 1 }, (_, length) => signature.slice(0, length));
    expect(cut.filter((each) => each !== signature.trimEnd() && check(each).ok)).toEqual([]);
    expect(check(`${signature}${signature}`).ok).toBe(false);
    expect(check(statement.slice(0, -1)).ok).toBe(false);
    expect(check(signature, `${statement}\n`).ok).toBe(false);
  });

  it("is taken with the line ends of Windows, as mails and editors leave them", () => {
    expect(check(made[0]?.signature.replaceAll("\n", "\r\n") ?? "").ok).toBe(true);
  });

  it("counts for nothing under another namespace", () => {
    expect(checkSshSignature(statement, made[0]?.signature ?? "", "file")).toEqual({
      ok: false,
      reason: 'was made for the namespace "kindling-decision", and not for file',
    });
  });
});

/** A text with each of its characters changed in turn. */
function* changed(text: string): Generator<string> {
  for (let at = 0; at < text.length; at++) yield `${text.slice(0, at)}${String.fromCharCode(text.charCodeAt(at) ^ 1)}${text.slice(at + 1)}`;
}

describe("a hardware key", () => {
  it("is not believed that nobody touched", () => {
    const token = hardwareKey("ed25519");
    expect(check(token.sign(statement, 0x01))).toMatchObject({ ok: true, line: token.line });
    expect(check(token.sign(statement, 0x05)).ok).toBe(true);
    expect(check(token.sign(statement, 0x00))).toEqual({ ok: false, reason: "was made by a hardware key that nobody touched" });
    expect(check(token.sign(statement, 0x04)).ok).toBe(false);
  });
});

describe("what is no signature", () => {
  it("is told and never throws, whatever bytes it is made of", () => {
    const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => armored(Buffer.concat([Buffer.from("SSHSIG"), bytes])));
    fc.assert(
      fc.property(fc.oneof(fc.string(), anyBytes), (text) => !check(text).ok),
      { numRuns: 2_000 },
    );
  });

  it("of another form is told: a signature of PGP, an empty text, 20,000 characters", () => {
    for (const text of ["-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n", "", "A".repeat(20_000)])
      expect(check(text)).toMatchObject({ reason: expect.stringContaining("is none that ssh-keygen -Y sign makes") });
  });

  it("has a key whose point lies on no curve, and is refused all the same", () => {
    const good = made.find(({ name }) => name === "ecdsa-256")?.signature ?? "";
    const bytes = Buffer.from(good.split("\n").slice(1, -2).join(""), "base64");
    const point = bytes.indexOf(Buffer.from([0, 0, 0, 65, 4])) + 5;
    bytes.fill(0xff, point, point + 64);
    expect(check(armored(bytes))).toEqual({ ok: false, reason: "does not belong to these words" });
  });
});

function armored(bytes: Buffer): string {
  return `-----BEGIN SSH SIGNATURE-----\n${bytes.toString("base64")}\n-----END SSH SIGNATURE-----\n`;
}

describe.skipIf(!hasSshKeygen)(`beside ssh-keygen itself${hasSshKeygen ? "" : ` (${NO_SSH_KEYGEN})`}`, () => {
  it("keys made today sign words that are taken, in another namespace they are not", async () => {
    const folder = await temporaryFolder();
    for (const [type, bits] of [
      ["ed25519", undefined],
      ["ecdsa", 256],
    ] as const) {
      const { file, line } = await makeKey(folder, type, bits);
      expect(check(await signWith(file, statement))).toMatchObject({ ok: true, line: bare(line) });
      expect(check(await signWith(file, statement, "git"))).toMatchObject({ ok: false });
    }
  });

  it("what our own code writes as a signature, ssh-keygen takes for one", async () => {
    const folder = await temporaryFolder();
    for (const kind of ["ed25519", "ecdsa"] as const) {
      const token = hardwareKey(kind);
      await expect(verifyWith(folder, token.line, statement, token.sign(statement, 1))).resolves.toContain("Good");
      await expect(verifyWith(folder, token.line, `${statement} `, token.sign(statement, 1))).rejects.toThrow();
    }
  });

  it("reads the lines of its public keys", async () => {
    const { line } = await makeKey(await temporaryFolder(), "ed25519");
    const key = readPublicKey(`  ${line}\n`);
    expect(isNoKey(key) ? key : publicKeyLine(key)).toBe(bare(line));
  });
});
