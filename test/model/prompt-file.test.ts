import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { promptFile } from "../../src/model/prompt-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kindling-prompt-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("prompt files", () => {
  it("a prompt is named after its file, however the file is given", () => {
    const file = join(folder, "greet.prompt.md");
    writeFileSync(file, "Hello.");
    for (const given of [file, pathToFileURL(file), pathToFileURL(file).href]) expect(promptFile(given).name).toBe("greet");
  });

  it("a missing file and a folder are told apart", () => {
    expect(() => promptFile(join(folder, "none.prompt.md"))).toThrow(expect.objectContaining({ code: "prompt_not_found" }));
    expect(() => promptFile(folder)).toThrow(expect.objectContaining({ code: "prompt_unreadable" }));
  });

  it("a file that is far too large is refused", () => {
    const file = join(folder, "huge.prompt.md");
    writeFileSync(file, "x".repeat(1_000_001));
    expect(() => promptFile(file)).toThrow(ConfigError);
  });

  it("errors name the file and the line", () => {
    const file = join(folder, "wrong.prompt.md");
    writeFileSync(file, "one\n{{two}}");
    expect(() => promptFile(file)).toThrow("wrong.prompt.md:2 {{two}} reads");
  });
});
