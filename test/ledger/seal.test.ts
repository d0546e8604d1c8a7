// Seals: what they state, when they are made, what checking them finds, and the keys they are signed with.

import { hash } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { fileLedger } from "../../src/ledger/file.ts";
import { ledgerFolder, segmentsIn } from "../../src/ledger/folder.ts";
import { TreeRoot, leafHash } from "../../src/ledger/merkle.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { sealHash, sealPath, type Seal } from "../../src/ledger/seal.ts";
import { loadSeal } from "../../src/ledger/seal-file.ts";
import { Sealer } from "../../src/ledger/sealer.ts";
import { readPublicKeys, readSigner } from "../../src/ledger/signing-key.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { fileOf } from "./sample-log.ts";
import { appendAll, keyPair, sealAgain, sealRest, someCommits } from "./sealed-ledger.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let folder: string;
let outside: string;

beforeEach(async () => {
  outside = await temporaryFolder();
  folder = join(outside, "ledger");
  await appendAll(folder, someCommits(20));
});

const verify = (publicKeys?: string) => verifyFolder(folder, realDisk, publicKeys === undefined ? {} : { publicKeys });
const segments = () => segmentsIn(realDisk, ledgerFolder(folder));

async function seals(): Promise<readonly Seal[]> {
  const paths = (await segments()).slice(0, -1).map(sealPath);
  return Promise.all(paths.map((path) => loadSeal(realDisk, path)));
}

async function at(index: number): Promise<{ readonly path: string; readonly seal: string }> {
  const segment = (await segments())[index];
  if (segment === undefined) throw new RangeError(`there are fewer segments than ${index + 1}`);
  return { path: segment.path, seal: sealPath(segment) };
}

describe("a seal", () => {
  test("states what its segment holds, and names the seal before it", async () => {
    await sealAgain(folder);
    const all = await seals();
    expect(all.length).toBeGreaterThan(3);
    for (const [index, seal] of all.entries()) {
      const bytes = await readFile((await at(index)).path);
      const lines = bytes.toString("utf8").split("\n").slice(0, -1);
      const tree = new TreeRoot();
      for (const line of lines) tree.add(leafHash(Buffer.from(`${line}\n`)));
      const last = JSON.parse(lines.at(-1) ?? "") as readonly unknown[];
      expect(seal).toMatchObject({
        ledger: "ledger-one",
        complete: true,
        bytes: bytes.length,
        lines: lines.length,
        last: Number(last[2]),
        chain: last[5],
        sha256: hash("sha256", bytes, "hex"),
        root: tree.root().toString("base64url"),
        previous: index === 0 ? null : sealHash(all[index - 1] ?? seal),
      });
      expect(seal.lastTime).toBe((last[6] as { readonly time: number }).time);
    }
  });

  test("is written once, for segments that are followed by another one only", async () => {
    await sealAgain(folder);
    const paths = (await segments()).map(sealPath);
    const before = await Promise.all(paths.slice(0, -1).map((path) => stat(path)));
    await expect(stat(paths.at(-1) ?? "")).rejects.toMatchObject({ code: "ENOENT" });
    await sealRest(folder);
    const after = await Promise.all(paths.slice(0, -1).map((path) => stat(path)));
    expect(after.map(({ ino, mtimeMs }) => [ino, mtimeMs])).toEqual(before.map(({ ino, mtimeMs }) => [ino, mtimeMs]));
  });

  test("follows when the log goes on, and the links hold over it", async () => {
    await sealAgain(folder);
    const early = (await seals()).length;
    await appendAll(folder, someCommits(40).slice(20));
    await sealRest(folder);
    expect((await seals()).length).toBeGreaterThan(early);
    expect((await verify()).faults).toEqual([]);
  });

  test("is made by the writer beside its work, and what is left when it closes is made at the next opening", async () => {
    await appendAll(folder, someCommits(40).slice(20));
    const count = (await segments()).length - 1;
    const sealed = async () => (await readdir(join(folder, "segments"))).filter((name) => name.endsWith(".seal.json")).length;
    for (let openings = 0; (await sealed()) < count && openings < 50; openings++) {
      await using ledger = await fileLedger(folder).open({ access: "write" });
      await setTimeout(20);
      expect(ledger.position).toBe(40);
    }
    expect(await sealed()).toBe(count);
    expect((await verify()).faults).toEqual([]);
  });

  test("is not made for a segment that is not what was written", async () => {
    const { path } = await at(1);
    await writeFile(path, (await readFile(path, "utf8")).replace("number", "NUMBER"));
    await expect(sealAgain(folder)).rejects.toMatchObject({ code: "ledger_damaged" });
    expect((await readdir(join(folder, "segments"))).filter((name) => name.endsWith(".seal.json"))).toHaveLength(1);
  });

  test("is given up when the writer closes, and made at the next opening", async () => {
    const log = { segments: await segments() };
    const sealer = new Sealer({ disk: realDisk, ledgerId: "ledger-one", log, pause: async () => undefined });
    const failures: unknown[] = [];
    sealer.consider((cause) => void failures.push(cause));
    await sealer.stop();
    sealer.consider((cause) => void failures.push(cause));
    const made = (await readdir(join(folder, "segments"))).filter((name) => name.endsWith(".seal.json")).length;
    expect(made).toBeLessThan(log.segments.length - 1);
    await sealRest(folder);
    expect((await verify()).seals).toMatchObject({ whole: log.segments.length - 1, waiting: 0 });
    expect(failures).toEqual([]);
  });
});

describe("verify and seals", () => {
  test("counts them, and segments that still wait for theirs are no fault", async () => {
    await sealAgain(folder);
    const count = (await segments()).length - 1;
    expect(await verify()).toMatchObject({ ok: true, seals: { whole: count, signed: 0, confirmed: 0, waiting: 0 } });
    await rm((await at(count - 1)).seal);
    expect(await verify()).toMatchObject({ ok: true, seals: { whole: count - 1, waiting: 1 } });
  });

  test("tells of a seal that is missing before another one", async () => {
    await sealAgain(folder);
    await rm((await at(1)).seal);
    const { faults } = await verify();
    expect(faults.map(({ message }) => message)).toContain("is missing, though a later segment has its seal");
  });

  test("tells of a seal whose segment is gone from the end", async () => {
    await sealAgain(folder);
    const last = (await segments()).length - 1;
    await rm((await at(last)).path);
    const { faults } = await verify();
    expect(faults.map(({ message }) => message)).toContain("belongs to the segment that still grows");
    await rm((await at(last - 1)).path);
    expect((await verify()).faults.map(({ message }) => message)).toContain("its segment is missing");
  });

  test("tells every member of a seal that is not as in its segment, though the file's own sum is right", async () => {
    await sealAgain(folder);
    const { seal: path } = await at(1);
    const { sum: _, ...content } = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
    const other: Record<string, unknown> = {
      firstTime: 1,
      lastTime: 1,
      sha256: "0".repeat(64),
      root: "A".repeat(43),
      chain: "A".repeat(43),
      lines: 1,
      bytes: 1,
      last: 1,
      segment: 1,
      base: 1,
      complete: false,
    };
    for (const [member, value] of Object.entries(other)) {
      const forged = { ...content, [member]: value };
      await writeFile(path, `${JSON.stringify({ ...forged, sum: hash("sha256", JSON.stringify(forged), "hex").slice(0, 32) })}\n`);
      const { faults } = await verify();
      expect(
        faults.some(({ message }) => message.startsWith("does not fit its segment") && message.includes(member)),
        member,
      ).toBe(true);
    }
  });

  test("takes no bit of a seal for granted", async () => {
    const { signer } = await keyPair(outside);
    await sealAgain(folder, signer);
    const { seal: path } = await at(0);
    const whole = await readFile(path);
    let accepted = 0;
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Buffer.from(whole);
      flipped[bit >>> 3] = (flipped[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      accepted += await loadSeal({ ...realDisk, open: async () => fileOf(flipped) }, path).then(
        () => 1,
        () => 0,
      );
    }
    expect(accepted).toBe(0);
  });
});

describe("signatures", () => {
  test("are checked with the public key; another key, another content or none is told", async () => {
    const own = await keyPair(outside);
    const other = await keyPair(outside, "other.pem");
    await sealAgain(folder, own.signer);
    const count = (await segments()).length - 1;
    expect(await verify(own.publicKey)).toMatchObject({ ok: true, seals: { signed: count, confirmed: count } });
    expect((await verify(other.publicKey)).faults[0]?.message).toContain("which is none of those given");
    expect((await verify(`${other.publicKey}${own.publicKey}`)).ok).toBe(true);
    await sealAgain(folder);
    expect((await verify(own.publicKey)).faults.map(({ message }) => message)).toEqual(["no seal is signed"]);
  });

  test("must go on once they have begun, and cover what was sealed before", async () => {
    const { signer, file, publicKey } = await keyPair(outside);
    await sealAgain(folder);
    await appendAll(folder, someCommits(40).slice(20), { file });
    await sealRest(folder, signer);
    expect(await verify(publicKey)).toMatchObject({ ok: true });
    const all = await seals();
    const { signature: _, ...unsigned } = all.at(-1) ?? ({} as Seal);
    const { seal: path } = await at(all.length - 1);
    await writeFile(path, `${JSON.stringify({ ...unsigned, sum: hash("sha256", JSON.stringify(unsigned), "hex").slice(0, 32) })}\n`);
    expect((await verify()).faults.map(({ message }) => message)).toEqual(["is not signed, though the seal before it is"]);
  });

  test("a segment waits for its seal when nobody can sign any more, and a public key tells that", async () => {
    const { signer, publicKey } = await keyPair(outside);
    await sealAgain(folder, signer);
    const signed = (await seals()).length;
    await appendAll(folder, someCommits(40).slice(20));
    await sealRest(folder);
    expect(await verify()).toMatchObject({ ok: true, seals: { whole: signed } });
    expect((await verify(publicKey)).faults[0]?.message).toContain("no signature vouches for the segment");
    await sealRest(folder, signer);
    expect(await verify(publicKey)).toMatchObject({ ok: true, seals: { waiting: 0 } });
  });

  test("the key comes from a variable, a command or a private file; what is no Ed25519 key is refused without being shown", async () => {
    const { file, signer } = await keyPair(outside);
    const pem = await readFile(file, "utf8");
    const world = {
      env: { KEY: pem, WRONG: "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----" },
      run: async () => ({ kind: "printed", text: pem }) as const,
      readPrivateFile: async () => pem,
    };
    for (const source of [{ env: "KEY" }, { command: ["print-key"] }, { file: "anywhere" }])
      expect((await readSigner(source, world)).key).toBe(signer.key);
    await expect(readSigner({ env: "WRONG" }, world)).rejects.toMatchObject({
      code: "signing_key_invalid",
      message: expect.not.stringContaining("c2VjcmV0"),
    });
    await expect(readSigner({ env: "NONE" }, world)).rejects.toMatchObject({ code: "signing_key_missing" });
    await expect(readSigner({ file: join(outside, "none.pem") })).rejects.toMatchObject({ code: "signing_key_missing" });
    expect(() => readPublicKeys(pem, "the file")).toThrow("no Ed25519 public key");
  });
});
