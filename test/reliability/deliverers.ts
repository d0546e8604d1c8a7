// Three processes on one ledger, driven from the test: whichever came first writes, the others hand their calls to it.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { fileLedger, LedgerError } from "../../src/index.ts";
import type { Answer, Order, Report } from "./deliverer-process.ts";

const PROCESS = fileURLToPath(new URL("deliverer-process.ts", import.meta.url));

/** A process that delivers. */
export interface Deliverer {
  readonly pid: number | undefined;
  start(contract: "patient" | "hasty", id: string): Promise<Extract<Report, { readonly did: "start" }>>;
  /** What became of each; undefined when the process was killed. */
  deliver(order: Omit<Extract<Order, { readonly do: "deliver" }>, "do">): Promise<readonly Answer[] | undefined>;
  kill(): Promise<void>;
  leave(): Promise<void>;
}

/** Starts processes one after the other, so that the first one writes. */
export async function startDeliverers(folder: string, count: number): Promise<Deliverer[]> {
  const deliverers: Deliverer[] = [];
  for (let index = 0; index < count; index++) deliverers.push(await startDeliverer(folder));
  return deliverers;
}

async function startDeliverer(folder: string): Promise<Deliverer> {
  const child = fork(PROCESS, [folder], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const closed = once(child, "close");
  await reportOf(child, "open");
  const gone = () => closed.then(() => undefined);
  return {
    pid: child.pid,
    async start(contract, id) {
      const report = reportOf(child, "start");
      tell(child, { do: "start", contract, id });
      return report;
    },
    async deliver(order) {
      const report = Promise.race([reportOf(child, "deliver"), gone()]);
      tell(child, { do: "deliver", ...order });
      return (await report)?.answers;
    },
    async kill() {
      child.kill("SIGKILL");
      await closed;
    },
    async leave() {
      tell(child, { do: "leave" });
      await closed;
    },
  };
}

/** The process that writes a folder now; undefined while nobody does. */
export async function writerPid(folder: string): Promise<number | undefined> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      await (await fileLedger(folder).open({ access: "write" })).close();
    } catch (error) {
      const pid = error instanceof LedgerError ? error.details["pid"] : undefined;
      if (typeof pid === "number") return pid;
      if (!(error instanceof LedgerError)) throw error;
    }
    await setTimeout(20);
  }
  return undefined;
}

function tell(child: ChildProcess, order: Order): void {
  // One that was killed hears nothing, and its end says so.
  child.send(order, () => {});
}

function reportOf<D extends Report["did"]>(child: ChildProcess, did: D): Promise<Extract<Report, { readonly did: D }>> {
  return new Promise((resolve) => {
    const hear = (report: Report) => {
      if (report.did !== did) return;
      child.off("message", hear);
      // The line above says which report it is.
      resolve(report as Extract<Report, { readonly did: D }>);
    };
    child.on("message", hear);
  });
}
