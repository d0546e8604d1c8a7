import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { loadSdk, sdkReadiness } from "../../providers/http/sdk.ts";

const run = promisify(execFile);

/** Imports a module in a new process and tells which packages that loaded. */
async function packagesLoadedBy(module: string): Promise<string> {
  const script = `
    import { registerHooks } from "node:module";
    const packages = new Set();
    registerHooks({ resolve(specifier, context, next) {
      const found = next(specifier, context);
      const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(found.url)?.[1];
      if (name) packages.add(name);
      return found;
    } });
    await import(${JSON.stringify(new URL(`../../${module}`, import.meta.url).href)});
    console.log([...packages].join());`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", script]);
  return stdout.trim();
}

describe("lazy loading", () => {
  it.each([
    "providers/anthropic.ts",
    "providers/openai.ts",
    "providers/ollama.ts",
    "providers/ai-sdk.ts",
    "providers/scripted.ts",
    "src/model/prompt-file.ts",
  ])("importing %s loads no package", async (module) => {
    expect(await packagesLoadedBy(module)).toBe("");
  });

  it("importing providers/recorded.ts loads what recordings are checked by and nothing else", async () => {
    expect(await packagesLoadedBy("providers/recorded.ts")).toBe("zod");
  });

  it("a package that is not installed is told, with the command that installs it", async () => {
    expect(sdkReadiness("some", "not-installed-sdk")).toEqual({
      ready: false,
      message: "some: the package not-installed-sdk is not installed",
      fix: "npm install not-installed-sdk",
    });
    const missing = Object.assign(new Error("Cannot find package 'not-installed-sdk' imported from here"), {
      code: "ERR_MODULE_NOT_FOUND",
    });
    await expect(loadSdk("some", "not-installed-sdk", () => Promise.reject(missing))).rejects.toMatchObject({
      code: "not_configured",
      retryable: false,
      fix: "npm install not-installed-sdk",
    });
  });

  it("a package that is there and lacks one of its own is not mistaken for a missing one", async () => {
    const broken = Object.assign(new Error("Cannot find package 'its-own-need' imported from some-sdk/index.js"), {
      code: "ERR_MODULE_NOT_FOUND",
    });
    await expect(loadSdk("some", "some-sdk", () => Promise.reject(broken))).rejects.toBe(broken);
  });

  it("a package that fails while it loads is not mistaken for a missing one", async () => {
    await expect(loadSdk("some", "broken-sdk", () => Promise.reject(new SyntaxError("broken")))).rejects.toThrow(SyntaxError);
  });
});
