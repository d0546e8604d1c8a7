// The types of the AI SDK adapter as a strict user compiles them: with the declarations of the packages checked too.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { readErrors, runCompiler } from "./type-check.ts";

// Inside the project, so that the packages are found as a user finds them; the folder is ignored by git and by tsconfig.json.
const PLACE = fileURLToPath(new URL("../../.kindling", import.meta.url));

const PROGRAM = `
import type { LanguageModelV3, LanguageModelV4 } from "@ai-sdk/provider";
import type { ModelProvider } from "kindling";
import { aiSdk, type AiSdkModel } from "kindling/providers/ai-sdk";

declare const newer: LanguageModelV4;
declare const older: LanguageModelV3;
declare const family: (name: "small" | "large" | (string & {}), settings?: { readonly safe: boolean }) => LanguageModelV4;
export const models: readonly AiSdkModel[] = [newer, older];
export const providers: readonly ModelProvider[] = [
  aiSdk(newer),
  aiSdk({ model: older, keyVariable: "KEY", capabilities: { tools: "yes" } }),
  aiSdk({ id: "family", model: (name) => family(name, { safe: true }), costUsd: ({ cost }) => (typeof cost === "number" ? cost : undefined) }),
];
`;

it("models of both versions are taken, with skipLibCheck off", async () => {
  mkdirSync(PLACE, { recursive: true });
  const folder = mkdtempSync(join(PLACE, "ai-sdk-types-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "models.ts"), PROGRAM);
  const compilerOptions = { skipLibCheck: false };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: "../../tsconfig.json", compilerOptions, files: ["models.ts"], include: [] }),
  );
  expect(readErrors(await runCompiler(["-p", join(folder, "tsconfig.json")]))).toEqual([]);
});
