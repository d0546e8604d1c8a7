// What `npm start` runs: starts the release notes or goes on with those it finds, shows progress, asks for the review, and tells how it ended.

import { userInfo } from "node:os";
import { isCancel, select } from "@clack/prompts";
import { createRuntime, type Kindling, KindlingError, type Run, type RunSummary, type RunView, type WatchEvent } from "kindling";
import { Proof } from "./changes.ts";
import { releaseNotes } from "./contract.ts";
import { denoRelease } from "./deno-release.ts";
import { choice, settings } from "./kindling.config.ts";
import { showProgress } from "./progress.ts";
import { approveCommand, describeEnd, describeRun } from "./report.ts";
import { askReviewer } from "./reviewer.ts";

const START_NEW = "npm start -- --new";
const hasTerminal = process.stdin.isTTY && process.stdout.isTTY;
const stop = new AbortController();

process.once("SIGINT", () => stop.abort());
process.exitCode = await runExample();

/** Opens the runtime, does what is to be done, and closes it. Gives the exit code. */
async function runExample(): Promise<number> {
  try {
    const kindling = await createRuntime({ ...settings, access: "shared" });
    try {
      return await startOrGoOn(kindling);
    } finally {
      await kindling.close();
    }
  } catch (error) {
    if (stop.signal.aborted) {
      console.log("\nStopped. The run is kept; go on with: npm start");
      return 130;
    }
    if (!(error instanceof KindlingError)) throw error;
    console.error(error.message);
    if (error.fix !== undefined) console.error(error.fix);
    if (error.code === "contract_changed") console.error(`To start a new run: ${START_NEW}`);
    return 1;
  }
}

async function startOrGoOn(kindling: Kindling): Promise<number> {
  const found = process.argv.includes("--new") ? undefined : await findRun(kindling);
  if (found === undefined) return startNew(kindling);
  console.log(`Found: ${describeRun(found)}`);
  return goOnWith(kindling, found);
}

/** The newest run that is not finished, else the newest. */
async function findRun(kindling: Kindling): Promise<RunSummary | undefined> {
  const { items } = await kindling.list({ contract: releaseNotes.name });
  return items.find(({ status }) => status === "waiting" || status === "running") ?? items[0];
}

async function startNew(kindling: Kindling): Promise<number> {
  console.log(choice.line);
  const run = await kindling.start(releaseNotes, denoRelease());
  console.log(`Run ${run.id} reads examples/release-notes/changelog.md and writes one note for each audience.`);
  return carry(kindling, run, await follow(run, 0));
}

async function goOnWith(kindling: Kindling, found: RunSummary): Promise<number> {
  const run = await kindling.run(found.id);
  switch (found.status) {
    case "failed":
    case "cancelled":
      console.log("Starting a new one.");
      return startNew(kindling);
    case "running":
      console.log(`Going on with it. ${choice.line}`);
      return carry(kindling, run, await follow(run, found.position));
    case "waiting":
      if (hasTerminal && (await wantsNew("Go on with it?", "Yes, review it now"))) return startNew(kindling);
      if (!hasTerminal) console.log(`To start a new one: ${START_NEW}`);
      return carry(kindling, run, await run.get());
    case "succeeded":
      console.log(describeEnd(await run.get(), await run.facts(), kindling.location));
      if (hasTerminal && (await wantsNew("Start a new one?", "No, leave it"))) return startNew(kindling);
      if (!hasTerminal) console.log(`To start a new one: ${START_NEW}`);
      return 0;
  }
}

async function wantsNew(message: string, stay: string): Promise<boolean> {
  const answer = await select({
    message,
    options: [
      { value: "stay", label: stay },
      { value: "new", label: "Start a new one" },
    ],
  });
  // Ctrl-C in a question: nothing was decided, nothing is lost.
  if (isCancel(answer)) stop.abort();
  stop.signal.throwIfAborted();
  return answer === "new";
}

/** Asks for the review while there is a terminal to ask on, and tells how it ended. Gives the exit code. */
async function carry(kindling: Kindling, run: Run<unknown>, view: RunView): Promise<number> {
  let now = view;
  while (now.status === "waiting") {
    const answer = hasTerminal ? await review(kindling, run.id) : "later";
    if (answer === "later") {
      console.log(`The notes wait for a person's review; until then the run needs no process.\nto approve: ${approveCommand(run.id)}`);
      return 0;
    }
    now = answer === "decided" ? await follow(run, now.position) : await run.get();
  }
  if (now.status !== "succeeded") {
    console.error(describeRun(now));
    return 1;
  }
  console.log(describeEnd(now, await run.facts(), kindling.location));
  return 0;
}

/** Asks the person at the terminal and delivers the decision. */
async function review(kindling: Kindling, id: string): Promise<"decided" | "refused" | "later"> {
  const gate = await kindling.awaiting(id);
  const payload = await askReviewer(Proof.parse(gate.values["proof"]));
  if (payload === undefined) return "later";
  const delivery = await kindling.deliver({
    event: gate.event,
    run: id,
    path: gate.path,
    payload,
    shown: gate.shown,
    actor: { id: `terminal:${userInfo().username}`, assurance: "outOfBand" },
  });
  if (delivery.status !== "refused") return "decided";
  console.error(`${delivery.message}\n${delivery.fix}`);
  return "refused";
}

/** Shows a run's progress from a position on until nothing more happens by itself. */
async function follow(run: Run<unknown>, after: number): Promise<RunView> {
  const progress = showProgress(process.stderr);
  const over = new AbortController();
  // It rejects when this process cannot carry the run on, say for want of a key: then there is nothing to watch.
  const settled = run.settled({ signal: stop.signal });
  settled.catch((reason: unknown) => over.abort(reason));
  try {
    for await (const event of run.watch({ after, signal: over.signal })) {
      progress.show(event);
      if (isRest(event, run.id)) break;
    }
  } finally {
    progress.end();
  }
  await settled;
  return run.settled({ signal: stop.signal });
}

function isRest(event: WatchEvent, run: string): boolean {
  return (
    event.type === "fact" &&
    event.fact.run === run &&
    ["run.waiting", "run.succeeded", "run.failed", "run.cancelled"].includes(event.fact.type)
  );
}
