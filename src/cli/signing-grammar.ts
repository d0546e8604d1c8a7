// The options by which a decision is signed.

import type { Command } from "commander";

/** Adds them to a command that decides. */
export function withSigning(deciding: Command): Command {
  return deciding
    .option("--sign <key file>", "sign the decision with this SSH key and deliver it; a gate may want that")
    .option("--statement", "print the words to sign, and decide nothing")
    .option("--signature <file>", "deliver the signature that ssh-keygen wrote; the words stand beside it, without .sig")
    .option("--valid-for <duration>", "how long the words may be delivered (default 10m, at most 7d)");
}
