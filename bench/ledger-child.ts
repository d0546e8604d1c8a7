// A process of its own that makes or opens a ledger, so that time and memory are measured alone. `node --expose-gc ledger-child.ts <build|open|leave> <folder> [runs]`

import { writeSync } from "node:fs";
import { fileLedger, type Ledger } from "../src/index.ts";
import { liveHeapBytes } from "./engine-measure.ts";

const [task = "", folder = "", argument = "0"] = process.argv.slice(2);

/** Appends under way at once while a ledger is made. */
const AT_ONCE = 2_000;

const tasks: Readonly<Record<string, (ledger: Ledger) => Promise<void>>> = {
  /** Makes so many runs and asks to be killed. */
  build: async (ledger) => {
    for (let first = 0; first < Number(argument); first += AT_ONCE) {
      const count = Math.min(AT_ONCE, Number(argument) - first);
      await Promise.all(Array.from({ length: count }, (_, index) => makeRun(ledger, first + index)));
    }
    ready();
    await untilKilled();
  },
  /** Opens and closes. */
  open: async (ledger) => {
    ready();
    writeSync(1, `kept 0 ${liveHeapBytes()}\n`);
    await ledger.close();
  },
  /** Appends once more and asks to be killed. */
  leave: async (ledger) => {
    await ledger.append([{ run: "left", expected: ledger.head("left")?.version ?? 0, facts: [{ kind: "left" }] }]);
    ready();
    await untilKilled();
  },
};
await tasks[task]?.(await fileLedger(folder).open({ access: "write" }));

/** Two commits; every tenth run waits after them, the others have ended. */
async function makeRun(ledger: Ledger, number: number): Promise<void> {
  const run = `run_${String(number).padStart(26, "0")}`;
  const isWaiting = number % 10 === 0;
  const note = { contract: "press-release", hash: "2c26b46b68ffc68ff99b453c1d304134" };
  await ledger.append([
    {
      run,
      expected: 0,
      facts: [factOf("run.started", number), factOf("node.started", number)],
      head: { open: true, keys: ["status:running"], note },
    },
    {
      run,
      expected: 2,
      facts: [factOf(isWaiting ? "await.opened" : "run.succeeded", number)],
      head: isWaiting
        ? { open: true, keys: ["status:waiting", "event:draft.reviewed", `requestId:${number}`], note, due: 2e12 + number }
        : { open: false, keys: ["status:succeeded"], note },
    },
  ]);
}

function factOf(type: string, number: number): { readonly type: string; readonly id: string; readonly text: string } {
  return { type, id: `${number}`, text: "Lorem ipsum dolor sit amet. ".repeat(4) };
}

function ready(): void {
  writeSync(1, `ready ${process.memoryUsage.rss()}\n`);
}

async function untilKilled(): Promise<void> {
  writeSync(1, "kill\n");
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}
