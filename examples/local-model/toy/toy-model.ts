// Starts the toy model in a process of its own, for examples and tests.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { INSTALL_COMMAND, isAddonInstalled } from "./addon.ts";

/** What the process is told. */
export interface ToyOrder {
  /** What the model has seen. */
  readonly lines: readonly string[];
  /** 0 for any that is free. */
  readonly port: number;
}

/** A toy that answers. */
export interface ToyModel {
  /** Its address: `/v1` for Chat Completions, and as it is for Ollama's API. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** What the toy has seen when nobody says otherwise. */
export const DEFAULT_LINES = ['{"team":"billing","urgent":true,"days":3}', "Yes.", "Yes."];

/** Why it cannot be started here; undefined when it can. */
export function missingEngine(): string | undefined {
  return isAddonInstalled() ? undefined : `the toy model's engine is not installed: ${INSTALL_COMMAND}`;
}

/** Its last words, when it ends before it answers. */
const LAST_WORDS_LINES = 20;

/** Starts it. @throws Error when the engine is not installed, or ends before it answers */
export async function startToyModel(lines: readonly string[] = DEFAULT_LINES): Promise<ToyModel> {
  const missing = missingEngine();
  if (missing !== undefined) throw new Error(missing);
  const order: ToyOrder = { lines, port: 0 };
  const child = fork(fileURLToPath(new URL("serve.ts", import.meta.url)), [JSON.stringify(order)], { execArgv: [], silent: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => (said = (said + text).split("\n").slice(-LAST_WORDS_LINES).join("\n")));

  const ended = once(child, "exit");
  const url = await Promise.race([
    once(child, "message").then(([message]) => urlIn(message)),
    ended.then(([code]) => Promise.reject(new Error(`the toy model ended with ${String(code)} before it answered:\n${said}`))),
  ]);
  return {
    url,
    close: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

function urlIn(message: unknown): string {
  if (typeof message === "object" && message !== null && "url" in message && typeof message.url === "string") return message.url;
  throw new Error("the toy model told no address");
}
