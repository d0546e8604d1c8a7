// docs/approvals-signed.md is true: its snippets are type-checked, run, and print what the page shows; it names every member of what is signed, every refusal and every option.

import { describe, expect, it } from "vitest";
import { readPublicKey } from "../../src/ssh-public-key.ts";
import { blocksOf, exampleFolder, playPage, readPage, shownIn, tableUnder, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/approvals-signed.md";
const page = readPage(PAGE);
const folder = exampleFolder("approvals-signed-");
writePrograms(folder, page);

const names = (cell = "") => [...cell.matchAll(/`([\w]+)`/g)].map(([, name]) => name);

describe("docs/approvals-signed.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints sign.ts"]);
  });

  it("has snippets without a type error", async () => {
    expect(blocksOf(page).filter(({ file }) => file !== undefined).length).toBe(2);
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names every member of what is signed, every member of an approver and every refusal of a signature", () => {
    const source = readPage("src/signing/decision-statement.ts");
    const members = /const MEMBERS = \[(?<names>[^\]]*)\]/.exec(source)?.groups?.["names"]?.replaceAll(/["\s]/g, "").split(",");
    expect(new Set(tableUnder(page, "What is signed").flatMap(([cell]) => names(cell)))).toEqual(new Set(members));
    const approver = /const MEMBERS = \[(?<names>[^\]]*)\]/
      .exec(readPage("src/approver.ts"))
      ?.groups?.["names"]?.replaceAll(/["\s]/g, "")
      .split(",");
    expect(new Set(tableUnder(page, "Approvers and their gate").flatMap(([cell]) => names(cell)))).toEqual(new Set(approver));
    const codes = [...readPage("src/host/delivery.ts").matchAll(/\| "(?<code>signature_\w+|approver_\w+)"/g)].map(
      ({ groups }) => groups?.["code"],
    );
    expect(codes.length).toBe(5);
    const shown = tableUnder(page, "Refusals").flatMap(([cell]) => names(cell));
    expect(shown).toEqual(expect.arrayContaining(codes));
  });

  it("shows commands with options that are there, and no key that could be taken for one", () => {
    const options = readPage("src/cli/signing-grammar.ts") + readPage("src/cli/approvals-grammar.ts");
    const used = [
      ...new Set([...page.matchAll(/kindling (?:approve|reject)[^\n`]*/g)].flatMap(([line]) => line.match(/--[a-z-]+/g) ?? [])),
    ];
    expect(used.filter((option) => option !== "--comment" && !options.includes(`"${option} `) && !options.includes(`"${option}"`))).toEqual(
      [],
    );
    expect(used.length).toBeGreaterThan(3);
    expect(readPublicKey("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5… ada@desk")).toHaveProperty("fix");
  });
});
