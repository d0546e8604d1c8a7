// The client's side of a call: whether it can ask its user, and what came back from a question put before. Everything from there may be made up; a reply counts
// only with a state that was signed here. Knows no runs.

import {
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
  type InputRequiredResult,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Question } from "./question.ts";
import { QuestionState, type QuestionStates } from "./question-state.ts";

/** What the user did with a question. */
export interface Reply {
  readonly state: QuestionState;
  readonly action: "accept" | "decline" | "cancel";
  readonly content: Readonly<Record<string, unknown>> | undefined;
}

/** The client of one call. */
export interface ClientSide {
  /** True for one that shows forms to its user. */
  readonly canAsk: boolean;
  /** Undefined where none came, or none that answers anything. */
  readonly reply: Reply | undefined;
  /** The result that asks the question. */
  readonly ask: (question: Question, state: QuestionState) => Promise<InputRequiredResult>;
}

const ANSWER = "answer";

const Capabilities = z.object({ elicitation: z.record(z.string(), z.unknown()).optional() }).optional();
const Envelope = z.object({ [CLIENT_CAPABILITIES_META_KEY]: Capabilities }).optional();

/** The client of a request. */
export function clientSide(server: McpServer, context: ServerContext, states: QuestionStates): ClientSide {
  return {
    canAsk: showsForms(server, context),
    reply: replyIn(context),
    ask: async ({ message, form: { requestedSchema } }, state) =>
      inputRequired({
        inputRequests: { [ANSWER]: inputRequired.elicit({ message, requestedSchema }) },
        requestState: await states.mint(state, context),
      }),
  };
}

/** `elicitation: {}` is what clients said before there were several ways, and means forms. */
function showsForms(server: McpServer, { mcpReq }: ServerContext): boolean {
  const envelope = Envelope.safeParse(mcpReq.envelope).data;
  // oxlint-disable-next-line typescript/no-deprecated -- a client of the 2025 era says once what it can, at the handshake, and only this tells it
  const declared = envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? Capabilities.safeParse(server.server.getClientCapabilities()).data;
  const { elicitation } = declared ?? {};
  return elicitation !== undefined && (elicitation["form"] !== undefined || Object.keys(elicitation).length === 0);
}

function replyIn({ mcpReq }: ServerContext): Reply | undefined {
  // The server has checked the signature before any tool is called.
  const state = QuestionState.safeParse(mcpReq.requestState());
  const response = inputResponse(mcpReq.inputResponses, ANSWER);
  if (!state.success || response.kind !== "elicit") return undefined;
  return { state: state.data, action: response.action, content: response.content };
}
