// Runs whose contract has changed: how each of them stands to the contract there is now, and letting one go on all the same (R9).

import { keys, readNote } from "../run/head.ts";
import { joinPath } from "../run/path.ts";
import type { Ledger, StreamHead } from "../ledger/ledger.ts";
import type { UpgradeCheck } from "./client.ts";
import { eachHead, eachPage } from "./each-head.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { findRun } from "./found-run.ts";
import type { UpgradeOrder } from "./host.ts";
import { rootNote } from "./known-run.ts";
import type { Acceptance } from "./load-run.ts";
import type { Plans } from "./plans.ts";

/** Loads a run and everything open under it, so that each records that it goes on with the plan of today. `accepting` tells the loading what is accepted. */
export async function upgradeTree(
  host: EmbeddedHost,
  accepting: Map<string, Acceptance>,
  { run: root, changed }: UpgradeOrder,
): Promise<void> {
  rootNote(host.ledger, root);
  accepting.set(root, changed);
  try {
    await loadTree(host, root);
  } finally {
    accepting.delete(root);
  }
}

async function loadTree(host: EmbeddedHost, root: string): Promise<void> {
  await upgradeOne(host, root);
  for (const { run } of eachHead(host.ledger, { keys: [keys.inTree(root)], open: true })) await upgradeOne(host, run);
}

async function upgradeOne(host: EmbeddedHost, id: string): Promise<void> {
  await host.use(id, (run) => {
    run.advance();
    return run.durable();
  });
}

/** How the runs that are not ended stand to the contracts there are, oldest first. Reads and changes nothing. */
export async function checkUpgrades(ledger: Ledger, plans: Plans): Promise<readonly UpgradeCheck[]> {
  const checks: UpgradeCheck[] = [];
  for (const head of eachHead(ledger, { keys: [keys.root], open: true })) {
    const note = readNote(head.note);
    if (note === undefined) continue;
    const plan = plans.of(ledger, head.run);
    const about = { run: head.run, contract: note.contract, from: note.version, to: plan?.version };
    if (plan === undefined) {
      checks.push({ ...about, verdict: "unknown", nodes: [] });
      continue;
    }
    checks.push({ ...about, ...(await compareTree(ledger, plans, head)) });
  }
  return checks;
}

async function compareTree(ledger: Ledger, plans: Plans, head: StreamHead): Promise<Pick<UpgradeCheck, "verdict" | "nodes">> {
  let { isSame, changed } = await compareStream(ledger, plans, head);
  for (const page of eachPage(ledger, { keys: [keys.inTree(head.run)], open: true })) {
    const parts = await Promise.all(page.map((each) => compareStream(ledger, plans, each)));
    changed = [...changed, ...parts.flatMap((part) => part.changed)];
    isSame &&= parts.every((part) => part.isSame);
  }
  return { verdict: changed.length > 0 ? "changed" : isSame ? "same" : "goes_on", nodes: changed };
}

async function compareStream(
  ledger: Ledger,
  plans: Plans,
  { run, note }: StreamHead,
): Promise<{ readonly isSame: boolean; readonly changed: readonly string[] }> {
  const plan = plans.of(ledger, run);
  const prefix = readNote(note)?.path ?? "";
  // Its place in the contract is gone: all that it is has changed.
  if (plan === undefined) return { isSame: false, changed: [prefix] };
  const { isSame, changed } = await findRun(ledger, run, plan);
  return { isSame, changed: changed.map((name) => joinPath(prefix, name)) };
}
