// A process that carries runs until it is killed: `node killed-process.ts <folder> <effects file> <life>`. Each model call leaves a line in the effects file,
// each acknowledged start and delivery one on the standard output.

import { appendFileSync, writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { z } from "zod";
import { contract, createRuntime, fileLedger } from "../../src/index.ts";
import { model, textOf } from "../host/models.ts";

const [folder = "", effects = "", life = ""] = process.argv.slice(2);

const provider = model(async (request, { idempotencyKey }) => {
  appendFileSync(effects, `${idempotencyKey}\n`);
  await setTimeout(3);
  return textOf(request).toUpperCase();
});

/** Asks a model for each item, waits for a check of each, and asks once more. */
export const posts = contract("posts", {
  inputs: { id: z.string(), langs: z.array(z.string()) },
  correlate: ["id"],
  define(g, { langs }) {
    const all = g.collection("posts", {
      over: langs,
      as: "lang",
      key: (lang) => lang,
      each(inner, { lang }) {
        const draft = inner.llm("draft", { needs: { lang }, prompt: ({ lang }) => lang, model: "scripted:x" });
        const check = inner.await("check", { event: "checked", schema: z.string(), show: { draft } });
        return inner.llm("final", { needs: { draft, check }, prompt: ({ draft, check }) => `${draft} ${check}`, model: "scripted:x" });
      },
    });
    return g.compute("text", { needs: { all }, run: ({ all }) => all.keys.map((key) => all.get(key) ?? "").join(", ") });
  },
});

if (process.argv[1] === import.meta.filename) await live();

async function live(): Promise<void> {
  const kindling = await createRuntime({ contracts: [posts], ledger: fileLedger(folder), models: [provider] });
  writeSync(1, "open\n");
  for (let number = 0; number < 6; number++) {
    const id = `${life}-${number}`;
    const run = await kindling.start(posts, { id, langs: ["en", "de"] }, { idempotencyKey: id });
    writeSync(1, `started ${id} ${run.id}\n`);
  }
  for (;;) {
    for (const open of await kindling.inbox()) {
      const delivery = await kindling.deliver({
        event: "checked",
        run: open.run,
        path: open.path,
        payload: "ok",
        deliveryId: `${open.run} ${open.path}`,
      });
      if (delivery.status === "delivered") writeSync(1, `delivered ${open.run} ${open.path}\n`);
    }
    if ((await kindling.list({ status: "running" })).items.length === 0 && (await kindling.inbox()).length === 0) break;
    await setTimeout(2);
  }
  await kindling.close();
  writeSync(1, "done\n");
}
