// The place of a key as it is written on the command line: env:NAME, file:path or command:program argument.

import { resolve } from "node:path";
import type { KeySource } from "../index.ts";
import { UsageError } from "./problem.ts";
import type { Shell } from "./shell.ts";
import { visible } from "./view/visible.ts";

/** Reads a place. @throws UsageError `bad_key` */
export function keySource({ cwd }: Shell, text: string): KeySource {
  const at = text.indexOf(":");
  const rest = text.slice(at + 1);
  const kind = rest === "" ? "" : text.slice(0, Math.max(0, at));
  switch (kind) {
    case "env":
      return { env: rest };
    case "file":
      return { file: resolve(cwd, rest) };
    case "command":
      return { command: rest.split(" ").filter((word) => word !== "") };
    default:
      // Somebody may have given the key itself, which nobody should read in a log.
      throw new UsageError("bad_key", `${at > 0 ? `"${visible(text.slice(0, at))}:…"` : "what was given"} is no place of a key`, {
        fix: "Give env:NAME, file:path or command:program argument; never the key itself.",
      });
  }
}
