// Giving up the facts of a tree of runs: a receipt takes the place of the root, and its children are there no more. The root goes first, in one commit: whoever looks finds
// either the whole tree or the receipt. A note beside it says whose children are still to go, so that the next host completes what a crash cut short.

import type { Commit, Ledger, StreamHead } from "../ledger/ledger.ts";
import type { JsonObject } from "../json.ts";
import { compactedNote, noteOfReceipt } from "../run/compacted.ts";
import { keys } from "../run/head.ts";
import { isDerivedDeliveryId } from "../run/ids.ts";
import type { RunReceipt } from "../run/run-receipt.ts";
import { forgetCommit, rememberedWith } from "../store/once.ts";
import { eachHead, eachPage, hasHead } from "./each-head.ts";

/** What trees whose children are still to go are found by. */
const GIVING_UP_KEY = "giving-up";

/** What a compacted run is still found by. The values it made for others, and its place among the runs, go. */
const KEPT_KEYS = [keys.contract(""), "status:", keys.declares(""), keys.delivered(""), keys.mailed(""), keys.restsOn(""), "on:"];

/** Puts a receipt in the place of a tree that has ended; resolves when that is durable. */
export async function giveUp(ledger: Ledger, root: StreamHead, receipt: RunReceipt): Promise<void> {
  const { run } = root;
  const compacted: Commit = {
    run,
    tree: run,
    expected: root.version,
    // Every member of it is JSON.
    facts: [{ type: "run.compacted", v: 2, receipt: receipt as unknown as JsonObject }],
    head: { open: false, keys: keysOf(root, receipt), note: noteOfReceipt(receipt) },
    replaces: "before",
  };
  if (receipt.children === 0 && !hasHead(ledger, { keys: [rememberedWith(run)] })) return void (await ledger.append([compacted]));
  const note = { type: "tree.giving-up", root: run };
  const head = { open: true, keys: [GIVING_UP_KEY], note: { root: run } };
  await ledger.append([{ run: streamOf(run), tree: run, expected: 0, facts: [note], head }, compacted]);
  await giveUpChildren(ledger, run);
}

/** Completes what a crash cut short. */
export async function completeGivingUp(ledger: Ledger): Promise<void> {
  // All of them first: each is found no more when it is done.
  const begun = [...eachHead(ledger, { keys: [GIVING_UP_KEY], open: true })].flatMap(({ note: { root } }) =>
    typeof root === "string" ? [root] : [],
  );
  for (const root of begun) {
    const head = ledger.head(root);
    // The root's own commit did not come so far: then nothing was given up.
    if (head !== undefined && compactedNote(head.note) === undefined) await ledger.append([noteIsOver(ledger, root)]);
    else await giveUpChildren(ledger, root);
  }
}

async function giveUpChildren(ledger: Ledger, root: string): Promise<void> {
  for (const page of eachPage(ledger, { keys: [keys.inTree(root)] }))
    await ledger.append(page.map(({ run, version }) => goneStream(run, root, version, { type: "child.compacted", root })));
  // Nobody asks for what it recorded any more.
  for (const page of eachPage(ledger, { keys: [rememberedWith(root)] })) await ledger.append(page.map(forgetCommit));
  await ledger.append([noteIsOver(ledger, root)]);
}

function noteIsOver(ledger: Ledger, root: string): Commit {
  const run = streamOf(root);
  return goneStream(run, root, ledger.head(run)?.version ?? 0, { type: "tree.given-up", root });
}

function goneStream(run: string, tree: string, expected: number, fact: { readonly type: string; readonly root: string }): Commit {
  return { run, tree, expected, facts: [fact], replaces: "all" };
}

function streamOf(root: string): string {
  return `giving-up:${root}`;
}

/** Deliveries to its children are repeated to it from now on, where they have ids that callers gave. */
function keysOf({ keys: before }: StreamHead, { decisions }: RunReceipt): readonly string[] {
  const delivered = decisions.flatMap(({ deliveryId }) => (isDerivedDeliveryId(deliveryId) ? [] : [keys.delivered(deliveryId)]));
  return [...new Set([keys.compacted, ...before.filter((key) => KEPT_KEYS.some((kind) => key.startsWith(kind))), ...delivered])];
}
