// Several real processes on one folder: one writes, others are refused or read along, and a killed one loses nothing it acknowledged.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { fileLedger } from "../../src/ledger/file.ts";
import { verifyFolder } from "../../src/ledger/verify.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const WRITER = fileURLToPath(new URL("writer-process.ts", import.meta.url));

test("a process killed while it writes loses nothing that it acknowledged, again and again", async () => {
  const folder = join(await temporaryFolder(), "ledger");
  const acknowledged = new Set<string>();
  for (let round = 0; round < 6; round++) {
    const writer = startWriter(folder, `round-${round}`, 16);
    await writer.says("ack");
    await setTimeout(20 + round * 30);
    for (const line of await writer.kill()) if (line.startsWith("ack ")) acknowledged.add(line.slice(4));
    const found = await idsIn(folder);
    expect([...acknowledged].filter((id) => !found.includes(id))).toEqual([]);
    expect(new Set(found).size).toBe(found.length);
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(6);
  await (await fileLedger(folder).open({ access: "write" })).close();
  expect((await verifyFolder(folder)).faults).toEqual([]);
});

test("a second process is refused while the first one lives, and takes over when it was killed", async () => {
  const folder = join(await temporaryFolder(), "ledger");
  const first = startWriter(folder, "first", 1);
  await first.says("open");
  const second = startWriter(folder, "second", 1);
  expect(await second.says("refused")).toContain(`ledger_locked The ledger at ${folder} is being written by process ${first.pid}`);
  await expect(fileLedger(folder).open({ access: "write" })).rejects.toMatchObject({ code: "ledger_locked", details: { pid: first.pid } });
  await first.kill();
  await using ledger = await fileLedger(folder).open({ access: "write" });
  expect(ledger.find({ keys: [] }).map(({ run }) => run)).toEqual(["first.0"]);
});

test("a reader follows a writer in another process, live and in order", async () => {
  const folder = join(await temporaryFolder(), "ledger");
  const writer = startWriter(folder, "writer", 4);
  await writer.says("open");
  await using reader = await fileLedger(folder).open({ access: "read" });
  const positions: number[] = [];
  for await (const entry of reader.changes({ after: 0, live: true })) {
    positions.push(entry.position);
    if (positions.length === 500) break;
  }
  expect(positions).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
  expect((await reader.verify()).faults).toEqual([]);
  await writer.kill();
});

test("a live reader sees a new fact soon after it was acknowledged", async () => {
  const folder = join(await temporaryFolder(), "ledger");
  await using writer = await fileLedger(folder).open({ access: "write" });
  await using reader = await fileLedger(folder).open({ access: "read" });
  const changes = reader.changes({ after: 0, live: true })[Symbol.asyncIterator]();
  for (let number = 0; number < 5; number++) {
    const next = changes.next();
    await setTimeout(10);
    await writer.append([{ run: "one", expected: number, facts: [{ number }] }]);
    expect(await next).toMatchObject({ value: { position: number + 1, facts: [{ number }] } });
  }
  await changes.return?.();
});

test("taking the lock prints nothing", async () => {
  const folder = join(await temporaryFolder(), "ledger");
  const writer = startWriter(folder, "quiet", 1);
  await writer.says("ack");
  await writer.kill();
  expect(writer.errors()).toBe("");
});

interface WriterProcess {
  readonly pid: number | undefined;
  /** The first line that begins with a word. */
  says(word: string): Promise<string>;
  /** Kills it as a power failure would, and gives all it said. */
  kill(): Promise<readonly string[]>;
  errors(): string;
}

function startWriter(folder: string, name: string, clients: number): WriterProcess {
  const child: ChildProcess = spawn(process.execPath, [WRITER, folder, name, String(clients)], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  let errors = "";
  child.stderr?.on("data", (text) => (errors += String(text)));
  const output = child.stdout === null ? undefined : createInterface(child.stdout).on("line", (line) => lines.push(line));
  const ended = once(child, "close");
  return {
    pid: child.pid,
    errors: () => errors,
    async says(word) {
      for (;;) {
        const line = lines.find((candidate) => candidate.startsWith(word));
        if (line !== undefined) return line;
        if (child.exitCode !== null) throw new Error(`The writer ended without saying "${word}": ${lines.join(" | ")} ${errors}`);
        await Promise.race([output === undefined ? ended : once(output, "line"), ended]);
      }
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
      return lines;
    },
  };
}

async function idsIn(folder: string): Promise<readonly string[]> {
  await using reader = await fileLedger(folder).open({ access: "read" });
  const ids: string[] = [];
  for await (const entry of reader.changes({ after: 0 })) ids.push(...entry.facts.map(({ id }) => String(id)));
  return ids;
}
