// Writes a contract of any size, as authors write them, to measure what the types cost the compiler.

/** Nodes of one group: five in the contract itself, three inside its branch, one inside its collection. */
const GROUP_NODES = 9;

/** What both files share, so that the difference is the contract alone. */
function heading(source: string): string {
  return `import { z } from "zod";
import { contract } from ${JSON.stringify(source)};

const Draft = z.object({ title: z.string(), body: z.string(), tags: z.array(z.string()) });
const Review = z.object({ decision: z.enum(["approve", "edit", "reject"]), body: z.string() });
export { contract, Draft, Review, z };
`;
}

/** The file without any contract: the cost of the imports and the schemas. */
export function emptyFile(source: string): string {
  return heading(source);
}

/** A file with one contract of at least `nodes` nodes, in groups that depend on each other; `source` is where \`contract\` comes from. */
export function largeContract(nodes: number, source: string): string {
  const groups = Math.ceil(nodes / GROUP_NODES);
  const body = Array.from({ length: groups }, (_, index) => group(index, index === 0 ? "topic" : `title${index - 1}`));
  return `${heading(source)}
export const large = contract("large", {
  version: "1",
  inputs: { topic: z.string(), langs: z.array(z.string()), requestId: z.string() },
  correlate: ["requestId"],

  define(g, { topic, langs }) {
${body.join("\n")}
    return { title: title${groups - 1}, pages: pages${groups - 1} };
  },
});
`;
}

function group(index: number, topic: string): string {
  const [draft, review, text, pages, title] = ["draft", "review", "text", "pages", "title"].map((name) => `${name}${index}`);
  return `    const ${draft} = g.llm("${draft}", {
      needs: { topic: ${topic} },
      output: Draft,
      model: "scripted:writer",
      prompt: ({ topic }) => \`Write about \${topic.toUpperCase()}.\`,
    });
    const ${review} = g.await("${review}", { event: "draft.reviewed${index}", schema: Review, show: { draft: ${draft} } });
    const ${text} = g.branch("${text}", {
      needs: { draft: ${draft}, review: ${review} },
      on: ({ review }) => review.decision,
      cases: {
        approve: (g, { draft }) => g.compute("approved", { needs: { draft }, run: ({ draft }) => draft.body }),
        edit: (g, { review }) => g.compute("edited", { needs: { review }, run: ({ review }) => review.body }),
        reject: (g, { draft }) => g.compute("rejected", { needs: { draft }, run: ({ draft }) => draft.tags.length }),
      },
    });
    const ${pages} = g.collection("${pages}", {
      over: langs,
      as: "lang",
      key: (lang) => lang,
      with: { text: ${text} },
      each: (g, { lang, text }) => g.compute("page", { needs: { lang, text }, run: ({ lang, text }) => \`\${lang}: \${text}\` }),
    });
    const ${title} = g.compute("${title}", {
      needs: { draft: ${draft}, review: ${review} },
      run: ({ draft, review }) => draft.title.trim() + review.decision,
    });
`;
}
