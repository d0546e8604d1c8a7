// Options and metadata of families: records by family name, of which JSON objects are the members. Pure.

import type { SharedV4ProviderOptions } from "@ai-sdk/provider";
import type { JsonObject } from "../../src/index.ts";

/** Puts options together; of one family, the later members win. */
export function mergeOptions(...all: readonly SharedV4ProviderOptions[]): SharedV4ProviderOptions {
  const merged: SharedV4ProviderOptions = {};
  for (const options of all) for (const [family, members] of Object.entries(options)) merged[family] = { ...merged[family], ...members };
  return merged;
}

/** JSON of ours as options: the AI SDK declares its JSON mutable, and models do not write into what they are given. */
export function providerOptionsOf(json: JsonObject): SharedV4ProviderOptions {
  return json as unknown as SharedV4ProviderOptions;
}
