// A ledger of several small segments, keys to sign with, and seals made as a writer makes them.

import { generateKeyPairSync } from "node:crypto";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileLedger } from "../../src/ledger/file.ts";
import type { KeySource } from "../../src/ledger/key-source.ts";
import { ledgerFolder, readCard, segmentsIn } from "../../src/ledger/folder.ts";
import type { Commit } from "../../src/ledger/ledger.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { Sealer } from "../../src/ledger/sealer.ts";
import { readSigner, type Signer } from "../../src/ledger/signing-key.ts";

/** Bytes after which a segment of these ledgers is followed by another one: a few commits. */
export const SMALL_SEGMENT_BYTES = 900;

/** Appends commits, each synced for itself, so that segments begin between them. With a key the seals are signed. */
export async function appendAll(folder: string, commits: readonly Commit[], signing?: KeySource): Promise<void> {
  let time = 1_763_719_200_000;
  const options = { segmentBytes: SMALL_SEGMENT_BYTES, newId: () => "ledger-one", ...(signing === undefined ? {} : { signing }) };
  await using ledger = await fileLedger(folder, options).open({ access: "write", now: () => (time += 1_000) });
  for (const commit of commits) await ledger.append([commit]);
}

/** Commits on a few streams, one fact each. */
export function someCommits(count: number, streams = 3): readonly Commit[] {
  return Array.from({ length: count }, (_, index) => ({
    run: `run-${index % streams}`,
    expected: Math.floor(index / streams),
    facts: [{ kind: "said", text: `number ${index}`, amount: index * 10 }],
  }));
}

/** Seals a closed ledger anew, all of it: with a signer, or without. */
export async function sealAgain(folder: string, signer?: Signer): Promise<void> {
  const paths = ledgerFolder(folder);
  for (const name of await readdir(paths.segments)) if (name.endsWith(".seal.json")) await rm(join(paths.segments, name));
  await sealRest(folder, signer);
}

/** Seals what has no seal yet. */
export async function sealRest(folder: string, signer?: Signer): Promise<void> {
  const paths = ledgerFolder(folder);
  const segments = await segmentsIn(realDisk, paths);
  const ledgerId = (await readCard(realDisk, paths))?.id ?? "";
  await new Sealer({ disk: realDisk, ledgerId, log: { segments }, pause: async () => undefined, signer }).sealAll();
}

/** A pair of keys: the private one in a file of its own, the public one as text. */
export async function keyPair(
  folder: string,
  name = "signing.pem",
): Promise<{ readonly file: string; readonly publicKey: string; readonly signer: Signer }> {
  const pair = generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const file = join(folder, name);
  await writeFile(file, pair.privateKey, { mode: 0o600 });
  return { file, publicKey: pair.publicKey, signer: await readSigner({ file }) };
}
