// The figures of a ledger for people: what it takes, who is behind, what is beyond its threshold.

import type { Alert, FileFigures, LedgerStorage, Stats } from "../../index.ts";
import { ago } from "./moment.ts";
import { countText, type LinesPlace } from "./store-lines.ts";
import { counted, groupDigits, indented, table } from "./text.ts";

/** All of it. Expects a visible copy. */
export function statsLines(stats: Stats, place: LinesPlace): string[] {
  const { paint } = place;
  const { ledger, storage, stores, load, alerts } = stats;
  const waiting = load.lanes.reduce((sum, lane) => sum + lane.waiting, 0);
  return [
    ...alerts.map((alert) => `${paint("bad", "✗")} ${alertText(alert)}`),
    ...(alerts.length === 0 ? [`${paint("good", "✓")} nothing is beyond its threshold`] : []),
    "",
    `${paint("strong", ledger.location)}  ${paint("faint", `ledger ${ledger.id}`)}`,
    ...indented(table([...ledgerRows(stats, place), ...(storage === null ? [] : storageRows(storage, place))])),
    ...part(
      "stores",
      stores.map((each) => [
        each.name,
        each.kind,
        countText(each.present, each.kind === "store" ? "key" : "part", each.isWhole),
        countText(each.facts, "fact", each.isWhole),
        each.latest === null ? "" : paint("faint", `changed ${ago(each.latest.time, place.now)}`),
      ]),
      place,
    ),
    ...progressLines(stats, place),
    ...part(
      "at work",
      load.lanes.length === 0
        ? []
        : [[counted(load.lanes.length, "lane"), `${counted(waiting, "call")} waiting`, paint("faint", "kindling load tells more")]],
      place,
    ),
  ];
}

/** How far they have come who follow the log. */
function progressLines({ cursors, derivations, projections, imports }: Stats, place: LinesPlace): string[] {
  const { paint } = place;
  return [
    ...part(
      "consumers",
      cursors.map(({ cursor, position, behind, isTooOld }) => [
        cursor,
        `at ${groupDigits(position)}`,
        isTooOld ? paint("bad", "what follows is gone: it has to begin anew") : lagText(behind, "commit"),
      ]),
      place,
    ),
    ...part(
      "derived",
      derivations.map(({ name, version, behind, failed }) => [
        name,
        paint("faint", `version ${version}`),
        lagText(behind, "position"),
        failed === 0 ? "" : paint("bad", `${counted(failed, "key")} failed`),
      ]),
      place,
    ),
    ...part(
      "projections",
      projections.map(({ name, version, upTo, behind, isTooOld }) => [
        name,
        paint("faint", `version ${version}`),
        `kept up to ${groupDigits(upTo)}`,
        isTooOld ? paint("bad", "what follows is gone: it has to be made anew") : paint("faint", lagText(behind, "commit")),
      ]),
      place,
    ),
    ...part(
      "taken from other ledgers",
      imports.map(({ ledger: id, stores: names, next, time }) => [
        id,
        names === null ? "all stores" : names.join(","),
        `up to ${groupDigits(next)}`,
        paint("faint", ago(time, place.now)),
      ]),
      place,
    ),
  ];
}

/** `cursorLag of mail: 12,000, and 10,000 are allowed`. */
export function alertText({ name, subject, measured, threshold }: Alert): string {
  const of = subject === null ? "" : ` of ${subject}`;
  const bound = name === "diskFreeBytes" ? `at least ${groupDigits(threshold)} are wanted` : `at most ${groupDigits(threshold)} are wanted`;
  return `${name}${of} is ${groupDigits(measured)}, and ${bound}`;
}

function ledgerRows({ ledger }: Stats, { paint }: LinesPlace): string[][] {
  const from = ledger.oldest > 1 ? `from position ${groupDigits(ledger.oldest)} on` : "";
  return [[paint("faint", "commits"), groupDigits(ledger.position), from, ledger.isLow ? paint("bad", "little room is left") : ""]];
}

function storageRows(storage: LedgerStorage, { paint, now }: LinesPlace): string[][] {
  const { lastSeal, unsealed, disk } = storage;
  const parts = [
    ["log", storage.log],
    ["kept", storage.kept],
    ["large values", storage.blobs],
    ["index", storage.index],
    ["snapshots", storage.snapshots],
    ["other", storage.other],
  ] as const satisfies readonly (readonly [string, FileFigures])[];
  const seal = lastSeal === null ? "no segment is sealed yet" : `up to position ${groupDigits(lastSeal.position)}`;
  const sealedAt = lastSeal === null || lastSeal.time === null ? "" : ago(lastSeal.time, now);
  return [
    ...parts
      .filter(([, { files }]) => files > 0)
      .map(([label, { files, bytes, isWhole }]) => [paint("faint", label), bytesText(bytes), countText(files, "file", isWhole)]),
    [paint("faint", "together"), bytesText(storage.bytes), disk === null ? "" : `${bytesText(disk.free)} free of ${bytesText(disk.size)}`],
    [paint("faint", "sealed"), seal, sealedAt, unsealed === 0 ? "" : paint("warn", `${counted(unsealed, "segment")} waiting`)],
  ];
}

function part(title: string, rows: readonly string[][], { paint }: LinesPlace): string[] {
  return rows.length === 0 ? [] : ["", paint("strong", title), ...indented(table(rows))];
}

function lagText(behind: number, noun: string): string {
  return behind === 0 ? "up to date" : `${counted(behind, noun)} behind`;
}

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** `532 bytes`, `1.4 MiB`. */
function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1_024 && unit < UNITS.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return `${unit === 0 ? groupDigits(value) : value.toFixed(1)} ${UNITS[unit] ?? ""}`;
}
