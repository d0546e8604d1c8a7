// The engine: llama.cpp as an addon for Node, `@fugood/llama.node`. It is no dependency of the project, since it comes with fifteen packages for
// as many platforms and cards; `npm run toy-model:install` puts it, with the one for this machine, into a folder of its own.

import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ADDON = "@fugood/llama.node";
export const ADDON_VERSION = "1.7.15";

/** What the addon needs besides itself, here: plain processors, no cards. */
export const PLATFORM_PACKAGE = `@fugood/node-llama-${process.platform}-${process.arch}`;

/** How to get it, for messages. */
export const INSTALL_COMMAND = "npm run toy-model:install";

/** The folder it is installed in: `.kindling/toy-engine` of the project, or what `TOY_ENGINE` says. */
export function engineFolder(): string {
  return process.env["TOY_ENGINE"] || fileURLToPath(new URL("../../../.kindling/toy-engine", import.meta.url));
}

/** What is used of the addon. */
export interface Addon {
  readonly loadModel: (options: {
    readonly model: string;
    readonly n_ctx: number;
    readonly n_parallel: number;
    readonly n_gpu_layers: number;
    readonly n_threads: number;
  }) => Promise<AddonContext>;
}

/** A loaded model. Its slots are used, also for one at a time: the call without slots loses track of itself when an answer is short. */
export interface AddonContext {
  readonly parallel: {
    readonly enable: (options: { readonly n_parallel: number; readonly n_batch: number }) => Promise<boolean>;
    readonly disable: () => void;
    /** Resolves when it is queued; tokens are told before the result is. */
    readonly completion: (
      options: AddonOptions,
      onToken: (id: number, token: { readonly token: string }) => void,
    ) => Promise<AddonCompletion>;
  };
  readonly release: () => Promise<void>;
}

/** A completion that is queued or running. */
export interface AddonCompletion {
  readonly promise: Promise<AddonResult>;
  /** The promise is rejected, and the slot is free. */
  readonly stop: () => void;
}

/** One completion. */
export interface AddonOptions {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly n_predict: number;
  readonly temperature: number;
  readonly seed: number;
  readonly stop: readonly string[];
  readonly xtc_probability: number;
  readonly response_format?: { readonly type: "json_schema"; readonly json_schema: { readonly strict: true; readonly schema: object } };
}

/** How a completion ended. */
export interface AddonResult {
  readonly text: string;
  readonly stopped_eos: boolean;
  readonly stopped_limit: boolean;
  readonly stopped_word: boolean;
  readonly tokens_predicted: number;
  /** Tokens of the prompt: those that were read, and those that were still known. */
  readonly timings: { readonly prompt_n: number; readonly cache_n: number };
}

/** True when the addon is there in the version that is meant; it is not loaded. */
export function isAddonInstalled(): boolean {
  const require = requireFrom(engineFolder());
  return [ADDON, PLATFORM_PACKAGE].every((name) => {
    try {
      const manifest: unknown = require(`${name}/package.json`);
      return typeof manifest === "object" && manifest !== null && "version" in manifest && manifest.version === ADDON_VERSION;
    } catch {
      // Not to be found is the answer, not a failure.
      return false;
    }
  });
}

/** Loads it. @throws Error when it is not there or not what was expected */
export function loadAddon(): Addon {
  const addon: unknown = requireFrom(engineFolder())(ADDON);
  if (typeof addon !== "object" || addon === null || !("loadModel" in addon)) throw new Error(`${ADDON} has no loadModel`);
  // Its members are those of the version that is installed, which is named exactly.
  return addon as Addon;
}

function requireFrom(folder: string): NodeJS.Require {
  return createRequire(join(folder, "package.json"));
}
