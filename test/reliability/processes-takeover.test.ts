// R9: two and six processes want to write the same ledger, and the one that does is killed again and again: there is never more than one, and the next one is in soon.

import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { createRuntime, fileLedger } from "../../src/index.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { figure } from "./figure.ts";
import { Acknowledgements, FLAWLESS } from "./os/acknowledgements.ts";
import { orders } from "./os/order-contract.ts";
import { type SpokenProcess, speak } from "./os/spoken-process.ts";
import { overlaps, percentile, sharedNow, type Stay, staysOf, takeovers } from "./os/stays.ts";
import { sample, SEED } from "./seed.ts";

const KEEPER = new URL("os/keeper-process.ts", import.meta.url);
const CALLER = new URL("os/caller-process.ts", import.meta.url);
/** What the orders' effects call: nobody. */
const ADDRESS = "data:text/plain,done";
const KILLS = sample(10, 300);
const TURNS = sample(4, 50);
const STAY_MS = 60;

/** A process, and those before it in its place. */
interface Post {
  readonly name: string;
  keeper: SpokenProcess;
  life: number;
}

test.for([2, 6])(
  `%i processes, ${KILLS} kills (seed ${SEED}): one writer at a time, and the next one is in soon after a kill`,
  { timeout: 180_000 + KILLS * 4_000 },
  async (size) => {
    const folder = join(await temporaryFolder(), "ledger");
    const random = seededRandom(SEED + size);
    const acknowledged = new Acknowledgements();
    const stays: Stay[] = [];
    let misled = 0;
    const arrive = (name: string) => speak(KEEPER, [folder, name, String(STAY_MS)], { onLine: (line) => acknowledged.hear(line) });
    const leave = async ({ keeper }: Post) => {
      if (!keeper.isAlive) expect.fail(`nobody ends by itself: ${(await keeper.ended).errors}`);
      const killedAt = sharedNow();
      const { errors } = await keeper.kill();
      expect(errors).toBe("");
      stays.push(...staysOf(keeper, killedAt));
      misled += keeper.lines.filter((line) => line.startsWith("misled")).length;
    };
    const posts = Array.from({ length: size }, (_, index): Post => ({ name: `k${index}`, keeper: arrive(`k${index}-0`), life: 0 }));
    for (let kill = 0; kill < KILLS; kill++) {
      // All are there: what is measured is how soon one of them is in, not how soon a process begins.
      await Promise.all(posts.map(({ keeper }) => keeper.says("ready")));
      await setTimeout(20 + random() * 100);
      // Mostly the one that is in: only its death is a takeover.
      const post = (random() < 0.8 ? posts.find(isIn) : undefined) ?? posts[Math.floor(random() * size)];
      if (post === undefined) continue;
      await leave(post);
      post.life += 1;
      post.keeper = arrive(`${post.name}-${post.life}`);
    }
    await Promise.all(posts.map(({ keeper }) => keeper.says("ready")));
    await setTimeout(200);
    await Promise.all(posts.map(leave));
    expect(overlaps(stays), "two writers at once").toBe(0);
    expect(await acknowledged.judge(folder)).toEqual(FLAWLESS);
    const times = takeovers(stays);
    expect(times.length, "kills that hit the writer").toBeGreaterThan(0);
    figure("R9", {
      processes: size,
      kills: KILLS,
      stays: stays.length,
      takeovers: times.length,
      "takeover p50 ms": rounded(percentile(times, 0.5)),
      "p99 ms": rounded(percentile(times, 0.99)),
      acks: acknowledged.count,
      "two at once": 0,
      "refused for another reason than the lock": misled,
      lost: 0,
      doubled: 0,
    });
  },
);

test(`a call of a runtime that shares the ledger is answered soon after the writing process was killed`, {
  timeout: 30_000 + TURNS * 10_000,
}, async () => {
  const ledger = fileLedger(join(await temporaryFolder(), "ledger"));
  const times: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const writer = speak(CALLER, [ledger.location, ADDRESS, `writer${turn}`, "0,0"]);
    await writer.says("paid");
    await using kindling = await createRuntime({ contracts: [orders(ADDRESS)], ledger, access: "shared" });
    const before = await kindling.start("order", { id: `before-${turn}` });
    const killing = writer.kill();
    const killedAt = performance.now();
    const during = await kindling.start("order", { id: `during-${turn}` }, { idempotencyKey: `during-${turn}` });
    times.push(performance.now() - killedAt);
    await killing;
    expect([before.created, during.created]).toEqual([true, true]);
    expect((await kindling.verify()).faults).toEqual([]);
  }
  await using kindling = await createRuntime({ contracts: [orders(ADDRESS)], ledger });
  const ids = (await kindling.list({ limit: 1_000 })).items.map(({ correlation }) => correlation["id"]);
  expect(new Set(ids).size, "runs that were started twice").toBe(ids.length);
  figure("R9", {
    "writers killed": TURNS,
    "call answered p50 ms": rounded(percentile(times, 0.5)),
    "p99 ms": rounded(percentile(times, 0.99)),
  });
});

/** True while the last thing a process said of itself is that it is in. */
function isIn({ keeper }: Post): boolean {
  const last = keeper.lines.findLast((line) => line.startsWith("in") || line.startsWith("out"));
  return last?.startsWith("in") ?? false;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
