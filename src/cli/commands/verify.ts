// `verify`: walks every byte of the ledger and says what it found; works beside a writer, and on a ledger that refuses to open. Or checks a receipt by itself.

import {
  checkDecisions,
  checkReceipt,
  LedgerError,
  type LedgerPlace,
  type ReceiptCheckOptions,
  type SignatureReport,
  verifyFolder,
  type VerifyOptions,
  type VerifyReport,
  verifySignatures,
} from "../../index.ts";
import type { Answer } from "../answer.ts";
import { loadConfig, type LoadedConfig } from "../config-file.ts";
import { readGiven } from "../given-file.ts";
import { type GlobalOptions, ledgerPlace } from "../project.ts";
import type { Shell } from "../shell.ts";
import type { Paint } from "../view/paint.ts";
import { fingerprintOf } from "../view/fingerprint.ts";
import { accountIn, receiptLines } from "../view/receipt-lines.ts";
import { counted, groupDigits, indented } from "../view/text.ts";
import { visible } from "../view/visible.ts";

/** What `verify` takes. */
export interface VerifyCommandOptions extends GlobalOptions {
  readonly receipt?: string;
  readonly publicKey?: string;
  readonly anchor?: string;
}

/** Verifies the project's ledger, or a receipt, for which no project is needed. */
export async function verify(shell: Shell, options: VerifyCommandOptions): Promise<Answer> {
  const { publicKey, anchor } = options;
  const against = {
    ...(publicKey === undefined ? {} : { publicKeys: await readGiven(shell, publicKey) }),
    ...(anchor === undefined ? {} : { anchors: await readGiven(shell, anchor) }),
  };
  if (options.receipt !== undefined) return verifyReceipt(shell, options.receipt, against);
  const loaded = await loadConfig(shell.cwd, options.config);
  return verifyLedger(shell, loaded, ledgerPlace(loaded), against);
}

async function verifyLedger(shell: Shell, { config }: LoadedConfig, place: LedgerPlace, against: VerifyOptions): Promise<Answer> {
  if (place.folder === undefined)
    throw new LedgerError("not_a_folder", `the ledger ${place.location} is no folder`, {
      fix: "verify works on ledgers made with fileLedger(folder).",
    });
  const report = await verifyFolder(place.folder, against);
  const lines = reportLines(report, place.location, shell.out.paint);
  if (report.ok) return signaturesChecked(shell, report, lines, await signaturesOf(place, config));
  const fix =
    "Keep the folder as it is and make a copy of it. What stands before the first fault is whole and can be read; nothing is written to a damaged ledger.";
  const problem = {
    name: "LedgerError",
    code: "ledger_damaged",
    message: `${counted(report.faults.length, "fault")} in ${place.location}`,
    fix,
    details: { report },
  };
  return { ok: false, exit: 5, problem, lines: [...lines, "", fix] };
}

/** What the signatures of decisions show; why they could not be checked, for an encrypted ledger whose key is not here. */
async function signaturesOf(place: LedgerPlace, { approvers = [], contracts }: LoadedConfig["config"]): Promise<SignatureReport | string> {
  try {
    return await verifySignatures(place, { approvers, contracts });
  } catch (error) {
    if (error instanceof LedgerError && KEYLESS.has(error.code)) return error.message;
    throw error;
  }
}

const KEYLESS: ReadonlySet<string> = new Set(["ledger_key_missing", "ledger_key_wrong"]);

function signaturesChecked(shell: Shell, report: VerifyReport, lines: readonly string[], found: SignatureReport | string): Answer {
  if (typeof found === "string")
    return {
      ok: true,
      result: { ...report, signatures: null },
      lines: [...lines, `  signatures of decisions were not checked: ${visible(found)}`],
    };
  const result = { ...report, signatures: found };
  const { whole, confirmed, unconfirmed, faults } = found;
  if (faults.length === 0) {
    const told =
      whole === 0
        ? []
        : [`  ${counted(whole, "signed decision")} ${whole === 1 ? "holds" : "hold"}, ${confirmed} by keys of the approvers of today`];
    const strange = unconfirmed.map(
      ({ stream, path, approver, key }) => `  ${path} of ${stream}: the key is none of ${approver} today: ${fingerprintOf(key)}`,
    );
    return { ok: true, result, lines: [...lines, ...told.map(visible), ...strange.map(visible)] };
  }
  const fix =
    "Every checksum is right, so whoever changed it could write the ledger. Compare with a backup, and with receipts and anchors that were kept outside.";
  const message = `${counted(faults.length, "decision")} in the ledger ${faults.length === 1 ? "is" : "are"} not what was signed`;
  const problem = { name: "LedgerError", code: "signature_wrong", message, fix, details: { report: result } };
  const told = faults.map((fault) => visible(`${fault.path} of ${fault.stream}, position ${fault.position}: ${fault.message}`));
  return { ok: false, exit: 5, problem, lines: [`${shell.out.paint("bad", "✗")} ${message}`, ...indented(told), "", fix] };
}

async function verifyReceipt(shell: Shell, file: string, against: ReceiptCheckOptions): Promise<Answer> {
  const checked = await checkReceipt(await readGiven(shell, file), against);
  const { entries: _, ...told } = checked;
  const account = checked.ok ? accountIn(checked) : undefined;
  const signed = checkDecisions(checked.ledger, checked.entries);
  const wrong = signed.flatMap(({ path, stream, fault }) => (fault === undefined ? [] : [`${path} of ${stream}: ${fault}`]));
  if (checked.ok && wrong.length === 0)
    return {
      ok: true,
      result: { receipt: told, account: account ?? null, signatures: signed },
      lines: receiptLines(checked, account, signed, shell.out.paint),
    };
  const fix = "Do not rely on it. Ask for it again, from somebody who has the ledger.";
  const problem = {
    name: "LedgerError",
    code: "receipt_wrong",
    message: `${file} shows nothing`,
    fix,
    details: { receipt: told, signatures: signed },
  };
  const faults = [...checked.faults, ...wrong].map(visible);
  return { ok: false, exit: 5, problem, lines: [`${shell.out.paint("bad", "✗")} ${problem.message}`, ...indented(faults), "", fix] };
}

function reportLines(report: VerifyReport, location: string, paint: Paint): string[] {
  const sizes = `${counted(report.commits, "commit")}, ${counted(report.facts, "fact")}, ${counted(report.blobs, "blob")}, ${groupDigits(report.bytes)} bytes`;
  if (report.ok)
    return [`${paint("good", "✓")} ${location} is whole`, `  ${sizes}`, ...proofLines(report), paint("faint", `  chain ${report.chain}`)];
  const faults = report.faults.map(({ file, offset, position, message }) => {
    const place = [offset === undefined ? "" : `offset ${offset}`, position === undefined ? "" : `position ${position}`]
      .filter((each) => each !== "")
      .join(", ");
    return `${paint("strong", file)}${place === "" ? "" : ` ${place}`}: ${message}`;
  });
  return [`${paint("bad", "✗")} ${location} is damaged`, `  whole before the first fault: ${sizes}`, ...indented(faults)];
}

/** What compactions, seals and anchors add, where there are any. */
function proofLines({ removed, seals, anchors }: VerifyReport): string[] {
  const compacted =
    removed === undefined
      ? []
      : [`  from commit ${removed.before} on; ${counted(removed.kept, "commit")} of those before, kept by compactions`];
  const sealed =
    seals === undefined || seals.whole + seals.waiting === 0
      ? []
      : [
          `  ${counted(seals.whole, "seal")}, ${seals.signed} signed, ${seals.confirmed} of them confirmed; ${counted(seals.waiting, "segment waits", "segments wait")} for one`,
        ];
  if (anchors === undefined) return [...compacted, ...sealed];
  const upTo = anchors.upTo === null ? "" : ` up to commit ${anchors.upTo} (${new Date(anchors.time ?? 0).toISOString()})`;
  return [...compacted, ...sealed, `  ${counted(anchors.met, "anchor")} met${upTo}`];
}
