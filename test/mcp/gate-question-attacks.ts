// What an agent may try at a gate by way of the questions that a client puts to its user: answers to what nobody asked, and states of other questions.

import { expect } from "vitest";
import { isQuestion } from "./asking-client.ts";
import { at, type Attack, each, HUMAN, tried } from "./gate-attack.ts";
import { ACCEPT, YES } from "./gate-world.ts";

/** What either era can. */
export const QUESTION_ATTACKS: readonly Attack[] = [
  {
    name: "the user in the client, who accepts everything: nobody asks them",
    codes: [HUMAN, "not_awaiting"],
    attack: async ({ client, plain, signed, nested }) => {
      const gates = [at(plain), at(signed), at(nested, "part/review")];
      await each(gates, async (gate) => {
        await client.call("request_approval", gate);
        await client.call("deliver_event", gate);
      });
      expect(client.forms).toEqual([]);
    },
  },
  {
    name: "an accepted form that nobody asked for",
    codes: [HUMAN],
    attack: ({ client, plain }) =>
      each(
        [
          { answer: ACCEPT },
          { decision: ACCEPT, review: ACCEPT, [plain]: ACCEPT, answer: { method: "elicitation/create", result: ACCEPT } },
        ],
        async (inputResponses) => {
          await client.raw("request_approval", at(plain), { inputResponses });
          await client.raw("deliver_event", at(plain), { inputResponses });
          await client.raw("deliver_event", { ...at(plain), payload: YES }, { inputResponses });
        },
      ),
  },
  {
    name: "an elicitation's result as a request",
    codes: [-32_601],
    attack: ({ client, plain }) =>
      client.request("elicitation/create", { message: "?", requestedSchema: { type: "object", properties: {} }, ...at(plain) }),
  },
  {
    name: "an answer to the run as a task",
    attack: async ({ client, plain, signed }) => {
      await each([plain, signed], async (taskId) => {
        // Whatever is asked there, it is nothing about a gate.
        expect(await client.request("tasks/get", { taskId })).not.toMatchObject({
          result: { inputRequests: expect.anything() as unknown },
        });
        await each(["review", "answer", `${taskId}/review`, "__proto__"], (key) =>
          client.request("tasks/update", { taskId, inputResponses: { [key]: ACCEPT } }),
        );
      });
    },
  },
];

/** Only a client of the modern era sees a state: for one of 2025 the server keeps it, and asks itself. */
export const STATE_ATTACKS: readonly Attack[] = [
  {
    name: "a made-up state",
    codes: [-32_602],
    attack: ({ client, plain }) => {
      const p = { tool: "request_approval", run: plain, path: "review", opening: "", shown: "", delivery: "x", round: 1 };
      const body = Buffer.from(JSON.stringify({ p, exp: 9e9 })).toString("base64url");
      return each([`v1.${body}.${"A".repeat(43)}`, `v1.${body}.`, `v1.${body}`, body, "null", "{}"], (requestState) =>
        tried(client.raw("request_approval", at(plain), { inputResponses: { answer: ACCEPT }, requestState })),
      );
    },
  },
  {
    name: "the state of a question that the client may answer",
    codes: [HUMAN],
    attack: async ({ client, plain, signed, easy }) => {
      const asked = await client.raw("request_approval", at(easy));
      if (!isQuestion(asked)) throw new Error("it was not asked");
      const more = { inputResponses: { answer: ACCEPT }, requestState: asked.requestState };
      await each([plain, signed], async (run) => {
        await client.raw("request_approval", at(run), more);
        await client.raw("deliver_event", at(run), more);
        await client.raw("deliver_event", { ...at(run), payload: YES }, more);
      });
    },
  },
];
