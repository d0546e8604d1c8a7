// R7: system calls that fail, end the process or take long, one at a time, played by strace on a real process: after a fault nothing is acknowledged, and nothing
// that was acknowledged before is lost.

import { join } from "node:path";
import { expect, test } from "vitest";
import { seededRandom } from "../ledger/seeded-random.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { figure } from "./figure.ts";
import { skipFor, whyNoTracing } from "./os/ability.ts";
import { Acknowledgements, FLAWLESS, writesAgain } from "./os/acknowledgements.ts";
import { speak } from "./os/spoken-process.ts";
import { appendUnderFault, type Fault, type Mishap, type SystemCall, type TracedEnding } from "./os/traced-appender.ts";
import { IS_SOAK, SEED } from "./seed.ts";

const APPENDER = new URL("os/appender-process.ts", import.meta.url);

/** Few enough facts to be quick, enough for a blob of each client. */
const SIZE = { clients: 4, facts: 60 };

const CALLS: Readonly<Record<SystemCall, readonly Mishap[]>> = {
  pwrite64: ["EIO", "ENOSPC", "EINTR", "kill"],
  fdatasync: ["EIO", "ENOSPC", "EINTR", "kill", "wait"],
  fsync: ["EIO", "ENOSPC", "kill"],
  rename: ["EIO", "ENOSPC", "kill"],
};

/** The first calls are those of making or recovering the ledger, the later ones those of appending. */
const FIRST = [1, 2, 3, 4, 5, 6, 7, 8];
const LATER = [10, 13, 17, 21, 30, 45];
const SAMPLE = 10;

const ALL: readonly Fault[] = Object.entries(CALLS).flatMap(([call, mishaps]) =>
  // Object.entries forgets which names there are.
  mishaps.flatMap((mishap) => [...FIRST, ...LATER].map((at): Fault => ({ call: call as SystemCall, mishap, at }))),
);

test.for(["new", "left by a crash"] as const)(
  `a system call that goes wrong on a ledger that is %s (seed ${SEED}) loses nothing acknowledged, and nothing is acknowledged after it`,
  { timeout: IS_SOAK ? 1_800_000 : 180_000 },
  async (kind, context) => {
    skipFor(whyNoTracing(), "R7", context);
    const faults = IS_SOAK ? ALL : sampled(ALL, SAMPLE, kind === "new" ? 1 : 2);
    const base = await temporaryFolder();
    let hit = 0;
    let acks = 0;
    for (const fault of faults) {
      const folder = join(base, `${fault.call}-${fault.mishap}-${fault.at}`);
      const acknowledged = new Acknowledgements();
      if (kind !== "new") await leaveByCrash(folder, acknowledged);
      const ending = await appendUnderFault(folder, "faulty", SIZE, fault);
      if (ending.wasHit) hit += 1;
      expectAnswered(ending, fault);
      for (const line of ending.lines) acknowledged.hear(line);
      await writesAgain(folder, "after");
      expect(await acknowledged.judge(folder), nameOf(fault)).toEqual(FLAWLESS);
      acks += acknowledged.count;
    }
    expect(hit, "faults that were played").toBeGreaterThan(faults.length / 2);
    figure("R7", { ledger: kind, faults: faults.length, played: hit, acks, "acks after a fault": 0, lost: 0, doubled: 0 });
  },
);

/** What a process may say under a fault. */
function expectAnswered({ code, signal, lines, errors, wasHit }: TracedEnding, fault: Fault): void {
  const name = nameOf(fault);
  const isHarmless = !wasHit || fault.mishap === "wait" || fault.mishap === "EINTR";
  if (fault.mishap === "kill" && wasHit) {
    expect(signal, name).toBe("SIGKILL");
    return;
  }
  if (isHarmless) {
    expect([code, errors, lines.at(-1)], name).toEqual([0, "", "closed"]);
    return;
  }
  expect(code, `${name}: ${errors}`).toBe(3);
  expect(errors, name).toMatch(
    fault.mishap === "ENOSPC"
      ? /ledger_full: The disk .* is full|ledger_unusable: .* disk I\/O error|ledger_unusable: .*full/
      : /ledger_(?:stopped|unusable): .*(?:EIO|I\/O error)/,
  );
  const failed = lines.findIndex((line) => line.startsWith("stopped") || line.startsWith("refused"));
  expect(failed, `${name}: ${lines.join(" | ")}`).toBeGreaterThanOrEqual(0);
  expect(
    lines.slice(failed).filter((line) => line.startsWith("ack")),
    name,
  ).toEqual([]);
}

/** A process that is killed while it appends: what it leaves has to be recovered. */
async function leaveByCrash(folder: string, acknowledged: Acknowledgements): Promise<void> {
  const writer = speak(APPENDER, [folder, "crashed", "4"]);
  await writer.says("ack crashed-0.20");
  for (const line of (await writer.kill()).lines) acknowledged.hear(line);
}

function sampled(faults: readonly Fault[], count: number, salt: number): readonly Fault[] {
  const random = seededRandom(SEED + salt);
  const left = [...faults];
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)).flat();
}

function nameOf({ call, mishap, at }: Fault): string {
  return `${mishap} at ${call} ${at} (seed ${SEED})`;
}
