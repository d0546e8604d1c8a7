// A refused definition as a person reads it.

import { expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/dsl/contract.ts";
import { parsePrompt } from "../../src/model/prompt.ts";
import { errorOf } from "./findings-of.ts";

const prompt = parsePrompt("---\ninputs: { topic: string, tone: string }\n---\nWrite about {{topic}}. Tone: {{tone}}.", {
  name: "draft",
  file: "draft.prompt.md",
});
const archive = contract("archive", { inputs: { text: z.string(), reason: z.string() }, define: (_g, { text }) => text });

it("one error lists everything: code, place, node, what is wrong, and the cure", () => {
  const error = errorOf(() =>
    contract("press-release", {
      inputs: { topic: z.string(), tones: z.array(z.string()) },
      // @ts-expect-error misspelt
      correlate: ["topics"],
      // @ts-expect-error an output is a literal
      define(g, { topic, tones }) {
        const draft = g.llm("draft", { needs: { topic, tune: topic }, prompt, model: "claude" });
        g.compute("draft", { needs: { draft }, run: ({ draft }) => draft, timeout: "3 d", retry: { attempts: 0 } });
        const review = g.await("review", { event: "", schema: z.string(), roles: ["editor"], onTimeout: { value: "no" } });
        // @ts-expect-error an input is missing
        const kept = g.compose("kept", { needs: { text: review }, child: archive });
        const posts = g.collection("posts", {
          over: tones,
          as: "tone",
          key: (tone) => tone,
          each: (g) => g.compute("post", { needs: { draft }, run: () => 1 }),
          concurrency: 0,
        });
        return { kept, posts, mode: "fast" };
      },
    }),
  );
  const folder = new URL(".", import.meta.url).pathname;
  const message = error.message.replaceAll(folder, "").replaceAll(/(\.ts:)\d+:\d+/g, "$1L:C");
  expect(message).toMatchInlineSnapshot(`
    "contract "press-release" has 13 errors:
      error duplicate_node  golden.test.ts:L:C  draft: there are two nodes "draft"
          Names are durable and must be unique in their graph.
      error foreign_handle  golden.test.ts:L:C  posts[each]/post: the need "draft" is the node "draft" of the graph around this child
          Pass it in: add "draft" to the needs (or with) of "posts", and take it from the second parameter of the child.
      error bad_output  golden.test.ts:L:C  the output "mode" is no node, but a string
          Outputs are handles; wrap a literal in g.const.
      error unknown_correlation  golden.test.ts:L:C  correlate names "topics", which is no input
          Did you mean "topic"?
      error unknown_model  golden.test.ts:L:C  draft: model "claude" names no provider
          Write "provider:model", for example "anthropic:claude-sonnet-5-5".
      error prompt_variable_missing  golden.test.ts:L:C  draft: prompt "draft" wants {{tone}}, and the node has no such need
          Did you mean "tune"?
      error bad_option  golden.test.ts:L:C  draft: retry.attempts is 0
          Give a whole number from 1 to 100.
      error bad_option  golden.test.ts:L:C  draft: timeout is "3 d"
          Give milliseconds, or a number with ms, s, m, h, d or w, such as "3d".
      error bad_option  golden.test.ts:L:C  review: event is empty
          Name the event that is waited for.
      error bad_option  golden.test.ts:L:C  review: onTimeout is given without a timeout
          Give a timeout, or leave onTimeout out.
      error bad_option  golden.test.ts:L:C  review: assurance, roles, notStarter or quorum is given for an await that no person decides
          Add by: "human".
      error child_input_missing  golden.test.ts:L:C  kept: part "child" runs the contract "archive", whose input "reason" nothing gives
          Add "reason" to the needs.
      error bad_option  golden.test.ts:L:C  posts: concurrency is 0
          Give a whole number from 1 on."
  `);
  expect(error.code).toBe("definition_invalid");
  expect(error.toJSON()).toMatchObject({ name: "DefinitionError", details: { findings: error.findings.map(({ code }) => ({ code })) } });
});
