// What a tool is, and the one way in and out of all of them: arguments are checked with every issue named, results come as structure and as the same
// JSON text, and whatever is thrown becomes a refusal. Knows no single tool.

import {
  isInputRequiredResult,
  type InputRequiredResult,
  type McpServer,
  type StandardSchemaWithJSON,
  type ToolAnnotations,
} from "@modelcontextprotocol/server";
import type * as z from "zod";
import type { Actor, Issue } from "../src/index.ts";
import { traceIn, type CallTrace } from "./call-trace.ts";
import { refusalOfArguments } from "./argument-bounds.ts";
import { callerOf } from "./caller.ts";
import { clientSide, type ClientSide } from "./client-side.ts";
import { Refusal, refusalOf } from "./failure.ts";
import { waitSignal } from "./left-response.ts";
import type { Log } from "./log.ts";
import type { Principal } from "./principal.ts";
import { progressFor, type TellProgress } from "./progress.ts";
import type { QuestionStates } from "./question-state.ts";
import { RunAnswer } from "./run-answer.ts";
import { shownInput, shownOutput } from "./shown-schema.ts";
import type { EnabledStores } from "./stores/enabled-stores.ts";
import type { Subscriptions } from "./subscriptions.ts";
import { takesTasks } from "./task-client.ts";
import { resultOf } from "./tool-result.ts";
import type { VisibleRuns } from "./visible-runs.ts";
import type { WaitingRoom } from "./wait.ts";

/** What the tools of a server share. */
export interface Surface {
  /** What the caller may see of the runtime. */
  readonly kindling: VisibleRuns;
  /** The stores that the caller may read. */
  readonly stores: EnabledStores;
  /** Whose calls these are; undefined where callers are not told apart. */
  readonly principal: Principal | undefined;
  /** How a person calls the command line. */
  readonly program: string;
  /** Where the approvers' page is, without a slash at its end. */
  readonly approvalUrl: string | undefined;
  readonly log: Log;
  readonly waits: WaitingRoom;
  readonly subscriptions: Subscriptions;
  /** Signs what the questions to a client's user carry along. */
  readonly questions: QuestionStates;
}

/** One call: the surface, who calls, and the signal of a cancelled request. */
export interface Call extends Surface {
  readonly actor: Actor;
  readonly client: ClientSide;
  /** Whether the client takes a task for an answer. */
  readonly takesTasks: boolean;
  readonly signal: AbortSignal;
  /** The trace that the client's request belongs to. */
  readonly trace: CallTrace;
  /** Tells the client how far a run is while the call waits for it; undefined where it did not ask. */
  readonly tell: TellProgress | undefined;
}

/** The result; a refusal; a run, which may be a task; or a question that the client puts to its user before it calls again. */
export type Answer<Output> = Output | Refusal | RunAnswer | InputRequiredResult;

/** A tool ready to be put on a server. */
export interface Tool {
  readonly name: string;
  readonly register: (server: McpServer, surface: Surface) => void;
}

/** A tool as its file writes it. */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  /** Lower case letters, digits and underscores, up to 40: clients put `mcp__<server>__` before it and some stop at 64. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** All four hints, since their defaults differ from what a reader expects. */
  readonly annotations: Required<Pick<ToolAnnotations, "readOnlyHint" | "destructiveHint" | "idempotentHint" | "openWorldHint">>;
  readonly input: Input;
  /** What clients are shown of the input, where that is more than is checked here. */
  readonly shownInput?: StandardSchemaWithJSON;
  readonly output: Output;
  /** Members of the output that are always there, which clients are told of beforehand: those that a caller goes by. */
  readonly shownOutput: readonly (keyof z.output<Output> & string)[];
  /** What extensions of the protocol want to know of it. */
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly call: (args: z.output<Input>, call: Call) => Promise<Answer<z.input<Output>>>;
}

/** Makes a tool of its definition. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(definition: ToolDefinition<Input, Output>): Tool {
  const { name, title, description, annotations, input, output, meta } = definition;
  const inputSchema = definition.shownInput ?? shownInput(input);
  const outputSchema = shownOutput(output, definition.shownOutput);
  return {
    name,
    register: (server, surface) => {
      server.registerTool(
        name,
        {
          title,
          description,
          annotations: hintsOf(annotations),
          inputSchema,
          outputSchema,
          ...(meta === undefined ? {} : { _meta: { ...meta } }),
        },
        async (args: unknown, context) => {
          const call: Call = {
            ...surface,
            actor: callerOf(server, context, surface.principal),
            client: clientSide(server, context, surface.questions),
            takesTasks: takesTasks(context),
            signal: waitSignal(context),
            trace: traceIn(context.mcpReq._meta),
            tell: progressFor(context),
          };
          try {
            const answered = await answer(definition, args, call);
            if (answered instanceof RunAnswer) return answered.toResult();
            return isInputRequiredResult(answered) ? answered : resultOf(answered);
          } catch (error) {
            return resultOf(refusalOf(error, (text) => surface.log(`${name}: ${text}`)));
          }
        },
      );
    },
  };
}

/** The hints that say something: whether a tool destroys or may be repeated is no question for one that only reads. */
function hintsOf({ readOnlyHint, openWorldHint, ...writing }: ToolAnnotations): ToolAnnotations {
  return readOnlyHint === true ? { readOnlyHint, openWorldHint } : { readOnlyHint, ...writing, openWorldHint };
}

async function answer<Input extends z.ZodObject, Output extends z.ZodObject>(
  { name, input, call }: ToolDefinition<Input, Output>,
  args: unknown,
  context: Call,
): Promise<Answer<z.input<Output>>> {
  const unfit = refusalOfArguments(args, name);
  if (unfit !== undefined) return unfit;
  const checked = input.safeParse(args);
  if (checked.success) return call(checked.data, context);
  return new Refusal(
    "invalid_arguments",
    `The arguments do not fit ${name}; nothing was done.`,
    "Correct every issue and call again.",
    checked.error.issues.map(issueOf),
  );
}

function issueOf({ path, message }: z.core.$ZodIssue): Issue {
  return { at: path.map(String).join("."), message };
}
