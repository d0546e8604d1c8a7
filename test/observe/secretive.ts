// A project in which secrets turn up everywhere they should not: in what providers, authors' code and tools throw, in what is logged, and in what is given and
// found. Each has a name of its own, so that a test can say which one it found where.

import { z } from "zod";
import { callsTools, scripted } from "../../providers/scripted.ts";
import { contract, defineConfig, ModelError, type ModelRequest, tool } from "../../src/index.ts";

/** Planted, and to be found nowhere. */
export const SECRETS = {
  PROVIDER_KEY: "sk-ant-api03-Planted0Provider0Key0123456789",
  THROWN_TOKEN: "Planted.thrown.bearer-token/0123456789",
  URL_PASSWORD: "planted-url-passw0rd",
  URL_KEY: "plantedUrlKey0123456789",
  LOGGED_TEXT: "ghp_PlantedLoggedToken0123456789abcdefgh",
  LOGGED_MEMBER: "planted logged passphrase",
  OWN_PATTERN: "CUSTOMER-PLANTED-4711",
  PROGRESS_NOTE: "hf_PlantedProgressNote0123456789abcd",
  TOOL_ERROR: "AIzaPlantedToolError0123456789abcdefgh",
  TOOL_RESULT: "4111-planted-tool-result",
  INPUT: "4222-planted-input",
  PAYLOAD: "4333-planted-payload",
  LOOKUP_VALUE: "4444-planted-lookup-value",
  EFFECT_ERROR: "npm_PlantedEffectError0123456789abcdef",
  REASON: "xoxb-planted-reason-0123456789",
};

/** Stands in the ledger, as what nobody named does. */
export const HARMLESS = "an harmless remark";

const account = tool("account", {
  description: "Looks an account up.",
  input: z.object({ id: z.string() }),
  repeatable: true,
  run: () => ({ holder: "Bob", cardNumber: SECRETS.TOOL_RESULT }),
});

const broken = tool("broken", {
  description: "Fails.",
  input: z.object({}),
  repeatable: true,
  run: () =>
    Promise.reject(new Error(`GET https://bob:${SECRETS.URL_PASSWORD}@host/?api_key=${SECRETS.URL_KEY} with ${SECRETS.TOOL_ERROR}`)),
});

/** One run that meets all of them. */
export const secretive = contract("secretive", {
  version: "1",
  inputs: { remark: z.string(), card: z.object({ cardNumber: z.string(), holder: z.string() }) },
  define: (g, { remark, card }) => {
    const found = g.lookup("found", {
      needs: { card, remark },
      run: (_, context) => {
        context.log(`called with ${SECRETS.LOGGED_TEXT}`, { passphrase: SECRETS.LOGGED_MEMBER, customer: SECRETS.OWN_PATTERN });
        context.progress(0.5, `half way with ${SECRETS.PROGRESS_NOTE}`);
        return { cardNumber: SECRETS.LOOKUP_VALUE, place: "shelf" };
      },
    });
    const items = g.collection("items", {
      over: g.const("kinds", ["thrown", "own"]),
      as: "kind",
      key: (kind) => kind,
      each: (g, { kind }) =>
        g.lookup("fail", {
          needs: { kind },
          retry: { attempts: 1 },
          run: ({ kind }): string => {
            throw new Error(
              kind === "thrown" ? `401 for Authorization: Bearer ${SECRETS.THROWN_TOKEN}` : `no account for ${SECRETS.OWN_PATTERN}`,
            );
          },
        }),
    });
    const asked = g.llm("asked", {
      needs: { found, items, remark },
      prompt: ({ found, remark }) => JSON.stringify([found, remark]),
      models: ["scripted:m", "scripted:n"],
      tools: [account, broken],
    });
    const ok = g.await("ok", {
      event: "secretive.ok",
      schema: z.object({ cardNumber: z.string(), decision: z.string() }),
      show: { asked },
      by: "human",
    });
    return {
      done: g.effect("done", {
        needs: { ok, asked },
        retry: { attempts: 1 },
        run: (): string => {
          throw new Error(`cannot publish: password="${SECRETS.LOGGED_MEMBER}" ${SECRETS.EFFECT_ERROR}`);
        },
      }),
    };
  },
});

/** What the model was asked: nothing of a secret reaches it either. */
export const asked: ModelRequest[] = [];

function remember<T>(answer: T): (request: ModelRequest) => T {
  return (request) => {
    asked.push(request);
    return answer;
  };
}

const models = () => [
  scripted([
    remember(new ModelError("rate_limited", `429 for key ${SECRETS.PROVIDER_KEY}`, { provider: "scripted", retryable: true })),
    remember(callsTools(["account", { id: "7" }], ["broken", {}])),
    remember("done"),
  ]),
];

/** The project. */
export const settings = defineConfig({
  contracts: [secretive],
  models: models(),
  model: "scripted:m",
  redact: { keys: ["passphrase"], patterns: [/CUSTOMER-[A-Z]+-\d+/], recorded: ["cardNumber"] },
});
