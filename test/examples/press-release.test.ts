// The press release: the type of its result, its length, what the program prints, and each of its ends: approved, rejected, too late, and taken back.

import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, createRuntime, type Kindling, textGraph } from "kindling";
import { manualClock, memoryLedger } from "kindling/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { pressRelease } from "../../examples/press-release/contract.ts";
import { pressModel } from "../../examples/press-release/models.ts";
import type { Archived, Published } from "../../examples/press-release/press-room.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { paste, ROOT, startExample } from "./example-process.ts";

type Equal<A, B> = (<G>() => G extends A ? 1 : 2) extends <G>() => G extends B ? 1 : 2 ? true : false;

/** Compiles only for two equal types. */
function same<_T extends true>(): void {}

const MAIN = "press-release/main.ts";
const source = readFileSync(join(ROOT, "examples/press-release/contract.ts"), "utf8");
const languages = [
  { code: "de", name: "German" },
  { code: "fr", name: "French" },
];
const DAY_MS = 86_400_000;

async function open(options: Partial<Parameters<typeof createRuntime>[0]> = {}): Promise<Kindling> {
  const models = [pressModel()];
  const kindling = await createRuntime({ contracts: [pressRelease], ledger: memoryLedger(), models, model: "scripted:press", ...options });
  onTestFinished(() => kindling.close());
  return kindling;
}

async function decide(kindling: Kindling, run: string, payload: { readonly decision: string; readonly comment?: string }): Promise<void> {
  const actor = { id: "cli:editor", assurance: "outOfBand" } as const;
  expect(await kindling.deliver({ event: "draft.reviewed", run, payload, actor })).toMatchObject({ status: "delivered" });
}

const pagesIn = (room: string, run: string) => readdirSync(join(room, run)).toSorted();

describe("the contract", () => {
  it("gives just these types, without a cast", async () => {
    const kindling = await open();
    const run = await kindling.start(pressRelease, { topic: "ferries", languages, room: await temporaryFolder() });
    type Result = Awaited<ReturnType<typeof run.result>>;
    same<Equal<Result["draft"], { title: string; text: string }>>();
    same<Equal<Result["outcome"], Published | Archived>>();
    same<Equal<keyof Result, "draft" | "outcome">>();
    expect((await run.settled()).status).toBe("waiting");
    expect(source).not.toMatch(/\bas (?!const\b)/);
  });

  it("has at most 20 lines inside define, and no findings", () => {
    const lines = /^ {2}define\(g, .*\{\n(?<body>[\s\S]*?)^ {2}\},$/m.exec(source)?.groups?.["body"]?.trimEnd().split("\n") ?? [];
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(compile(pressRelease).findings).toEqual([]);
  });
});

describe("a run", () => {
  it("publishes in all languages when the editor approves, and tells the wire once", async () => {
    const kindling = await open();
    const room = await temporaryFolder();
    const run = await kindling.start(pressRelease, { topic: "ferries", languages, room });
    await run.settled();
    await decide(kindling, run.id, { decision: "approve" });
    const { draft, outcome } = await run.result();
    expect(outcome).toEqual({
      status: "published",
      pages: ["en", "de", "fr"].map((code) => join(room, run.id, `${code}.md`)),
      missing: [],
    });
    expect(readFileSync(join(room, run.id, "en.md"), "utf8")).toBe(`# ${draft.title}\n\n${draft.text}\n`);
    expect(readFileSync(join(room, run.id, "fr.md"), "utf8")).toContain("Le bac du port");
    expect(readFileSync(join(room, "wire.log"), "utf8").trim().split("\n")).toHaveLength(1);
  });

  it("puts the draft aside with the reason when the editor rejects", async () => {
    const kindling = await open();
    const room = await temporaryFolder();
    const run = await kindling.start(pressRelease, { topic: "ferries", languages, room });
    await run.settled();
    await decide(kindling, run.id, { decision: "reject", comment: "the fare is wrong" });
    const { outcome } = await run.result();
    expect(outcome).toMatchObject({ status: "archived", reason: "the fare is wrong" });
    expect(readdirSync(room)).toEqual(["archive"]);
  });

  it("reminds every day, and fails when nobody decides in three", async () => {
    const clock = manualClock();
    const kindling = await open({ clock });
    const run = await kindling.start(pressRelease, { topic: "ferries", languages, room: await temporaryFolder() });
    await run.settled();
    const count = async () => (await run.facts()).filter(({ type }) => type === "await.reminded").length;
    for (const reminders of [1, 2]) {
      clock.advance(DAY_MS);
      await expect.poll(count).toBe(reminders);
    }
    clock.advance(DAY_MS);
    await expect(run.result()).rejects.toMatchObject({ details: { error: { code: "await_timed_out" } } });
  });

  it("withdraws the pages when the wire cannot be told", async () => {
    const kindling = await open();
    const room = await temporaryFolder();
    // Where a folder stands, no line can be written.
    mkdirSync(join(room, "wire.log"));
    const run = await kindling.start(pressRelease, { topic: "ferries", languages, room });
    await run.settled();
    await decide(kindling, run.id, { decision: "approve" });
    await expect(run.result()).rejects.toMatchObject({ code: "run_failed", message: expect.stringMatching(/announce.*EISDIR/) });
    expect(pagesIn(room, run.id)).toEqual([]);
    const tries = (await run.facts()).filter(({ type, path }) => type === "node.started" && path.endsWith("announce"));
    expect(tries).toHaveLength(3);
  });
});

describe("the command line", () => {
  it("plans and draws the contract from its config", async () => {
    const folder = await temporaryFolder();
    const kindling = (words: string) =>
      paste(folder, `node ${join(ROOT, "bin/kindling.js")} ${words} --config ${join(ROOT, "examples/press-release/kindling.config.ts")}`);
    const plan = await kindling("plan press-release topic=Tea");
    expect(plan, plan.errors).toMatchObject({ code: 0, output: expect.stringContaining("! languages is missing") });
    const graph = await kindling("graph press-release");
    expect(graph.output.trimEnd()).toBe(textGraph(pressRelease).trimEnd());
  });
});

describe("the program", () => {
  it("prints the plan, the command that approves, the result and the graph, and checks itself", async () => {
    const folder = await temporaryFolder();
    const { code, output, errors } = await startExample(folder, MAIN).ended;
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(output).toMatch(/^press-release {2}version 1 {2}plan \w+\ncan start$/m);
    expect(output).toMatch(/^ {2}review {2}draft\.reviewed, a person decides \(outOfBand\), within 3 d, shown: draft$/m);
    expect(output).toMatch(/^run_\w+ is waiting for "draft\.reviewed" and shows$/m);
    expect(output).toMatch(/^ {2}.*[/\\]pt\.md$/m);
    for (const line of textGraph(pressRelease)
      .split("\n")
      .filter((each) => each.startsWith("gives")))
      expect(output).toContain(line);
    const run = /^(run_\w+) is waiting/m.exec(output)?.[1] ?? "";
    expect(pagesIn(join(folder, ".kindling/press-release/room"), run)).toEqual(["de.md", "en.md", "fr.md", "pt.md"]);
  });

  it.each([
    ["approve", "published"],
    ["reject", "archived"],
  ])("leaves the decision to a person with --wait: the printed command to %s ends the run", async (verb, status) => {
    const folder = await temporaryFolder();
    const { code, output } = await startExample(folder, MAIN, {}, ["--wait"]).ended;
    expect(code).toBe(0);
    expect(output).not.toContain("The result");
    const command = new RegExp(`^to ${verb}: +(.+)$`, "m").exec(output)?.[1] ?? expect.fail(output);
    const decided = await paste(folder, command);
    expect(decided, decided.errors).toMatchObject({ code: 0 });
    expect(decided.output).toContain(`status: ${status}`);
    expect(existsSync(join(folder, ".kindling/press-release/room"))).toBe(true);
  });
});
