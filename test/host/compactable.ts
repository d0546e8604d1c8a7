// Contracts whose runs are compacted, and runs of them that have ended.

import { z } from "zod";
import { contract, type Kindling, type LedgerPlace, memoryLedger, type RetentionRule, type RuntimeOptions } from "../../src/index.ts";
import { child, file } from "./erasable.ts";
import { overridden } from "./ledgers.ts";
import { openKindling } from "./open-host.ts";

/** A person. */
export const ada = { id: "cli:ada", assurance: "outOfBand" } as const;
/** Nothing is kept. */
export const ALL: readonly RetentionRule[] = [{ keep: 0 }];

export const quick = contract("quick", {
  inputs: { n: z.number() },
  define: (g, { n }) => ({ twice: g.compute("twice", { needs: { n }, run: ({ n }) => 2 * n }) }),
});

export const broken = contract("broken", {
  inputs: {},
  define: (g) =>
    g.compute("never", {
      needs: {},
      run: (): string => {
        throw new Error("no");
      },
    }),
});

/** A gate in the root, and one in a child for each language. */
export const press = contract("press", {
  inputs: { topic: z.string(), langs: z.array(z.string()) },
  correlate: ["topic"],
  define(g, { topic, langs }) {
    const review = g.await("review", {
      event: "reviewed",
      schema: z.object({ decision: z.enum(["approve", "reject"]) }),
      show: { topic },
      by: "human",
      assurance: "client",
    });
    const posts = g.collection("posts", {
      over: langs,
      as: "lang",
      key: (lang) => lang,
      each: (inner, { lang }) => inner.await("check", { event: "checked", schema: z.string(), show: { lang } }),
    });
    return { review, posts };
  },
});

/** A runtime with all of these contracts. */
export const openAll = (options: Partial<RuntimeOptions> = {}): Promise<Kindling> =>
  openKindling({ contracts: [quick, broken, press, file, child], ...options });

/** A run that has ended. */
export async function ended(kindling: Kindling, n = 1): Promise<string> {
  const run = await kindling.start(quick, { n });
  await run.settled();
  return run.id;
}

/** A run in which three things were decided, two of them in children. */
export async function pressed(kindling: Kindling): Promise<string> {
  const run = await kindling.start(press, { topic: "Rain", langs: ["de", "fr"] }, { actor: ada });
  await run.settled();
  await kindling.deliver({ event: "reviewed", run: run.id, payload: { decision: "approve" }, actor: ada });
  await kindling.deliver({ event: "checked", run: run.id, path: "posts[de]/check", payload: "gut", deliveryId: "de-1" });
  await kindling.deliver({ event: "checked", run: run.id, path: "posts[fr]/check", payload: "bien" });
  await run.result({ signal: AbortSignal.timeout(20_000) });
  return run.id;
}

/** A ledger in memory that gives up and never removes. */
export function keepingAll(): LedgerPlace {
  const place = memoryLedger();
  const nothing = { commits: 0, bytes: 0 };
  const compaction = {
    removed: { ...nothing, segments: 0 },
    kept: nothing,
    blobs: { count: 0, bytes: 0 },
    oldest: 1,
    heldBy: null,
    archive: null,
  };
  return { ...place, open: async (options) => overridden(await place.open(options), { compact: async () => compaction }) };
}
