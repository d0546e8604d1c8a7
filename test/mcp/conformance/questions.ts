// Tools that the suites call for questions back: forms, models and roots of the client, asked over one round or several, with a state that must come back as it was.

import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  type ElicitInputParams,
  type InputRequest,
  inputRequired,
  inputResponse,
  type InputResponseView,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { saying } from "./content.ts";

/** Where a call of several rounds stands. */
export interface Step {
  readonly step: string;
  readonly name?: string;
}

const Name = z.object({ name: z.string() });
const Ok = z.object({ ok: z.boolean() });
const Capabilities = z.object({
  [CLIENT_CAPABILITIES_META_KEY]: z.object({ elicitation: z.unknown().optional(), sampling: z.unknown().optional() }),
});

/** A form for a name. */
export function nameForm(message = "What is your name?"): InputRequest {
  return inputRequired.elicit({ message, requestedSchema: Name });
}

/** The name that was given to a question. */
export function nameGiven({ mcpReq }: ServerContext, key: string): string | undefined {
  return acceptedContent(mcpReq.inputResponses, key, Name)?.name;
}

function askModel(text: string): InputRequest {
  return inputRequired.createMessage({ messages: [{ role: "user", content: { type: "text", text } }], maxTokens: 100 });
}

/** Asks one question, then says what came back. */
function once(key: string, ask: () => InputRequest, say: (answer: InputResponseView) => string) {
  return ({ mcpReq }: ServerContext) => {
    const answer = inputResponse(mcpReq.inputResponses, key);
    return answer.kind === "missing" ? inputRequired({ inputRequests: { [key]: ask() } }) : saying(say(answer));
  };
}

function said(answer: InputResponseView): string {
  switch (answer.kind) {
    case "elicit":
      return `action=${answer.action}, content=${JSON.stringify(answer.content)}`;
    case "sampling": {
      const { content } = answer.result;
      return !Array.isArray(content) && content.type === "text" ? content.text : JSON.stringify(content);
    }
    case "roots":
      return JSON.stringify(answer.roots);
    case "missing":
      return "nothing";
  }
}

const USER: ElicitInputParams["requestedSchema"] = {
  type: "object",
  properties: {
    username: { type: "string", description: "User's response" },
    email: { type: "string", description: "User's email address" },
  },
  required: ["username", "email"],
};

const DEFAULTS: ElicitInputParams["requestedSchema"] = {
  type: "object",
  properties: {
    name: { type: "string", default: "John Doe" },
    age: { type: "integer", default: 30 },
    score: { type: "number", default: 95.5 },
    status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
    verified: { type: "boolean", default: true },
  },
  required: [],
};

const titled = (word: string) => ["First", "Second", "Third"].map((which, at) => ({ const: `value${at + 1}`, title: `${which} ${word}` }));

const ENUMS: ElicitInputParams["requestedSchema"] = {
  type: "object",
  properties: {
    untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
    titledSingle: { type: "string", oneOf: titled("Option") },
    legacyEnum: { type: "string", enum: ["opt1", "opt2", "opt3"], enumNames: ["Option One", "Option Two", "Option Three"] },
    untitledMulti: { type: "array", items: { type: "string", enum: ["option1", "option2", "option3"] } },
    titledMulti: { type: "array", items: { anyOf: titled("Choice") } },
  },
  required: [],
};

/** Puts the tools that ask one question on a server. */
export function addQuestionTools(server: McpServer): void {
  server.registerTool(
    "test_sampling",
    { description: "Asks the client's model", inputSchema: z.object({ prompt: z.string() }) },
    ({ prompt }, context) =>
      once(
        "model",
        () => askModel(prompt),
        (answer) => `LLM response: ${said(answer)}`,
      )(context),
  );
  server.registerTool(
    "test_elicitation",
    { description: "Asks the user", inputSchema: z.object({ message: z.string() }) },
    ({ message }, context) =>
      once(
        "user",
        () => inputRequired.elicit({ message, requestedSchema: USER }),
        (answer) => `User response: ${said(answer)}`,
      )(context),
  );
  const form = (name: string, requestedSchema: ElicitInputParams["requestedSchema"]) =>
    server.registerTool(
      name,
      { description: "Asks with a form" },
      once(
        "form",
        () => inputRequired.elicit({ message: "Please fill in", requestedSchema }),
        (answer) => `Elicitation completed: ${said(answer)}`,
      ),
    );
  form("test_elicitation_sep1034_defaults", DEFAULTS);
  form("test_elicitation_sep1330_enums", ENUMS);
  server.registerTool("test_streaming_elicitation", { description: "Asks in the middle of a call" }, once("ok", okForm, said));
  server.registerTool(
    "test_missing_capability",
    { description: "Needs a model of the client" },
    once("model", () => askModel("hi"), said),
  );
  const round = "test_input_required_result";
  server.registerTool(`${round}_elicitation`, { description: "Asks for a name" }, (context) => {
    const name = nameGiven(context, "user_name");
    return name === undefined ? inputRequired({ inputRequests: { user_name: nameForm() } }) : saying(`Hello, ${name}!`);
  });
  server.registerTool(
    `${round}_sampling`,
    { description: "Asks a model" },
    once("capital_question", () => askModel("What is the capital of France?"), said),
  );
  server.registerTool(
    `${round}_list_roots`,
    { description: "Asks for roots" },
    once("client_roots", () => inputRequired.listRoots(), said),
  );
  server.registerTool(`${round}_capabilities`, { description: "Asks what the client can answer" }, ({ mcpReq }) => {
    if (Object.keys(mcpReq.inputResponses ?? {}).length > 0) return saying("ok");
    const can = Capabilities.parse(mcpReq.envelope)[CLIENT_CAPABILITIES_META_KEY];
    const inputRequests = {
      ...(can.elicitation === undefined ? {} : { user: nameForm() }),
      ...(can.sampling === undefined ? {} : { model: askModel("Hi") }),
    };
    return Object.keys(inputRequests).length === 0 ? saying("no capability") : inputRequired({ inputRequests });
  });
}

function okForm(): InputRequest {
  return inputRequired.elicit({ message: "Please confirm", requestedSchema: Ok });
}

/** Puts the tools that keep a state over several rounds on a server. */
export function addRoundTools(server: McpServer, states: RequestStateCodec<Step>): void {
  const round = "test_input_required_result";
  const ask = async (inputRequests: Record<string, InputRequest>, step: Step, context: ServerContext) =>
    inputRequired({ inputRequests, requestState: await states.mint(step, context) });
  for (const name of ["request_state", "tampered_state"])
    server.registerTool(`${round}_${name}`, { description: "Wants its state back" }, (context) => {
      const given = acceptedContent(context.mcpReq.inputResponses, "confirm", Ok);
      if (context.mcpReq.requestState<Step>()?.step === name && given !== undefined) return saying("state-ok");
      return ask({ confirm: okForm() }, { step: name }, context);
    });
  server.registerTool(`${round}_multiple_inputs`, { description: "Asks three things at once" }, (context) => {
    const given = context.mcpReq.inputResponses ?? {};
    const wanted = { user_name: nameForm(), greeting: askModel("Generate a greeting"), client_roots: inputRequired.listRoots() };
    if (Object.keys(wanted).every((key) => given[key] !== undefined)) return saying(`given: ${Object.keys(given).sort().join(", ")}`);
    return ask(wanted, { step: "all" }, context);
  });
  const Color = z.object({ color: z.string() });
  server.registerTool(`${round}_multi_round`, { description: "Asks one thing after the other" }, (context) => {
    const { step, name } = context.mcpReq.requestState<Step>() ?? { step: "none" };
    const color = step === "color" ? acceptedContent(context.mcpReq.inputResponses, "step2", Color)?.color : undefined;
    if (color !== undefined) return saying(`${String(name)} likes ${color}`);
    const first = step === "name" ? nameGiven(context, "step1") : undefined;
    if (first === undefined) return ask({ step1: nameForm("Step 1: What is your name?") }, { step: "name" }, context);
    const next = inputRequired.elicit({ message: "Step 2: What is your favorite color?", requestedSchema: Color });
    return ask({ step2: next }, { step: "color", name: first }, context);
  });
}
