// docs/approvals.md is true: its snippets are type-checked, run, and print what the page shows; it names every option, every way, every code and every limit.

import { describe, expect, it } from "vitest";
import { FREE_ATTEMPTS } from "../../src/web/sign-in-attempts.ts";
import { optionsIn } from "./options.ts";
import { blocksOf, exampleFolder, playPage, readPage, shownIn, typeErrorsIn, updatePage, writePrograms } from "./pages.ts";

const PAGE = "docs/approvals.md";
const page = readPage(PAGE);
const folder = exampleFolder("approvals-");
writePrograms(folder, page);

describe("docs/approvals.md", () => {
  it("shows what its snippets print", async () => {
    const made = await playPage(folder, page);
    updatePage(PAGE, made);
    expect(shownIn(readPage(PAGE))).toEqual(made);
    expect(made.map(({ mark }) => mark)).toEqual(["prints page.ts"]);
  });

  it("has snippets without a type error", async () => {
    expect(blocksOf(page).filter(({ file }) => file !== undefined).length).toBe(2);
    expect(await typeErrorsIn(folder)).toEqual([]);
  });

  it("names every option of the page and of the command", () => {
    const options = [
      ...optionsIn("src/web/serve-approvals.ts", "ServeApprovalsOptions"),
      ...optionsIn("src/web/http-server.ts", "HttpServerOptions"),
    ];
    expect(options.length).toBeGreaterThan(10);
    for (const option of options) expect(page).toMatch(new RegExp(`\`${option}\``));
    const [, serve = ""] = /"serve"[^]*?(\.option\([^]*?)\.action/.exec(readPage("src/cli/approvals-grammar.ts")) ?? [];
    const flags = [...serve.matchAll(/\.option\("(--[^"]+)"/g)].map(([, flag]) => flag);
    expect(flags.length).toBe(3);
    for (const flag of flags) expect(page).toContain(`| \`${flag}\` |`);
  });

  it("names every code that the page and the passphrases know, every event and every assurance", () => {
    const sources = [
      "src/cli/passphrase.ts",
      "src/cli/deciding-actor.ts",
      "src/cli/commands/approvers.ts",
      "src/web/passphrase.ts",
      "src/web/approver-desk.ts",
      "src/web/serve-approvals.ts",
    ].map(readPage);
    const codes = sources.flatMap((source) => [...source.matchAll(/new \w+Error\(\s*"(\w+)"/g)].map(([, code]) => code));
    expect(codes.length).toBeGreaterThan(8);
    for (const code of codes.filter((each) => each !== "bad_option" && each !== "unknown_act")) expect(page).toContain(`\`${code}\``);
    for (const event of ["signedIn", "signedOut", "signInRefused", "counted", "decided"]) expect(page).toContain(`\`${event}\``);
    for (const assurance of ["agent", "client", "outOfBand", "signed"]) expect(page).toContain(`| \`${assurance}\``);
    for (const status of [401, 409, 422, 429]) expect(page).toContain(String(status));
    expect(page).toContain(`After ${FREE_ATTEMPTS} wrong ones`);
  });
});
