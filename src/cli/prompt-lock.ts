// `prompts.lock.json`: which version every prompt file had when somebody last said that it is right, so that a changed prompt shows in a review as a changed line.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject, type JsonValue } from "../index.ts";
import type { PromptFile } from "./prompt-files.ts";

export const LOCK_FILE = "prompts.lock.json";

/** By file, `name@version`. */
export type Locked = Readonly<Record<string, string>>;

/** What the files are now; those that cannot be parsed are left out. */
export function lockedNow(prompts: readonly PromptFile[]): Locked {
  return Object.fromEntries(
    prompts.flatMap(({ file, prompt }) => (prompt === undefined ? [] : [[file, `${prompt.name}@${prompt.version}`]])),
  );
}

/** The text of the lock file. */
export function lockText(locked: Locked): string {
  return `${JSON.stringify({ prompts: locked }, undefined, 2)}\n`;
}

/** What is locked in a folder: undefined where nothing is, `unreadable` where the file is not what was written (a merge may have left it so). */
export async function readLock(folder: string): Promise<Locked | "unreadable" | undefined> {
  try {
    return promptsIn(await readFile(join(folder, LOCK_FILE), "utf8")) ?? "unreadable";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** A file that is not as it is locked. */
export interface Drift {
  readonly file: string;
  /** Undefined for one that is not locked. */
  readonly was: string | undefined;
  /** Undefined for one that is gone. */
  readonly is: string | undefined;
}

/** What is different between what is locked and what is there. */
export function driftFrom(locked: Locked, prompts: readonly PromptFile[]): readonly Drift[] {
  const now = lockedNow(prompts);
  const changed = Object.entries(now).flatMap(([file, is]) => (locked[file] === is ? [] : [{ file, was: locked[file], is }]));
  // A file that cannot be parsed is there, and told of elsewhere.
  const there = new Set(prompts.map(({ file }) => file));
  const gone = Object.entries(locked).flatMap(([file, was]) => (there.has(file) ? [] : [{ file, was, is: undefined }]));
  return [...changed, ...gone];
}

function promptsIn(text: string): Locked | undefined {
  let json: JsonValue;
  try {
    json = JSON.parse(text) as JsonValue;
  } catch {
    // Whoever asks says that the file is not what it must be.
    return undefined;
  }
  const prompts = isJsonObject(json) ? json["prompts"] : undefined;
  if (!isJsonObject(prompts)) return undefined;
  const entries = Object.entries(prompts).flatMap(([file, version]) => (typeof version === "string" ? [[file, version] as const] : []));
  return entries.length === Object.keys(prompts).length ? Object.fromEntries(entries) : undefined;
}
