// A prompt whose variables are written down.

import { contract, promptFile, type Prompt } from "kindling";
import { z } from "zod";

const triage = promptFile<{ ticket: { title: unknown }; tone: string; count?: number | null }>("triage.prompt.md");
const untyped: Prompt = promptFile("any.prompt.md");

contract("triage", {
  inputs: { ticket: z.object({ title: z.string(), body: z.string() }), tone: z.string(), text: z.string(), some: z.number().optional() },
  define(g, { ticket, tone, text, some }) {
    g.llm("right", { needs: { ticket, tone }, prompt: triage });
    g.llm("more", { needs: { ticket, tone, text, count: some }, prompt: triage });
    g.llm("any", { needs: { text }, prompt: untyped });

    // error at `tune`: does not exist
    g.llm("misspelt", { needs: { ticket, tune: tone }, prompt: triage });

    // error at `needs`: Property 'tone' is missing
    g.llm("missing", { needs: { ticket }, prompt: triage });

    // error at `ticket`: Type 'string' is not assignable to type '{ title: unknown; }'
    g.llm("type", { needs: { ticket: text, tone }, prompt: triage });

    // error at `count`
    g.llm("optional", { needs: { ticket, tone, count: text }, prompt: triage });
    return { tone };
  },
});
