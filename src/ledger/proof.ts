// The doors to what proves something about a ledger in a folder: anchors and receipts. What is behind them loads when it is first needed.

import { LedgerError } from "../errors.ts";
import type { Anchor } from "./anchor.ts";
import type { AnchorTarget } from "./anchor-target.ts";
import type { CheckedReceipt, ReceiptCheckOptions } from "./check-receipt.ts";
import type { LedgerPlace } from "./ledger.ts";
import type { ReceiptOptions } from "./make-receipt.ts";

/**
 * Makes an anchor of a ledger, beside whoever writes there, and brings it to a place outside; without one it only gives it back. `undefined` while there are no commits.
 *
 * @example
 * ```ts
 * await anchorLedger(".kindling/ledger", { file: "/mnt/other-machine/anchors.jsonl" });
 * ```
 * @throws LedgerError `ledger_missing`, `ledger_damaged`, `ledger_unusable`, `anchor_failed`; ConfigError `anchor_target` for a place inside the ledger's folder
 */
export async function anchorLedger(folder: string, to?: AnchorTarget, now: () => number = Date.now): Promise<Anchor | undefined> {
  const [{ AnchorMaker, anchorLine }, { sendAnchor, requireTarget }, { ledgerFolder }, { realDisk }, { diskFailed }] = await Promise.all([
    import("./anchor.ts"),
    import("./anchor-target.ts"),
    import("./folder.ts"),
    import("./real-disk.ts"),
    import("./refusals.ts"),
  ]);
  if (to !== undefined) requireTarget(to, folder);
  const anchor = await new AnchorMaker(realDisk, ledgerFolder(folder), now).make().catch((error: unknown) => {
    throw diskFailed(folder, error);
  });
  if (anchor !== undefined && to !== undefined) await sendAnchor(anchorLine(anchor), to, fetch);
  return anchor;
}

/**
 * Makes a receipt of some runs: the text of one file that can be checked without the ledger. It is signed where the place has a signing key.
 * @throws InputError `run_not_found`, `not_anchored`; LedgerError `ledger_missing`, `ledger_damaged`, `not_a_folder`
 */
export async function makeReceipt(place: LedgerPlace, options: ReceiptOptions): Promise<string> {
  if (place.folder === undefined)
    throw new LedgerError("not_a_folder", `the ledger ${place.location} is no folder`, {
      fix: "Receipts are made of ledgers made with fileLedger(folder).",
    });
  const receipt = await import("./make-receipt.ts");
  await using ledger = await place.open({ access: "read" });
  return await receipt.makeReceipt(ledger, { ...(place.signing === undefined ? {} : { signing: place.signing }), ...options });
}

/** Checks a receipt, with nothing but its text and whatever it is to be held against. @throws LedgerError `signing_key_invalid` */
export async function checkReceipt(text: string, options: ReceiptCheckOptions = {}): Promise<CheckedReceipt> {
  const receipt = await import("./check-receipt.ts");
  return receipt.checkReceipt(text, options);
}
