import { contract, createRuntime, memoryLedger } from "kindling";
import { manualClock } from "kindling/testing";
import { scripted } from "kindling/providers/scripted";
import { it, onTestFinished } from "vitest";
import { z } from "zod";

const press = contract("press", {
  inputs: { topic: z.string(), langs: z.array(z.string()), mode: z.string().default("post") },
  correlate: ["topic"],
  define(g, { topic, langs, mode }) {
    const draft = g.llm("draft", { needs: { topic }, prompt: ({ topic }) => `write about ${topic}`, model: "scripted:small" });
    const review = g.await("review", {
      event: "draft.reviewed",
      schema: z.object({ decision: z.enum(["approve", "reject"]) }),
      show: { draft },
      by: "human",
      timeout: "3d",
      remind: "1d",
    });
    const text = g.branch("text", {
      needs: { draft, review },
      on: ({ review }) => review.decision,
      cases: {
        approve: (g, { draft }) => g.compute("body", { needs: { draft }, run: ({ draft }) => draft.toUpperCase() }),
        reject: (g, { draft }) => g.compute("gone", { needs: { draft }, run: () => "gone" }),
      },
    });
    const posts = g.collection("posts", {
      over: langs,
      as: "lang",
      key: (l) => l,
      with: { text },
      each: (g, { lang, text }) => {
        const tr = g.lookup("translate", {
          needs: { lang, text },
          retry: { attempts: 2, baseMs: 1 },
          run: ({ lang, text }) => {
            if (lang === "xx") throw new Error("no such language: xx.");
            return `${lang} ${text}`;
          },
        });
        return g.compute("post", { needs: { tr }, run: ({ tr }) => tr.length });
      },
    });
    const kind = g.compute("kind", { needs: { mode }, run: ({ mode }) => mode.length });
    const label = g.compute("label", { needs: { kind, topic }, run: ({ kind, topic }) => `${topic}${kind}` });
    return { text, posts, label };
  },
});

it("plays", async () => {
  const clock = manualClock();
  const kindling = await createRuntime({
    contracts: [press],
    ledger: memoryLedger(),
    models: [scripted(["A draft.", "Another.", "Third"])],
    clock,
  });
  onTestFinished(() => kindling.close());
  const run = await kindling.start(press, { topic: "tea", langs: ["de", "xx"] }, { actor: { id: "cli:ada", assurance: "client" } });
  await run.settled();
  clock.advance(7_380_000);
  const show = async (path?: string) => console.log(`--- ${path}\n${(await kindling.explain(run.id, path)).text}`);
  for (const path of [undefined, "posts", "review", "draft", "label", "topic"]) await show(path);
  await kindling.deliver({
    event: "draft.reviewed",
    run: run.id,
    payload: { decision: "approve" },
    actor: { id: "test", assurance: "signed" },
  });
  for (let i = 0; i < 20; i++) {
    await new Promise((r) => setTimeout(r, 20));
    clock.advance(1000);
  }
  await run.settled();
  for (const path of [
    undefined,
    "posts",
    "posts[xx]",
    "posts[xx]/post",
    "posts[de]/post",
    "posts[xx]/translate",
    "text",
    "text[reject]",
    "text[approve]/body",
    "label",
  ])
    await show(path);
  await run.update({ mode: "xxxx" });
  await run.settled();
  await show("label");
  await show("kind");
  const fork = await kindling.fork(run.id, { inputs: { topic: "cocoa" } });
  await fork.settled();
  await kindling.deliver({
    event: "draft.reviewed",
    run: fork.id,
    payload: { decision: "reject" },
    actor: { id: "test", assurance: "signed" },
  });
  for (let i = 0; i < 20; i++) {
    await new Promise((r) => setTimeout(r, 20));
    clock.advance(1000);
  }
  await fork.settled();
  console.log((await kindling.explain(fork.id, "kind")).text);
  console.log((await kindling.diff(run.id, fork.id)).text);
  await show("post").catch((e) => console.log(e.message, e.fix));
  await show("posts/post").catch((e) => console.log(e.message, e.fix));
});
