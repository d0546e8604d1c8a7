// All that the suites expect of a server under test, put on the real one.

import { randomBytes } from "node:crypto";
import { createRequestStateCodec } from "@modelcontextprotocol/server";
import type { Extension } from "../../../mcp/server.ts";
import { addContentTools } from "./content.ts";
import { addNoticeTools } from "./notices.ts";
import { addQuestionTools, addRoundTools, type Step } from "./questions.ts";
import { addTestPrompts, addTestResources } from "./reads.ts";
import { addTaskTools } from "./tasks.ts";

const states = createRequestStateCodec<Step>({ key: randomBytes(32), ttlSeconds: 600, bind: ({ mcpReq }) => mcpReq.method });

/** What the suites call by name. */
export const extension: Extension = {
  requestState: { verify: (state, context) => states.verify(state, context) },
  add: (server, { era }, bus, surface) => {
    addContentTools(server);
    addNoticeTools(server, bus);
    addQuestionTools(server);
    addRoundTools(server, states);
    addTestResources(server);
    addTestPrompts(server);
    if (era === "modern") addTaskTools(server, surface);
  },
};
