// `kindling watch`: rows for people, JSON lines for programs, by facts or by what they change in a part of an index; and following what another process records.

import { cp } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { watch, type WatchOptions } from "../../src/cli/commands/watch.ts";
import { createRuntime, fileLedger, type LedgerPlace } from "../../src/index.ts";
import { testProject } from "./command-line.ts";
import { type ProcessProject, projectHere } from "./in-process.ts";
import { calls, reminders } from "./fixtures/stores.config.ts";

const steady = (text: string) => text.replaceAll(/\d\d:\d\d:\d\d/g, "<time>").replaceAll(/\d{4}-\d\d-\d\d /g, "");
const reminder = (owner: string, done = false) => ({ owner, text: "call", done });

describe("kindling watch", () => {
  let project: ProcessProject;
  const told = (options: WatchOptions) => project.call((shell) => watch(shell, { live: false, ...options }));

  beforeAll(async () => {
    project = await projectHere("stores.config.ts");
    await using kindling = await createRuntime({ contracts: [], ledger: fileLedger(join(project.folder, ".kindling", "ledger")) });
    await kindling.store(reminders).write("r1", reminder("ada"));
    await kindling.history(calls).append({ owner: "ada", minutes: 7 });
    await kindling.store(reminders).write("r1", reminder("ada", true));
    await kindling.store(reminders).remove("r1");
  });

  it("tells facts in their order, of what is asked for", async () => {
    expect(steady((await told({})).out)).toMatchInlineSnapshot(`
      "1  <time>  written  reminders  r1  {"owner":"ada","text":"call","done":false}
      3  <time>  written  calls  ada  {"owner":"ada","minutes":7}
      5  <time>  written  reminders  r1  {"owner":"ada","text":"call","done":true}
      6  <time>  removed  reminders  r1
      "
    `);
    expect((await told({ store: ["calls"] })).out.split("\n")).toHaveLength(2);
    expect((await told({ kind: ["store"], act: ["removed"] })).out).toContain("removed");
    expect((await told({ key: ["ada"] })).out).toContain("minutes");
  });

  it("gives programs a JSON line for each", async () => {
    const { out } = await told({ json: true, store: ["reminders"], act: ["written"] });
    const lines = out.trim().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { key: "r1", value: { done: false } },
      { key: "r1", value: { done: true } },
    ]);
  });

  it("tells what enters a part of an index and what leaves it", async () => {
    expect(steady((await told({ store: ["reminders"], in: "open=ada" })).out)).toMatchInlineSnapshot(`
      "1  <time>  enter  reminders  r1  {"owner":"ada","text":"call","done":false}
      5  <time>  leave  reminders  r1  {"owner":"ada","text":"call","done":true}
      "
    `);
    expect(steady((await told({ store: ["reminders"], in: "done=true" })).out)).toMatchInlineSnapshot(`
      "5  <time>  enter  reminders  r1  {"owner":"ada","text":"call","done":true}
      6  <time>  leave  reminders  r1
      "
    `);
  });

  it("goes on behind what it told under a name", async () => {
    const first = await told({ cursor: "mail", store: ["calls"] });
    expect(first.out).toContain("calls");
    expect((await told({ cursor: "mail" })).out).toBe("");
  });

  it.each<[string, WatchOptions, number, string]>([
    ["a store that there is not", { store: ["remainders"] }, 3, 'Did you mean "reminders"?'],
    ["a kind that there is not", { kind: ["stores"] }, 2, 'Did you mean "store"?'],
    ["a position that is none", { after: "x" }, 2, "whole number"],
    ["an index that there is not", { store: ["reminders"], in: "opn=ada" }, 2, 'Did you mean "open"?'],
    ["an index of no store", { in: "open=ada" }, 2, "--store reminders --in open=ada"],
    ["an index of a history", { store: ["calls"], in: "open=ada" }, 2, "Leave --in out"],
  ])("%s is told with what to do", async (_name, options, code, fix) => {
    const called = await told(options);
    expect({ code: called.code, fix: called.problem.fix }).toEqual({ code, fix: expect.stringContaining(fix) });
  });

  it("follows what another process records, and ends in order with Ctrl-C", async () => {
    const { folder, start, json } = await testProject();
    await cp(new URL("./fixtures/stores.config.ts", import.meta.url), join(folder, "kindling.config.ts"));
    await json("store", "put", "reminders", "r0", JSON.stringify(reminder("ada")));
    const watching = start("watch", "--store", "reminders", "--json");
    const line = new Promise<string>((resolve) => watching.child.stdout?.once("data", (text: string) => resolve(text)));
    let count = 0;
    // What was there before is not told, so it must be known to listen before what is waited for is written: written until it is heard.
    const heard = line.then(() => true);
    while (
      !(await Promise.race([heard, json("store", "put", "reminders", `r${++count}`, JSON.stringify(reminder("bob"))).then(() => false)]))
    );
    expect(JSON.parse((await line).split("\n")[0] ?? "")).toMatchObject({ store: "reminders", value: { owner: "bob" } });
    watching.child.kill("SIGINT");
    expect(await watching.ended).toMatchObject({ code: 0, err: "" });
  });

  it("begins with what comes also where runs filled the ledger since the last fact", async () => {
    const full = await projectHere("stores.config.ts");
    const place = fileLedger(join(full.folder, ".kindling", "ledger"));
    {
      await using kindling = await createRuntime({ contracts: [], ledger: place });
      await kindling.store(reminders).write("r1", reminder("ada"));
    }
    await fill(place, 20_300);
    const { out, code } = await full.call((shell) => watch({ ...shell, signal: AbortSignal.timeout(1_000) }, {}));
    expect({ out, code }).toEqual({ out: "", code: 0 });
  });

  it("ends when nobody reads on, and keeps what was not read for the next time", async () => {
    const { folder, start, kindling } = await testProject();
    await cp(new URL("./fixtures/stores.config.ts", import.meta.url), join(folder, "kindling.config.ts"));
    await kindling("store", "put", "reminders", "r1", JSON.stringify(reminder("ada")));
    const unread = start("watch", "--cursor", "mail");
    unread.child.stdout?.destroy();
    expect(await unread.ended).toMatchObject({ code: 0, err: "" });
    expect((await kindling("watch", "--cursor", "mail", "--no-live")).out).toContain("reminders  r1");
  });
});

/** So many commits that are no facts of stores. */
async function fill(place: LedgerPlace, count: number): Promise<void> {
  await using ledger = await place.open({ access: "write" });
  const group = Array.from({ length: 1_000 }, (_, index) => index);
  for (let expected = 0; group.length * expected < count; expected++)
    await ledger.append(group.map((index) => ({ run: `filler-${index}`, expected, facts: [{ kind: "said" }] })));
}
