// Everything that docs/proof.md says is done to a folder is done to one here, and what each level catches is compared with the table there.

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { AnchorMaker, anchorLine } from "../../src/ledger/anchor.ts";
import { writeChecked } from "../../src/ledger/checked-json.ts";
import { ledgerFolder, type SegmentName, segmentsIn } from "../../src/ledger/folder.ts";
import { chainOf, encodeLine, GENESIS, type Line, readLine } from "../../src/ledger/frame.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { sealPath } from "../../src/ledger/seal.ts";
import type { Signer } from "../../src/ledger/signing-key.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { tableUnder } from "../docs/pages.ts";
import { figure } from "../reliability/figure.ts";
import { appendAll, keyPair, sealAgain, sealRest, someCommits } from "./sealed-ledger.ts";

const PAGE = new URL("../../docs/proof.md", import.meta.url);

/** A ledger as it should be, last week's copy of it, and what was kept outside. */
interface Kept {
  readonly folder: string;
  readonly lastWeek: string;
  readonly anchors: string;
  readonly publicKeys: string;
  readonly signer: Signer;
  readonly otherSigner: Signer;
}

let kept: Kept;
let place: string;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "kindling-tamper-"));
  const [folder, lastWeek] = [join(place, "ledger"), join(place, "last-week")];
  const { signer, publicKey: publicKeys, file } = await keyPair(place);
  const { signer: otherSigner } = await keyPair(place, "other.pem");
  const large = { run: "run-large", expected: 0, facts: [{ kind: "said", text: "long ".repeat(20_000) }] };
  await appendAll(folder, [large, ...someCommits(9)], { file });
  await sealRest(folder, signer);
  const lines = [await anchor(folder)];
  await cp(folder, lastWeek, { recursive: true });
  await appendAll(folder, someCommits(16).slice(9), { file });
  await sealRest(folder, signer);
  lines.push(await anchor(folder));
  // The youngest segment holds some that are anchored and one that is not.
  await appendAll(folder, someCommits(17).slice(16), { file });
  kept = { folder, lastWeek, anchors: lines.join("\n"), publicKeys, signer, otherSigner };
  return () => rm(place, { recursive: true, force: true });
});

async function anchor(folder: string): Promise<string> {
  const made = await new AnchorMaker(realDisk, ledgerFolder(folder), () => 1_763_800_000_000).make();
  if (made === undefined) throw new RangeError("there is something to anchor");
  return anchorLine(made);
}

const segments = (folder: string) => segmentsIn(realDisk, ledgerFolder(folder));

async function segment(folder: string, index: number): Promise<SegmentName> {
  const found = (await segments(folder)).at(index);
  if (found === undefined) throw new RangeError(`there is no segment ${index}`);
  return found;
}

/** The lines of a file of the log. */
function linesOf(bytes: Buffer): readonly Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < bytes.length; ) {
    const reading = readLine(bytes.subarray(at));
    if (reading.kind !== "line") throw new RangeError("the log was whole");
    lines.push(reading.line);
    at += reading.line.bytes;
  }
  return lines;
}

const change = (body: string) => body.replace('"said"', '"SAID"');

/** Writes lines of segments anew from one on, with a chain that is right, and makes everything beside the log fit. Lengths stay as they are. */
async function rewrite(
  folder: string,
  from: number,
  to = Number.POSITIVE_INFINITY,
  isChanged: (position: number) => boolean = () => true,
): Promise<void> {
  const all = await segments(folder);
  let chain = GENESIS;
  let last: { readonly line: Line; readonly end: number } | undefined;
  for (const [index, { path, base }] of all.entries()) {
    const parts = linesOf(await readFile(path)).map((line) => {
      const isHeader = line.body.startsWith('{"segment":');
      const content = index < from || index > to || !isChanged(line.position) ? line.body : change(line.body);
      const body =
        isHeader && index >= from && index <= to ? JSON.stringify({ ...(JSON.parse(line.body) as object), previous: chain }) : content;
      const isKept = index < from || index > to;
      chain = isKept ? line.chain : chainOf(chain, body);
      last = { line: { ...line, chain }, end: 0 };
      return encodeLine({ ...line, chain }, body);
    });
    const bytes = Buffer.concat(parts);
    await writeFile(path, bytes);
    if (last !== undefined) last = { ...last, end: base + bytes.length };
  }
  if (last !== undefined) await witness(folder, last.line, last.end);
}

/** What the folder itself says of its end, made to fit. */
async function witness(folder: string, { chain, position, group }: Line, bytes: number): Promise<void> {
  await writeChecked(realDisk, ledgerFolder(folder).witness, { bytes, chain, position, group });
  for (const name of await readdir(ledgerFolder(folder).index)) await rm(join(ledgerFolder(folder).index, name));
}

/** Changes the lines of one file as bytes, without care for the rest. */
async function surgery(folder: string, index: number, act: (lines: Buffer[]) => readonly Buffer[]): Promise<void> {
  const { path } = await segment(folder, index);
  const bytes = await readFile(path);
  let at = 0;
  const parts = linesOf(bytes).map((line) => bytes.subarray(at, (at += line.bytes)));
  await writeFile(path, Buffer.concat(act(parts)));
}

/** Leaves so many lines of the youngest segment, the header among them. */
async function cut(folder: string, lines: number): Promise<void> {
  await surgery(folder, -1, (parts) => parts.slice(0, lines));
  const { path, base } = await segment(folder, -1);
  const bytes = await readFile(path);
  const last = linesOf(bytes).at(-1);
  if (last !== undefined) await witness(folder, last, base + bytes.length);
}

/** What is done, by the words of the page. */
const DEEDS: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  "a fact is edited, its checksum too": (folder) =>
    surgery(folder, 1, (parts) =>
      parts.map((part, index) => {
        const reading = readLine(part);
        return index === 1 && reading.kind === "line" ? encodeLine(reading.line, change(reading.line.body)) : part;
      }),
    ),
  "a commit is deleted": (folder) => surgery(folder, 1, (parts) => parts.toSpliced(1, 1)),
  "a commit is inserted": (folder) => surgery(folder, 1, (parts) => parts.toSpliced(1, 0, ...parts.slice(1, 2))),
  "two commits are exchanged": (folder) =>
    surgery(folder, 1, ([header, one, two, ...more]) => [header, two, one, ...more].filter((part) => part !== undefined)),
  "two segments are exchanged": async (folder) => {
    const [one, two] = [(await segment(folder, 1)).path, (await segment(folder, 2)).path];
    const [first, second] = [await readFile(one), await readFile(two)];
    await writeFile(one, second);
    await writeFile(two, first);
  },
  "a large value is edited": async (folder) => {
    const shelf = join(folder, "blobs", (await readdir(join(folder, "blobs")))[0] ?? "");
    const path = join(shelf, (await readdir(shelf))[0] ?? "");
    await writeFile(path, (await readFile(path, "utf8")).replace("long", "LONG"));
  },
  "a seal is deleted": async (folder) => rm(sealPath(await segment(folder, 1))),
  "one finished segment is written anew, chain and seal too": async (folder) => {
    await rewrite(folder, 1, 1);
    // The sealer refuses the segment behind it, whose chain does not begin where this one ends now.
    await expect(sealAgain(folder)).rejects.toMatchObject({ code: "ledger_damaged" });
  },
  "everything from a finished segment on is written anew, chain and seals too": async (folder) => {
    await rewrite(folder, 1);
    await sealAgain(folder);
  },
  "the same, and no seal is left": async (folder) => {
    await rewrite(folder, 1);
    for (const each of await segments(folder)) await rm(sealPath(each), { force: true });
  },
  "the same, and the seals are signed with another key": async (folder) => {
    await rewrite(folder, 1);
    await sealAgain(folder, kept.otherSigner);
  },
  "the youngest segment is written anew": async (folder) => rewrite(folder, (await segments(folder)).length - 1),
  "the end of the log is cut off": (folder) => cut(folder, 1),
  "the folder is put back to last week's copy": async (folder) => {
    await rm(folder, { recursive: true });
    await cp(kept.lastWeek, folder, { recursive: true });
  },
  "whoever has the signing key writes everything anew": async (folder) => {
    await rewrite(folder, 0);
    await sealAgain(folder, kept.signer);
  },
  "what came after the last anchor is written anew": async (folder) =>
    rewrite(folder, (await segments(folder)).length - 1, Number.POSITIVE_INFINITY, (position) => position === 18),
  "what came after the last anchor is cut off": (folder) => cut(folder, 2),
};

async function caught(folder: string): Promise<readonly string[]> {
  const { publicKeys, anchors } = kept;
  const levels = [{}, { publicKeys }, { publicKeys, anchors }];
  const reports = await Promise.all(levels.map((options) => verifyFolder(folder, realDisk, options)));
  return reports.map(({ ok }) => (ok ? "no" : "caught"));
}

describe("a folder that somebody changed", () => {
  test("is caught at the level that the page says, for every row of its table", async () => {
    const rows = tableUnder(await readFile(PAGE, "utf8"), "What catches what");
    expect(rows.map(([deed]) => deed)).toEqual(Object.keys(DEEDS));
    const found: (readonly string[])[] = [];
    for (const [deed, act] of Object.entries(DEEDS)) {
      const folder = join(place, `deed-${found.length}`);
      await cp(kept.folder, folder, { recursive: true });
      await act(folder);
      found.push([deed, ...(await caught(folder))]);
    }
    expect(found).toEqual(rows);
    const counts = [1, 2, 3].map((level) => found.filter((row) => row[level] === "caught").length);
    figure("R19", {
      deeds: found.length,
      "as documented": `${found.length}/${rows.length}`,
      "level 1": counts[0] ?? 0,
      "level 2": counts[1] ?? 0,
      "level 3": counts[2] ?? 0,
    });
  });

  test("and one that nobody changed is caught at no level", async () => {
    expect(await caught(kept.folder)).toEqual(["no", "no", "no"]);
  });
});
