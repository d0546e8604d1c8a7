// Anchors: what they say, where they go, and what they show of a log that was cut, rolled back or written anew.

import { createServer } from "node:http";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { AnchorMaker, anchorLine, readAnchors } from "../../src/ledger/anchor.ts";
import { requireTarget, sendAnchor } from "../../src/ledger/anchor-target.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import { ledgerFolder, readCard, segmentsIn } from "../../src/ledger/folder.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { SegmentDigest } from "../../src/ledger/segment-digest.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { appendAll, sealRest, someCommits } from "./sealed-ledger.ts";
import { temporaryFolder } from "./temporary-folder.ts";

let folder: string;
let outside: string;

beforeEach(async () => {
  outside = await temporaryFolder();
  folder = join(outside, "ledger");
});

const maker = () => new AnchorMaker(realDisk, ledgerFolder(folder), () => 1_763_800_000_000);
const lineOf = async (from = maker()) => {
  const anchor = await from.make();
  return anchor === undefined ? "" : anchorLine(anchor);
};
const faults = async (...lines: string[]) =>
  (await verifyFolder(folder, realDisk, { anchors: lines.join("\n") })).faults.map(({ message }) => message);

describe("an anchor", () => {
  test("names the last commit and its chain, also while a writer goes on, and reads only what is new", async () => {
    await appendAll(folder, someCommits(12));
    const own = maker();
    const first = readAnchors(await lineOf(own)).anchors[0];
    const report = await verifyFolder(folder, realDisk);
    expect(first).toMatchObject({ ledger: "ledger-one", position: 12, chain: report.chain, time: 1_763_800_000_000 });
    await using ledger = await fileLedger(folder).open({ access: "write" });
    await ledger.append([{ run: "other", expected: 0, facts: [{ kind: "said" }] }]);
    const second = readAnchors(await lineOf(own)).anchors[0];
    const fresh = readAnchors(await lineOf()).anchors[0];
    // The writer may have made a seal in between.
    expect({ ...second, tree: { ...second?.tree, previous: null } }).toEqual({ ...fresh, tree: { ...fresh?.tree, previous: null } });
    expect(second?.position).toBe(13);
  });

  test("leaves out lines whose group has not ended, and takes them in when it has", async () => {
    await using ledger = await fileLedger(folder).open({ access: "write" });
    await ledger.append([{ run: "one", expected: 0, facts: [{ kind: "said" }] }]);
    const paths = ledgerFolder(folder);
    const [segment] = await segmentsIn(realDisk, paths);
    if (segment === undefined) throw new RangeError("a ledger has a segment");
    const group = ["two", "three"].map((run) => ({ run, expected: 0, facts: [{ kind: "said" }] }));
    await ledger.append(group);
    const bytes = await readFile(segment.path);
    const part = { ...segment, path: join(outside, "part.jsonl") };
    await writeFile(part.path, bytes.subarray(0, bytes.lastIndexOf("\n", bytes.length - 2) + 1));
    const id = (await readCard(realDisk, paths))?.id ?? "";
    const digest = new SegmentDigest(part, id);
    await digest.readOn(realDisk);
    expect([digest.last, digest.lines]).toEqual([1, 2]);
    await writeFile(part.path, bytes);
    await digest.readOn(realDisk);
    const whole = new SegmentDigest(segment, id);
    await whole.readOn(realDisk);
    expect([digest.last, digest.lines]).toEqual([3, 4]);
    expect(digest.statement(null, false)).toEqual(whole.statement(null, false));
  });

  test("of a ledger without commits is none", async () => {
    await appendAll(folder, []);
    expect(await maker().make()).toBeUndefined();
  });
});

describe("verify and anchors", () => {
  test("all anchors of a log are met as it grows over segments", async () => {
    const lines: string[] = [];
    const own = maker();
    for (let count = 1; count <= 12; count++) {
      await appendAll(folder, someCommits(count).slice(count - 1));
      lines.push(await lineOf(own));
    }
    await sealRest(folder);
    const report = await verifyFolder(folder, realDisk, { anchors: lines.join("\n") });
    expect(report).toMatchObject({ ok: true, anchors: { met: 12, upTo: 12, older: 0 } });
  });

  test("a cut end, an older copy and a log written anew are told", async () => {
    await appendAll(folder, someCommits(8));
    const copy = join(outside, "copy");
    await cp(folder, copy, { recursive: true });
    const early = await lineOf();
    await appendAll(folder, someCommits(16).slice(8));
    const late = await lineOf();
    expect(await faults(early, late)).toEqual([]);
    await rm(folder, { recursive: true });
    await cp(copy, folder, { recursive: true });
    expect(await faults(early)).toEqual([]);
    expect((await faults(early, late))[0]).toContain("the log does not reach this commit any more");
    await rm(folder, { recursive: true });
    await appendAll(
      folder,
      someCommits(17).map((commit) => ({ ...commit, facts: [{ kind: "said", text: "nothing of the kind" }] })),
    );
    expect((await verifyFolder(folder, realDisk)).ok).toBe(true);
    expect((await faults(early))[0]).toContain("the log up to here was written anew");
  });

  test("what is no anchor, and anchors of other ledgers, are told", async () => {
    await appendAll(folder, someCommits(4));
    const line = await lineOf();
    expect(await faults(line, "{}", "not json")).toEqual(["what stands in line 2, 3 is no anchor"]);
    expect(await faults(line.replace("ledger-one", "ledger-two"))).toEqual(["1 of 1 anchors are of another ledger"]);
    expect(await faults("")).toEqual(["there is no anchor"]);
  });
});

describe("where anchors go", () => {
  test("a file gets one line for each", async () => {
    const file = join(outside, "anchors.jsonl");
    for (const line of ["one", "two"]) await sendAnchor(line, { file }, fetch);
    expect(await readFile(file, "utf8")).toBe("one\ntwo\n");
  });

  test("a command gets it on its input, without a shell; what fails or takes too long is told", async () => {
    const file = join(outside, "heard");
    const script = `process.stdin.pipe(require("node:fs").createWriteStream(process.argv[1]))`;
    await sendAnchor("the line", { command: [process.execPath, "-e", script, file] }, fetch);
    expect(await readFile(file, "utf8")).toBe("the line\n");
    await expect(sendAnchor("x", { command: ["no-such-program"] }, fetch)).rejects.toMatchObject({
      code: "anchor_failed",
      message: expect.stringContaining("there is no such program"),
    });
    await expect(sendAnchor("x", { command: [process.execPath, "-e", "process.exit(3)"] }, fetch)).rejects.toThrow("it ended with 3");
    await expect(sendAnchor("x", { command: [process.execPath, "-e", "setTimeout(() => {}, 60000)"] }, fetch, 200)).rejects.toThrow(
      "it took more than 0.2 seconds",
    );
  });

  test("a URL gets it by POST; an answer that is not good is told", async () => {
    const heard: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        heard.push(`${request.method} ${request.headers["content-type"]} ${body}`);
        response.writeHead(request.url === "/bad" ? 500 : 204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
    await sendAnchor('{"a":1}', { url: `${url}/good` }, fetch);
    expect(heard).toEqual(['POST application/json {"a":1}']);
    await expect(sendAnchor("{}", { url: `${url}/bad` }, fetch)).rejects.toThrow("the server answered 500");
  });

  test("not into the ledger's own folder, and not to what is no place", async () => {
    await writeFile(join(outside, "x"), "");
    expect(() => requireTarget({ file: join(folder, "anchors.jsonl") }, folder)).toThrow("inside the ledger's folder");
    expect(() => requireTarget({ url: "file:///anchors" }, folder)).toThrow("the URL for anchors is none");
    expect(() => requireTarget({ command: [] }, folder)).toThrow("the command for anchors is empty");
    expect(() => requireTarget({ file: join(outside, "ledger-anchors.jsonl") }, folder)).not.toThrow();
  });
});
