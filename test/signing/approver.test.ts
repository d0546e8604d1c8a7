// Approvers as a project names them: who is fit, and how what is not is told.

import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { approversProblem, createRuntime, memoryLedger } from "../../src/index.ts";

const KEY = `ssh-ed25519 ${wire("ssh-ed25519", Buffer.alloc(32, 7))} ada@desk`;
const OTHER = `ssh-ed25519 ${wire("ssh-ed25519", Buffer.alloc(32, 8))}`;

function wire(...fields: readonly (string | Buffer)[]): string {
  const parts = fields.flatMap((field) => {
    const bytes = Buffer.from(field);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(parts).toString("base64");
}

describe("approvers", () => {
  it("are fit with an id alone, with roles, names, a hash, a key or several", () => {
    const approvers = [
      { id: "ada" },
      { id: "bob@example.org", roles: ["editor"], names: ["cli:bob"], passphrase: "a hash" },
      { id: "eve", key: KEY },
      { id: "zoë", key: [OTHER, `sk-ssh-ed25519@openssh.com ${wire("sk-ssh-ed25519@openssh.com", Buffer.alloc(32, 9), "ssh:")}`] },
    ];
    expect(approversProblem(approvers)).toBeUndefined();
  });

  it.each([
    ["no list", { ada: {} }, /^approvers is \{"ada":\{\}\}$/],
    ["no object", ["ada"], /^approvers\[0\] is "ada"$/],
    ["no id", [{ roles: [] }], /^approvers\[0\]\.id is missing$/],
    ["an id with a space", [{ id: "Ada L" }], /^approvers\[0\]\.id is "Ada L"$/],
    ["an id with a channel before it", [{ id: "cli:ada" }], /^approvers\[0\]\.id is "cli:ada"$/],
    [
      "an id twice",
      [{ id: "ada" }, { id: "bob" }, { id: "ada" }],
      /^approvers\[2\]\.id is "ada", which stands for approvers\[0\] already$/,
    ],
    [
      "a name of another",
      [
        { id: "ada", names: ["cli:x"] },
        { id: "bob", names: ["b", "cli:x"] },
      ],
      /^approvers\[1\]\.names\[1\] is "cli:x", which/,
    ],
    ["an unknown member", [{ id: "ada", publicKey: KEY }], /^approvers\[0\]\.publicKey is no member/],
    ["roles that are none", [{ id: "ada", roles: "editor" }], /^approvers\[0\]\.roles is "editor"$/],
    ["names that are none", [{ id: "ada", names: [1] }], /^approvers\[0\]\.names is \[1\]$/],
    ["an empty hash", [{ id: "ada", passphrase: "" }], /^approvers\[0\]\.passphrase is no hash/],
    ["a number as key", [{ id: "ada", key: 7 }], /^approvers\[0\]\.key is number, and no public key$/],
    ["no keys", [{ id: "ada", key: [] }], /^approvers\[0\]\.key has 0 keys$/],
    ["a path as key", [{ id: "ada", key: "~/.ssh/id_ed25519.pub" }], /^approvers\[0\]\.key is no public key of SSH$/],
    ["two lines", [{ id: "ada", key: `${KEY}\n${OTHER}` }], /^approvers\[0\]\.key has several lines/],
    ["no base64", [{ id: "ada", key: "ssh-ed25519 ****" }], /^approvers\[0\]\.key is damaged: what follows/],
    ["a cut key", [{ id: "ada", key: KEY.slice(0, 50) }], /^approvers\[0\]\.key is damaged: it does not hold/],
    [
      "another kind inside",
      [{ id: "ada", key: `ssh-rsa ${KEY.split(" ")[1] ?? ""}` }],
      /^approvers\[0\]\.key is damaged: it does not hold/,
    ],
    ["a kind that is not taken", [{ id: "ada", key: "ssh-dss AAAA" }], /^approvers\[0\]\.key is of the kind "ssh-dss"/],
    ["a certificate", [{ id: "ada", key: "ssh-ed25519-cert-v01@openssh.com AAAA" }], /^approvers\[0\]\.key is a certificate/],
    ["the second key of a list", [{ id: "ada", key: [KEY, "x"] }], /^approvers\[0\]\.key\[1\] is no public key/],
    [
      "one key of two people",
      [
        { id: "ada", key: KEY },
        { id: "bob", key: KEY.replace("ada", "bob") },
      ],
      /^approvers\[1\]\.key is a key of approvers\[0\] as well$/,
    ],
  ])("are refused with the place: %s", (_name, approvers, message) => {
    expect(approversProblem(approvers)?.message).toMatch(message);
  });

  it("with a short RSA key are refused", () => {
    const modulus = Buffer.concat([Buffer.from([0]), Buffer.alloc(128, 0xff)]);
    const key = `ssh-rsa ${wire("ssh-rsa", Buffer.from([1, 0, 1]), modulus)}`;
    expect(approversProblem([{ id: "ada", key }])?.message).toBe("approvers[0].key is an RSA key of 1024 bits");
  });

  it("with a private key are refused, and nothing of it is told", () => {
    const { privateKey } = generateKeyPairSync("ed25519", {
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    const problem = approversProblem([{ id: "ada", key: privateKey }]);
    expect(problem).toMatchObject({ message: "approvers[0].key is a private key" });
    expect(JSON.stringify(problem)).not.toContain(privateKey.split("\n")[1]);
  });

  it("are refused by createRuntime, and shown by a runtime without hashes and keys", async () => {
    const options = { contracts: [], ledger: memoryLedger() };
    await expect(createRuntime({ ...options, approvers: [{ id: "" }] })).rejects.toMatchObject({
      name: "ConfigError",
      code: "bad_approvers",
    });
    await using kindling = await createRuntime({
      ...options,
      approvers: [{ id: "ada", roles: ["editor"], passphrase: "h", key: KEY }, { id: "bob" }],
    });
    expect(kindling.approvers).toEqual([
      { id: "ada", roles: ["editor"], hasPassphrase: true, hasKey: true },
      { id: "bob", roles: [], hasPassphrase: false, hasKey: false },
    ]);
  });
});
