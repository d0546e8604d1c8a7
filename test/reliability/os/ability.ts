// What this machine can do for a test: trace system calls, mount small disks, take snapshots of them. What it cannot do is said, never passed over.

import { spawnSync } from "node:child_process";
import type { TestContext } from "vitest";
import { figure } from "../figure.ts";

/** Skips a test with its reason, if there is one. */
export function skipFor(reason: string | undefined, id: string, context: TestContext): void {
  if (reason === undefined) return;
  figure(id, { "skipped:": reason });
  context.skip(reason);
}

/** Why system calls cannot be traced here. */
export function whyNoTracing(): string | undefined {
  return whyNot("strace", ["-f", "--seccomp-bpf", "-e", "trace=none", "true"]);
}

/** Why disks cannot be mounted here. */
export function whyNoMounts(): string | undefined {
  if (process.platform !== "linux") return "mounting small disks needs Linux";
  // The mount is in a name space of its own and gone with it.
  return (
    whyNot("unshare", ["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]) ??
    (process.getuid?.() === 0 ? undefined : "mounting needs root")
  );
}

/** Why a disk cannot be copied at a moment here, or why such a copy cannot be made and mounted. */
export function whyNoSnapshots(): string | undefined {
  return whyNoMounts() ?? whyNot("mkfs.xfs", ["-V"]) ?? whyNot("mkfs.ext4", ["-V"]) ?? whyNot("losetup", ["--find"]);
}

function whyNot(program: string, args: readonly string[]): string | undefined {
  const { status, error, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (error !== undefined) return `${program} cannot be started (${error.message})`;
  return status === 0 ? undefined : `${program} ends with ${status}: ${stderr.trim().split("\n")[0] ?? ""}`;
}
