// Compactions as acts that may be cut short anywhere: of a plain ledger, of one that was compacted before and has blobs, and of an encrypted one.

import { basename } from "node:path";
import { BLOB_LIMIT_BYTES } from "../../../src/ledger/ledger.ts";
import type { Disk } from "../../../src/ledger/disk.ts";
import { ledgerFolder } from "../../../src/ledger/folder.ts";
import { keptPath } from "../../../src/ledger/kept-file.ts";
import { readStart } from "../../../src/ledger/log-start.ts";
import { COMPACTIONS } from "../../../src/ledger/compaction.ts";
import { noted, PlayedLedger } from "../../ledger/played-ledger.ts";
import type { Operation } from "./operations.ts";
import { KEY_VARIABLE } from "./sample-folder.ts";

const FOLDER = "/ledger";

const SMALL = { segmentBytes: 2_500, indexBytes: 4_000, pause: async () => undefined };

interface Shape {
  readonly isEncrypted?: boolean;
  /** It was compacted before, and some of its facts are blobs. */
  readonly isSecond?: boolean;
}

/** One for each play: what was told in `prepare` is compared in `judge`. */
function compacting(name: string, { isEncrypted = false, isSecond = false }: Shape): Operation {
  const key = isEncrypted ? { key: { env: KEY_VARIABLE } } : {};
  let played = new PlayedLedger(FOLDER);
  return {
    name,
    async prepare(disk) {
      played = new PlayedLedger(FOLDER, { ...SMALL, ...key, disk, newId: () => "every-call" });
      await fill(played, 0, isSecond);
      if (isSecond) {
        await played.compact();
        await played.replace("cut-1", "all");
        await fill(played, 2, false);
      }
      await played.close();
    },
    async act(disk) {
      played.moveTo(disk);
      await (await played.writer()).compact();
      await played.close();
    },
    async judge(disk) {
      played.moveTo(disk);
      await played.learn();
      const wrong = [...(await played.wrong()), ...(await leftOver(disk))];
      await played.compact();
      wrong.push(...(await played.wrong()).map((each) => `after another compaction: ${each}`), ...(await leftOver(disk)));
      const ledger = await played.writer();
      if (ledger.oldest === 1) wrong.push("nothing was removed in the end");
      if (ledger.head(COMPACTIONS)?.open !== false) wrong.push("the compaction goes on for ever");
      wrong.push(...(await ledger.verify()).faults.map(({ file, message }) => `${file} ${message}`));
      await played.close();
      return wrong;
    },
  };
}

async function fill(played: PlayedLedger, from: number, withBlobs: boolean): Promise<void> {
  for (let round = from + 1; round <= from + 2; round++) await played.round(round);
  if (!withBlobs) return;
  const large = (letter: string): string => letter.repeat(BLOB_LIMIT_BYTES);
  await played.say(
    noted("kept", 0, { facts: [{ own: large("a"), shared: large("b") }] }),
    noted("gone", 0, { facts: [{ shared: large("b"), other: large("c") }] }),
    noted("gone", 1, { replaces: "all" }),
  );
}

/** Files that count no more. */
async function leftOver(disk: Disk): Promise<readonly string[]> {
  const folder = ledgerFolder(FOLDER);
  const start = await readStart(disk, folder);
  const own = start === undefined ? undefined : basename(keptPath(folder, start));
  const segments = (await disk.list(folder.segments)).filter(
    (name) => name.endsWith(".jsonl") && Number(name.slice(13, 28)) < (start?.offset ?? 0),
  );
  const kept = (await disk.list(folder.kept)).filter((name) => name !== own && !(start !== undefined && name.endsWith(".leaves")));
  return [...segments, ...kept].map((name) => `${name} is still there`);
}

/** All of them. */
export const COMPACTING: readonly Operation[] = [
  compacting("compact", {}),
  compacting("compact again, with blobs", { isSecond: true }),
  compacting("compact an encrypted one", { isEncrypted: true }),
];
