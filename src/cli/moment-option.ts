// `--as-of`: a moment of the past as somebody types it: a time, or a position of the ledger.

import type { AsOf } from "../index.ts";
import { UsageError } from "./problem.ts";

/** An option of commands that look at a run. */
export interface AsOfOption {
  readonly asOf?: string;
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)[T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/;

/** What to pass on: nothing for now. A time without a zone is one of this machine's. @throws UsageError `bad_option` */
export function pastOf({ asOf }: AsOfOption): { readonly asOf?: AsOf } {
  if (asOf === undefined) return {};
  if (/^[1-9]\d{0,14}$/.test(asOf)) return { asOf: { position: Number(asOf) } };
  const [, year, month, day] = TIME.exec(asOf) ?? [];
  const time = Date.parse(asOf.replace(" ", "T"));
  // A day that the month does not have would be taken for one of the next month.
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  if (Number.isNaN(time) || !isDay)
    throw new UsageError("bad_option", `--as-of ${asOf} is no time and no position`, {
      fix: "Give a time such as 2026-11-20T10:00Z, or a position of the ledger, which `facts` shows.",
    });
  return { asOf: { time } };
}
