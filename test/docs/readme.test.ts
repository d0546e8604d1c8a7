// The README is true: every snippet is a file that the tests run, and every link goes somewhere. `UPDATE_GOLDEN=1` writes the files' texts into it.

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { textGraph } from "../../src/index.ts";

const ROOT = new URL("../../", import.meta.url);
const SNIPPET = /(?<=<!-- file: (?<path>\S+) -->\n```\w*\n)(?<text>[\s\S]*?)(?=```)/g;
const LINK = /\]\((?<target>[^)#\s]+)(?:#[^)\s]*)?\)/g;
const PAGES = ["README.md", "ARCHITECTURE.md", "src/README.md", "examples/release-notes/README.md"];

const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

if (process.env["UPDATE_GOLDEN"] === "1") {
  const updated = read("README.md").replaceAll(SNIPPET, (_text, path: string) => read(path));
  writeFileSync(new URL("README.md", ROOT), updated);
}

describe("the documents", () => {
  it("show snippets that are files of the repository", () => {
    const snippets = [...read("README.md").matchAll(SNIPPET)].map(({ groups }) => ({
      path: groups?.["path"] ?? "",
      text: groups?.["text"] ?? "",
    }));
    expect(snippets.length).toBeGreaterThan(1);
    for (const { path, text } of snippets) expect(text, path).toBe(read(path));
  });

  it("shows the graph of the example as it is printed", async () => {
    const { releaseNotes } = await import("../../examples/release-notes/contract.ts");
    expect(read("README.md")).toContain(
      `<!-- output: kindling graph release-notes -->\n\`\`\`text\n${textGraph(releaseNotes).trimEnd()}\n\`\`\``,
    );
  });

  it("name every kind of node that has a page", () => {
    const kinds = readdirSync(new URL("docs/nodes/", ROOT)).map((file) => file.replace(".md", ""));
    const table = read("README.md").split("The kinds of node")[1]?.split("\n\n")[1] ?? "";
    expect(kinds.filter((kind) => kind !== "contract" && !table.includes(`\`${kind}\``))).toEqual([]);
  });

  it.each(PAGES)("%s links to files that are there", (page) => {
    const folder = new URL(page, ROOT);
    const targets = [...read(page).matchAll(LINK)].flatMap(({ groups }) => groups?.["target"] ?? []);
    const missing = targets.filter((target) => !/^[a-z]+:/.test(target) && !existsSync(new URL(target, folder)));
    expect(missing).toEqual([]);
  });
});
