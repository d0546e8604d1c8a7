// The contract that recordings are tested with: a lookup, models, a gate, a collection, a sleep and an effect.

import { z } from "zod";
import { contract, createRuntime, type Kindling, type ModelProvider } from "../../src/index.ts";
import { type ManualClock, manualClock, memoryLedger, scripted, type ScriptedReply, seededChance } from "../../src/testing.ts";

/** What may be different in it. */
export interface Variant {
  readonly draft?: string;
  readonly translate?: string;
  readonly model?: string;
  readonly crm?: () => unknown;
  readonly mood?: boolean;
  readonly short?: boolean;
}

/** What its code outside did, in order. */
export const done: string[] = [];

export function press({
  draft = "Write about",
  translate = "To",
  model = "real:large",
  crm = () => "Ada",
  mood = false,
  short = false,
}: Variant = {}) {
  return contract("press", {
    inputs: { topic: z.string(), langs: z.array(z.string()) },
    define(g, { topic, langs }) {
      const owner = g.lookup("crm", { needs: { topic }, run: () => (done.push("crm"), crm()), retry: { attempts: 3 } });
      const text = g.llm("draft", {
        needs: { topic, owner },
        prompt: ({ topic, owner }) => `${draft} ${topic}\nfor ${String(owner)}`,
        output: z.object({ body: z.string() }),
        model,
      });
      const review = g.await("review", {
        event: "draft.reviewed",
        schema: z.object({ decision: z.string() }),
        show: { text },
        by: "human",
        timeout: "3d",
        onTimeout: { value: { decision: "late" } },
      });
      const posts = g.collection("posts", {
        over: langs,
        as: "lang",
        with: { text, review },
        key: (lang) => lang,
        each: (g, { lang, text }) =>
          g.llm("translate", {
            needs: { lang, text },
            prompt: ({ lang, text }) => `${translate} ${lang}: ${text.body}`,
            model: "real:small",
          }),
      });
      const ready = short ? posts : g.sleep("pause", { needs: { posts }, for: "1d" });
      const sent = g.effect("send", {
        needs: { posts, ready },
        run: ({ posts }, { idempotencyKey }) => (done.push("send"), { key: idempotencyKey, many: posts.keys.length }),
      });
      if (!mood) return { sent, review };
      const feeling = g.llm("mood", { needs: { topic }, prompt: ({ topic }) => `How does ${topic} feel?`, model: "real:small" });
      return { sent, review, feeling };
    },
  });
}

export const inputs = { topic: "dogs", langs: ["de", "fr"] };

/** What the models of a recorded run answer. */
export const REPLIES: readonly ScriptedReply[] = [{ body: "Hello\nthere" }, "Hallo", "Salut"];

/** A runtime with time by hand. */
export async function pressRoom(
  variant: Variant = {},
  models: readonly ModelProvider[] = [scripted(REPLIES, { id: "real" })],
): Promise<{ readonly kindling: Kindling; readonly clock: ManualClock }> {
  const clock = manualClock();
  const kindling = await createRuntime({ contracts: [press(variant)], ledger: memoryLedger(), models, clock, chance: seededChance(3) });
  return { kindling, clock };
}

/** A run that ended: reviewed after an hour, sent a day later. */
export async function endedRun(
  variant: Variant = {},
  models?: readonly ModelProvider[],
): Promise<{ readonly kindling: Kindling; readonly run: string }> {
  const { kindling, clock } = await pressRoom(variant, models);
  const run = await kindling.start("press", inputs);
  await run.settled();
  clock.advance(3_600_000);
  await kindling.deliver({
    event: "draft.reviewed",
    run: run.id,
    payload: { decision: "ok" },
    actor: { id: "ann", assurance: "outOfBand" },
  });
  await run.settled();
  clock.advance(86_400_000);
  await run.result();
  return { kindling, run: run.id };
}
