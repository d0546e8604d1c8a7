// `kindling store compact`, `prune`, `purge`, `erase`, `receipts` and `resolve`: what people read, what programs get, and what is refused.

import { randomBytes } from "node:crypto";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compact } from "../../src/cli/commands/compact.ts";
import { compactStores, eraseKey, pruneStore, purgeStores } from "../../src/cli/commands/store/keep.ts";
import { resolveId, storeReceipts } from "../../src/cli/commands/store/receipts.ts";
import type { Shell } from "../../src/cli/shell.ts";
import { createRuntime, fileLedger, type KeepingReport } from "../../src/index.ts";
import { testProject } from "./command-line.ts";
import { drafts, pages } from "./fixtures/keeping.config.ts";
import { type ProcessProject, projectHere } from "./in-process.ts";

const steady = (text: string) =>
  text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "<date>")
    .replaceAll(/#[0-9a-f]{16}/g, "#<digest>")
    .replaceAll(/[0-9a-f]{64}/g, "<hash>")
    .replaceAll(/store-receipt:[0-9a-f]{32}/g, "<receipt>")
    .replaceAll(/by cli:\S+/g, "by <user>");

async function filled(isEncrypted = false): Promise<ProcessProject & { readonly ids: readonly string[] }> {
  const project = await projectHere("keeping.config.ts");
  const folder = join(project.folder, ".kindling", "ledger");
  const file = join(project.folder, "master.key");
  if (isEncrypted) {
    await writeFile(file, randomBytes(32).toString("hex"), { mode: 0o600 });
    const config = join(project.folder, "kindling.config.ts");
    await writeFile(
      config,
      (await readFile(config, "utf8")).replace("contracts: [],", 'contracts: [], ledgerKey: { file: "master.key" },'),
    );
  }
  await using kindling = await createRuntime({
    contracts: [],
    ledger: isEncrypted ? fileLedger(folder, { key: { file } }) : fileLedger(folder),
  });
  const ids: string[] = [];
  for (const text of ["one", "two", "three"]) ids.push((await kindling.store(drafts).write("d1", text)).id);
  for (const n of [1, 2]) await kindling.history(pages).append(n);
  return { ...project, ids };
}

function reportIn(result: unknown): KeepingReport {
  // What these commands give, as the page says.
  return (result as { readonly report: KeepingReport }).report;
}

describe("without a ledger", () => {
  it.each([
    ["compact", (shell: Shell) => compactStores(shell, [], { dryRun: true }), 0],
    ["purge", (shell: Shell) => purgeStores(shell, { dryRun: true }), 0],
    ["prune", (shell: Shell) => pruneStore(shell, ["store:drafts:d1@1#0123456789abcdef"], { dryRun: true, reason: "x" }), 0],
    ["erase", (shell: Shell) => eraseKey(shell, "drafts", "d1", { dryRun: true, reason: "x" }), 3],
    ["erase without --yes", (shell: Shell) => eraseKey(shell, "drafts", "d1", { reason: "x" }), 3],
    ["compact of runs", (shell: Shell) => compact(shell, { dryRun: true, keep: "30d" }), 0],
  ])("a plan of %s makes none", async (_name, work, code) => {
    const { folder, call } = await projectHere("keeping.config.ts");
    expect((await call(work)).code).toBe(code);
    expect(await readdir(folder)).toEqual(["kindling.config.ts"]);
  });
});

describe("kindling store compact", () => {
  it("tells the plan, carries out that one, and tells it in receipts", async () => {
    const { call, ids } = await filled();
    const planned = await call((shell) => compactStores(shell, [], { dryRun: true }));
    expect(steady(planned.text)).toMatchInlineSnapshot(`
      "▫ 2 facts would be given up
        drafts  d1  2 facts  #1–2

      plan <hash>"
    `);
    const { hash } = reportIn(planned.result);
    const done = await call((shell) => compactStores(shell, ["drafts"], { plan: hash, reason: "monthly" }));
    expect(steady(done.text)).toMatchInlineSnapshot(`
      "✓ 2 facts given up
        drafts  d1  2 facts  #1–2

      receipt <receipt>"
    `);
    const again = await call((shell) => compactStores(shell, ["drafts"], { plan: hash }));
    expect(again.text).toContain("was carried out before");
    const receipts = await call((shell) => storeReceipts(shell, { store: "drafts" }));
    expect(steady(receipts.text)).toMatchInlineSnapshot(`"<date>  compact  drafts  2 facts of 1 key    by <user>  monthly  <receipt>"`);
    const resolved = await call((shell) => resolveId(shell, ids[0] ?? "", {}));
    expect(steady(resolved.text)).toMatchInlineSnapshot(`
      "store:drafts:d1@1#<digest>  detail unavailable
        <date>  compact  drafts  2 facts of 1 key    by <user>  monthly  <receipt>"
    `);
    expect(resolved.result).toMatchObject({ resolved: { status: "detail_unavailable", receipt: { reason: "monthly" } } });
  });

  it("refuses another plan, a store that there is not, and a kind that there is not", async () => {
    const { call } = await filled();
    const other = await call((shell) => compactStores(shell, ["drafts"], { plan: "0".repeat(64) }));
    expect(other).toMatchObject({ code: 4, problem: { code: "plan_changed", fix: expect.stringContaining("--dry-run") } });
    expect(await call((shell) => compactStores(shell, ["draft"], {}))).toMatchObject({ code: 3, problem: { code: "store_not_found" } });
    expect(await call((shell) => storeReceipts(shell, { kind: "gone" }))).toMatchObject({ code: 2, problem: { code: "bad_option" } });
  });
});

describe("kindling store prune, purge and erase", () => {
  it("prune names what stays and what is not there, and wants to know why", async () => {
    const { call, ids } = await filled();
    expect(await call((shell) => pruneStore(shell, ids, {}))).toMatchObject({ code: 2, problem: { code: "no_reason" } });
    const { text } = await call((shell) => pruneStore(shell, [...ids, "store:drafts:d9@1#0123456789abcdef"], { reason: "names" }));
    expect(steady(text)).toMatchInlineSnapshot(`
      "✓ 2 facts given up
        drafts  d1  2 facts  #1–2

      stays
        store:drafts:d1@3#<digest>    the latest fact of a key stays

      not there
        store:drafts:d9@1#<digest>

      receipt <receipt>"
    `);
  });

  it("purge tells what would go off the disk", async () => {
    const { call } = await filled();
    await call((shell) => compactStores(shell, [], {}));
    const { result, text } = await call((shell) => purgeStores(shell, { dryRun: true }));
    expect(reportIn(result).ledger).not.toBeNull();
    expect(text).toContain("would be taken off the disk");
  });

  it("erase is done only when that was said, in an encrypted ledger", async () => {
    const plain = await filled();
    const refused = await plain.call((shell) => eraseKey(shell, "drafts", "d1", { reason: "x" }));
    expect(refused).toMatchObject({ code: 5, problem: { code: "ledger_not_encrypted" } });
    const { call, ids } = await filled(true);
    const unsure = await call((shell) => eraseKey(shell, "drafts", "d1", { reason: "x" }));
    expect(unsure).toMatchObject({ code: 4, problem: { code: "not_confirmed" } });
    for (const options of [{ yes: true }, { dryRun: true }, {}])
      expect(await call((shell) => eraseKey(shell, "drafts", "d2", { reason: "x", ...options }))).toMatchObject({
        code: 3,
        problem: { code: "key_not_found", fix: 'Did you mean "d1"?' },
      });
    const { text } = await call((shell) => eraseKey(shell, "drafts", "d1", { reason: "x", yes: true }));
    expect(steady(text)).toMatchInlineSnapshot(`
      "✓ 3 facts erased for ever
        drafts  d1  3 facts  #1–3

      receipt <receipt>"
    `);
    const resolved = await call((shell) => resolveId(shell, ids[0] ?? "", {}));
    expect(resolved.result).toMatchObject({ resolved: { status: "erased", receipt: { reason: "x" } } });
    const unknown = await call((shell) => resolveId(shell, "store:drafts:d9@1#0123456789abcdef", {}));
    expect(unknown).toMatchObject({ code: 3, problem: { code: "fact_not_found" } });
  });
});

it("a purge names the consumer that holds it up", async () => {
  const { folder, call } = await filled();
  {
    await using kindling = await createRuntime({ contracts: [], ledger: fileLedger(join(folder, ".kindling", "ledger")) });
    const feed = kindling.factChanges({ cursor: "mail" });
    for await (const _ of feed) break;
    await feed.commit();
  }
  await call((shell) => compactStores(shell, [], {}));
  const held = await call((shell) => purgeStores(shell, {}));
  expect(held.text.split("\n")[1]).toBe('◆ held up by the cursor "mail", which stands at 1: see --over-cursors');
  expect((await call((shell) => purgeStores(shell, { overCursors: true }))).text).not.toContain("held up");
});

it("the launcher: a plan is made and carried out by processes of their own, and another one is refused", async () => {
  const { folder, kindling, json } = await testProject();
  await cp(new URL("./fixtures/keeping.config.ts", import.meta.url), join(folder, "kindling.config.ts"));
  await using runtime = await createRuntime({ contracts: [], ledger: fileLedger(join(folder, ".kindling", "ledger")) });
  for (const text of ["one", "two"]) await runtime.store(drafts).write("d1", text);
  expect(await kindling("store", "compact", "--plan", "0".repeat(64))).toMatchObject({ code: 4 });
  const { result } = await json("store", "compact", "--dry-run");
  const done = await json("store", "compact", "--plan", reportIn(result).hash);
  expect(done).toMatchObject({
    ok: true,
    command: "store compact",
    result: { report: { receipts: [{ store: "drafts", status: "done" }] } },
  });
});
