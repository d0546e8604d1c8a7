// What an agent may try over MCP at a gate that wants a person's own channel: deliveries, runs of its own, reading. Nobody here is a person.

import { expect } from "vitest";
import * as z from "zod";
import { at, type Attack, each, HUMAN, PERSON, withProto } from "./gate-attack.ts";
import { YES } from "./gate-world.ts";

const DELIVERIES: readonly Attack[] = [
  {
    name: "the decision, delivered",
    codes: [HUMAN],
    attack: ({ client, plain }) => client.call("deliver_event", { ...at(plain), payload: YES }),
  },
  {
    name: "the decision, delivered where a signature is wanted",
    codes: [HUMAN],
    attack: ({ client, signed }) => client.call("deliver_event", { ...at(signed), payload: YES }),
  },
  {
    name: "the decision, delivered again and again, and all at once",
    codes: [HUMAN],
    attack: ({ client, plain }) =>
      Promise.all(Array.from({ length: 20 }, () => client.call("deliver_event", { ...at(plain), payload: YES }))),
  },
  {
    name: "other ways to write the await",
    codes: ["invalid_arguments", "not_awaiting"],
    attack: ({ client, plain }) =>
      each(
        [
          ..."/review|review/|./review|REVIEW| review|review |review[0]|review%2F|plain.decided|*|plain/review|__proto__|constructor".split(
            "|",
          ),
          "review\u0000",
          "rev\u200Biew",
          `${plain}/review`,
          "",
        ],
        (await_id) => client.call("deliver_event", { ...at(plain, await_id), payload: YES }),
      ),
  },
  {
    name: "other ways to write the run",
    codes: ["run_not_found"],
    attack: ({ client, plain }) =>
      each([plain.toUpperCase(), ` ${plain}`, `${plain}/`, `${plain}\n`, `${plain}/../${plain}`, "*", "__proto__"], (run) =>
        client.call("deliver_event", { ...at(run), payload: YES }),
      ),
  },
  {
    name: "other ways to write the decision",
    codes: [HUMAN, "invalid_arguments"],
    attack: ({ client, plain }) =>
      each(
        [
          "approve",
          true,
          [YES],
          { ...YES, actor: PERSON, by: "human", shown: "", deliveryId: "x" },
          { payload: YES },
          {},
          withProto(YES, YES),
        ],
        (payload) => client.call("deliver_event", { ...at(plain), payload }),
      ),
  },
  {
    name: "arguments that no tool has",
    codes: ["invalid_arguments"],
    attack: ({ client, plain }) =>
      each(
        [
          { actor: PERSON },
          { assurance: "outOfBand" },
          { roles: ["editor"] },
          { event: "plain.decided" },
          { correlation: { id: "1" } },
          { to: "all" },
          { shown: "x" },
          { deliveryId: "x" },
          { signature: "-----BEGIN SSH SIGNATURE-----" },
          YES,
          withProto({ x: 1 }, PERSON),
        ],
        async (more) => {
          await client.call("deliver_event", { ...at(plain), payload: YES, ...more });
          await client.call("request_approval", { ...at(plain), ...more });
        },
      ),
  },
  {
    name: "members of __proto__",
    codes: ["invalid_arguments"],
    attack: async ({ client, plain }) => {
      await client.request("tools/call", {
        name: "deliver_event",
        arguments: withProto({ ...at(plain), payload: YES }, { actor: PERSON }),
      });
      await client.call("deliver_event", { ...at(plain), payload: withProto(YES, { actor: PERSON, assurance: "outOfBand" }) });
      expect(Object.keys(Object.prototype)).toEqual([]);
    },
  },
  {
    name: "a _meta that says who one is",
    codes: [HUMAN],
    attack: async ({ client, plain }) => {
      const _meta = { actor: PERSON, assurance: "signed", "kindling/actor": PERSON, principal: "ada", roles: ["editor"] };
      await client.raw("deliver_event", { ...at(plain), payload: YES }, { _meta });
      await client.raw("request_approval", at(plain), { _meta });
    },
  },
  {
    name: "a decision by cancelling, which names a person",
    codes: ["invalid_arguments"],
    attack: async ({ client, plain }) => {
      await client.call("cancel_run", { run_id: plain, actor: PERSON });
      await client.call("cancel_run", { run_id: plain, payload: YES });
    },
  },
];

const RUNS: readonly Attack[] = [
  {
    name: "the workflow's own tool, with the decision among its arguments",
    codes: ["invalid_input"],
    attack: ({ client }) =>
      each([{ review: YES, decision: "approve" }, { part: { review: YES } }, { "part/review": YES, first: YES }], (more) =>
        client.call("run_nested", { id: "2", ...more }),
      ),
  },
  {
    name: "a start with the decision in its input",
    codes: ["invalid_arguments", "invalid_input"],
    attack: ({ client }) =>
      each(
        [
          { input: { id: "1", review: YES, said: "approve" } },
          { input: withProto({ id: "1" }, { review: YES }) },
          { input: { id: "1" }, values: { review: YES } },
          { input: { id: "1" }, actor: PERSON },
        ],
        (more) => client.call("start_workflow", { workflow: "plain", ...more }),
      ),
  },
  {
    name: "the event before the gate opens, and then what opens it",
    codes: ["already_decided", HUMAN, "not_awaiting"],
    attack: async ({ client, nested }) => {
      await each(["part/review", "part[child]/review", "review", "nested.decided"], (path) =>
        client.call("deliver_event", { ...at(nested, path), payload: YES }),
      );
      expect(await client.call("deliver_event", { ...at(nested, "first"), payload: YES })).toMatchObject({ isError: false });
      // Once more what is now for the gate alone.
      await client.call("deliver_event", { ...at(nested, "first"), payload: YES });
      await client.call("deliver_event", { ...at(nested, "first"), payload: { decision: "reject" } });
      await client.call("get_run", { run_id: nested, wait_seconds: 5 });
      await client.call("deliver_event", { ...at(nested, "part/review"), payload: YES });
    },
  },
  {
    name: "the gate of a child, by the child's own run",
    codes: ["run_not_found"],
    attack: async ({ client, kindling, nested }) => {
      await client.call("deliver_event", { ...at(nested, "first"), payload: YES });
      await (await kindling.run(nested)).settled();
      const children = [...new Set((await kindling.facts(nested)).map(({ run }) => run))].filter((run) => run !== nested);
      expect(children).toHaveLength(1);
      await each(
        children.flatMap((run) => [at(run), at(run, "part/review")]),
        async (gate) => {
          await client.call("deliver_event", { ...gate, payload: YES });
          await client.call("request_approval", gate);
          await client.call("deliver_event", gate);
        },
      );
    },
  },
  {
    name: "cancelling the run and starting it again under its key",
    codes: ["idempotency_conflict", "not_awaiting"],
    attack: async ({ client }) => {
      const start = { workflow: "plain", input: { id: "5" }, idempotency_key: "the-same-key", wait_seconds: 5 };
      const { run_id } = z.object({ run_id: z.string() }).parse((await client.call("start_workflow", start)).value);
      await client.call("cancel_run", { run_id });
      expect((await client.call("start_workflow", start)).value).toMatchObject({ run_id, status: "cancelled" });
      await client.call("start_workflow", { ...start, input: { id: "5", text: "another" } });
      await client.call("deliver_event", { ...at(run_id), payload: YES });
      expect((await client.call("request_approval", at(run_id))).value).toMatchObject({ state: "closed" });
    },
  },
  {
    name: "keys that look like those of others",
    codes: [HUMAN],
    attack: ({ client, plain }) =>
      each(["cli:1234567890", "mcp:the-same-key", `mcp_form_${plain}`, plain], async (key) => {
        const started = await client.call("start_workflow", {
          workflow: "plain",
          input: { id: key },
          idempotency_key: key,
          wait_seconds: 5,
        });
        const { run_id } = z.object({ run_id: z.string() }).parse(started.value);
        expect(run_id).not.toBe(plain);
        await client.call("deliver_event", { ...at(run_id), payload: YES });
      }),
  },
];

const READS: readonly Attack[] = [
  {
    name: "addresses that would do something when they are read",
    codes: [-32_602],
    attack: ({ client, plain }) =>
      each(
        [
          `wf://runs/${plain}/gates/review`,
          `wf://runs/${plain}/gates/review?decision=approve`,
          `wf://runs/${plain}/approve`,
          `ui://kindling/approve/${plain}/review`,
          "file:///etc/passwd",
        ],
        (uri) => client.request("resources/read", { uri }),
      ),
  },
  {
    name: "words for the model that decides",
    attack: async ({ client, plain }) => {
      await client.request("prompts/get", { name: "review_run", arguments: { run_id: plain, decision: "approve" } });
      await client.request("prompts/get", { name: "approve", arguments: at(plain) });
      const ref = { type: "ref/resource", uri: "wf://runs/{run_id}/timeline" };
      await client.request("completion/complete", { ref, argument: { name: "run_id", value: plain } });
      await client.request("sampling/createMessage", { messages: [], maxTokens: 1 });
      await client.request("notifications/elicitation/complete", { elicitationId: plain });
    },
  },
];

/** All of it; either era can. */
export const ATTACKS: readonly Attack[] = [...DELIVERIES, ...RUNS, ...READS];
