// What a receipt shows, in plain words: who vouches for it, what the run was given, gave and cost, who decided, and what is not shown.

import { accountOf, type CheckedDecision, type CheckedReceipt, type RunAccount } from "../../index.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Paint } from "./paint.ts";
import { describeTotal } from "./spending.ts";
import { counted, indented } from "./text.ts";
import { GLANCE, labelled } from "./value.ts";
import { visible, visibleCopy } from "./visible.ts";

/** A receipt that holds, told; `signed` are the decisions in it that were signed. */
export function receiptLines(
  checked: CheckedReceipt,
  account: RunAccount | undefined,
  signed: readonly CheckedDecision[],
  paint: Paint,
): string[] {
  const seen = account === undefined ? undefined : visibleCopy(account);
  return [
    `${paint("good", "✓")} the receipt of ${visible(checked.run)} is whole`,
    ...indented([
      ...levelLines(checked),
      `${counted(checked.entries.length + checked.encrypted, "commit")} of the ledger ${visible(checked.ledger)}, none in between left out`,
    ]),
    ...(seen === undefined ? [] : ["", ...accountLines(seen, paint)]),
    ...signatureLines(signed, paint),
    "",
    paint("strong", "not shown"),
    ...indented(notShown(checked, seen)),
  ];
}

/** The account of a checked receipt. */
export function accountIn({ run, entries }: CheckedReceipt): RunAccount | undefined {
  return accountOf(run, entries);
}

function levelLines({ level, keys, uncheckedKeys, anchor }: CheckedReceipt): string[] {
  const unchecked = uncheckedKeys.map((key) => `signed with the key ${visible(key)}, which was not checked: give --public-key`);
  const signed = keys.map((key) => `signed with the key ${visible(key)}`);
  switch (level) {
    case "anchored":
      return [`level 3, anchored: it was so at ${iso(anchor?.time ?? 0)}, and cannot have been changed since`, ...signed, ...unchecked];
    case "signed":
      return ["level 2, signed: whoever has the private key stated it", ...signed, ...unchecked];
    case "chain":
      return [
        "level 1, chain only: it is consistent in itself, and nobody vouches for it; whoever made it may have made it up",
        ...unchecked,
      ];
  }
}

function accountLines(account: RunAccount, paint: Paint): string[] {
  const { contract, version, status, error, starter, firstTime, lastTime, spending } = account;
  const decisions = account.decisions.map(
    ({ path, event, payload, actor, time }) =>
      `${path}  ${event} ${JSON.stringify(payload)}  by ${actor.id} (${actor.assurance})  ${iso(time)}`,
  );
  const cost = describeTotal(spending);
  return [
    `${paint("strong", "run")}  ${contract} ${version}, ${status}${error === null ? "" : `: ${error.message}`}`,
    ...indented([`from ${iso(firstTime)} to ${iso(lastTime)}${starter === null ? "" : `, started by ${starter.id}`}`]),
    paint("strong", "inputs"),
    ...indented(labelled(account.inputs, GLANCE, paint)),
    paint("strong", "values"),
    ...indented(labelled(account.values, GLANCE, paint)),
    paint("strong", "decisions"),
    ...indented(decisions.length === 0 ? ["none"] : decisions),
    paint("strong", "cost"),
    ...indented([cost === "" ? "no model was called" : cost]),
  ];
}

/** Whose key it is, a receipt cannot show: that is for whoever knows the people. */
function signatureLines(signed: readonly CheckedDecision[], paint: Paint): string[] {
  if (signed.length === 0) return [];
  const told = signed.map(({ path, approver, key }) => visible(`${path}  holds, signed as ${approver} with the key ${fingerprintOf(key)}`));
  return [paint("strong", "signatures"), ...indented(told)];
}

function notShown({ encrypted, leftOut }: CheckedReceipt, account: RunAccount | undefined): string[] {
  const open = account?.status === "open" ? ["what came after: the run had not ended"] : ["whether the run was gone on with after its end"];
  const missing = account?.missingChildren ?? [];
  return [
    ...open,
    ...(leftOut.length === 0 ? [] : [`${counted(leftOut.length, "large value")}, of which only the hash is there`]),
    ...(missing.length === 0 ? [] : [`what ${counted(missing.length, "child", "children")} did: ${missing.join(", ")}`]),
    ...(encrypted === 0 ? [] : [`what ${counted(encrypted, "commit")} say: they are encrypted`]),
    "that what was recorded is true, and that the clocks were right",
  ];
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
