// Writes a contract of any size, as authors write them, to measure what the types cost the compiler.

/**
 * One group counts 24 nodes, what stands inside cases, items and parts included: 11 compute (46 %), 5 ask a model (21 %), 3 wait, 2 branch (8 %) over three inline
 * cases each, 1 or 2 are collections (5 %), 1 or 2 are composed, and 1 is a literal in every other group. Every case, item and part has nodes inside.
 */
const GROUP_NODES = 24;

/**
 * What both files share, so that the difference is the contract alone. The schemas stand here: reading a schema's type for the first time costs about 180
 * instantiations inside zod, whoever reads it.
 */
function heading(source: string): string {
  return `import { z } from "zod";
import { contract } from ${JSON.stringify(source)};

const Draft = z.object({ title: z.string(), body: z.string(), tags: z.array(z.string()) });
const Review = z.object({ decision: z.enum(["approve", "edit", "reject"]), body: z.string() });
const Facts = z.object({ claims: z.array(z.object({ text: z.string(), source: z.string().nullable() })), sure: z.boolean() });
const Feed = z.object({ source: z.string(), at: z.number() });
const page = contract("page", {
  inputs: { lang: z.string(), text: z.string(), tone: z.string().default("plain") },
  define: (g, { lang, text, tone }) => ({ page: g.compute("page", { needs: { lang, text, tone }, run: ({ lang, text }) => lang + text }) }),
});
export { contract, Draft, Facts, Feed, page, Review, z };
`;
}

/** The file without any contract: the cost of the imports and the schemas. */
export function emptyFile(source: string): string {
  return heading(source);
}

/** A file with one contract of at least `nodes` nodes of its own, in groups that depend on each other; `source` is where \`contract\` comes from. */
export function largeContract(nodes: number, source: string): string {
  const groups = Math.ceil(nodes / GROUP_NODES);
  const body = Array.from({ length: groups }, (_, index) => [...models(index), ...steps(index), ...children(index)].join("\n"));
  return `${heading(source)}
export const large = contract("large", {
  version: "1",
  inputs: { topic: z.string(), langs: z.array(z.string()), requestId: z.string(), limit: z.number().default(400) },
  correlate: ["requestId"],

  define(g, { topic, langs, limit }) {
    const first = g.const("first", "nothing");
${body.join("\n")}
    return { title: title${groups - 1}, pages: pages${groups - 1}, text: text${groups - 1} };
  },
});
`;
}

/** Four nodes that ask a model and three that wait; each group's first one reads what the group before it gave. */
function models(i: number): readonly string[] {
  const before = i === 0 ? "first" : `title${i - 1}`;
  return [
    `const draft${i} = g.llm("draft${i}", { needs: { topic, before: ${before} }, output: Draft, prompt: ({ topic, before }) => \`Write about \${topic.toUpperCase()}, not \${before}.\` });`,
    `const facts${i} = g.llm("facts${i}", { needs: { draft: draft${i} }, output: Facts, model: "scripted:checker", prompt: ({ draft }) => \`Check: \${draft.body}\` });`,
    `const tone${i} = g.llm("tone${i}", { needs: { draft: draft${i}, facts: facts${i} }, prompt: ({ draft, facts }) => \`\${draft.title} has \${facts.claims.length} claims.\` });`,
    `const better${i} = g.llm("better${i}", { needs: { draft: draft${i}, tone: tone${i}, limit }, output: Draft, retry: { attempts: 2 }, timeout: "2m", prompt: ({ draft, tone, limit }) => [{ role: "user", content: [{ type: "text", text: draft.title + tone + limit }] }] });`,
    `const review${i} = g.await("review${i}", { event: "draft.reviewed${i}", schema: Review, show: { draft: draft${i}, better: better${i} }, by: "human", timeout: "3d" });`,
    `const second${i} = g.await("second${i}", { event: "draft.seen${i}", schema: Review, show: { better: better${i} }, timeout: "1d", onTimeout: { value: { decision: "approve", body: "" } } });`,
    `const feed${i} = g.await("feed${i}", { event: "feed${i}", schema: Feed });`,
  ];
}

/** Three computations, one of them asynchronous. */
function steps(i: number): readonly string[] {
  return [
    `const title${i} = g.compute("title${i}", { needs: { draft: draft${i}, review: review${i} }, run: ({ draft, review }) => draft.title.trim() + review.decision });`,
    `const score${i} = g.compute("score${i}", { needs: { facts: facts${i}, second: second${i}, limit }, run: ({ facts, second, limit }, { attempt }) => ({ count: second.body.length + attempt, share: facts.claims.length / limit }) });`,
    `const origin${i} = g.compute("origin${i}", { needs: { feed: feed${i} }, run: async ({ feed }) => ({ from: feed.source, at: feed.at }), timeout: "5s" });`,
  ];
}

/** Two branches of three inline cases with seven nodes inside, a collection and a part with one each; a child that is a contract in every fourth group. */
function children(i: number): readonly string[] {
  const own = [
    `const kept${i} = g.collection("kept${i}", { over: langs, as: "lang", key: (lang) => lang, with: { text: title${i}, tone: tone${i} }, each: page });`,
    `const kept${i} = g.const("kept${i}", { lang: "en", index: ${i} });`,
    `const kept${i} = g.compose("kept${i}", { needs: { lang: topic, text: title${i} }, child: page });`,
    `const kept${i} = g.const("kept${i}", [${i}]);`,
  ];
  return [
    `const text${i} = g.branch("text${i}", {
      needs: { draft: draft${i}, review: review${i} },
      on: ({ review }) => review.decision,
      cases: {
        approve: (g, { draft }) => g.compute("approved", { needs: { draft }, run: ({ draft }) => draft.body }),
        edit: (g, { review }) => g.compute("edited", { needs: { review }, run: ({ review }) => review.body }),
        reject: (g, { draft }) => g.compute("rejected", { needs: { draft }, run: ({ draft }) => draft.tags.length }),
      },
    });`,
    `const grade${i} = g.branch("grade${i}", {
      needs: { score: score${i}, origin: origin${i} },
      on: ({ score }) => (score.share > 0.5 ? "good" : score.count > 9 ? "fair" : "poor"),
      cases: {
        good: (g, { origin }) => ({ from: g.compute("from", { needs: { origin }, run: ({ origin }) => origin.from }) }),
        fair: (g, { score, origin }) => {
          const share = g.compute("share", { needs: { score }, run: ({ score }) => Math.round(score.share * 100) });
          return { share: g.compute("text", { needs: { share, origin }, run: ({ share, origin }) => \`\${origin.from}: \${share} %\` }) };
        },
        poor: (g, { score }) => g.llm("advice", { needs: { score }, prompt: ({ score }) => \`Better than \${score.share}?\` }),
      },
    });`,
    `const pages${i} = g.collection("pages${i}", {
      over: langs,
      as: "lang",
      key: (lang) => lang,
      with: { text: text${i} },
      each: (g, { lang, text }) => g.compute("page", { needs: { lang, text }, run: ({ lang, text }) => \`\${lang}: \${text}\` }),
    });`,
    own[i % own.length] ?? "",
    `const front${i} = g.compose("front${i}", { needs: { kept: kept${i}, grade: grade${i} }, child: (g, { kept, grade }) => g.compute("front", { needs: { kept, grade }, run: ({ kept }) => kept }) });`,
  ];
}
