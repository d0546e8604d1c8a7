// What runs for one call of a tool: the call itself, and around it the people who are asked. Everything in it is known before anything runs, like any child.

import { BugError } from "../errors.ts";
import type { AnyContract } from "../graph/contract.ts";
import type { Needs, Node } from "../graph/node.ts";
import type { Approval, Tool, ToolFunction } from "../graph/tool.ts";
import type { Schema } from "../schema.ts";
import type { ChildDefinition } from "./child.ts";
import type { AwaitOptions } from "./await.ts";
import type { Builder } from "./kind.ts";
import { declareQuestion, declareRefusal, declareToolCall, type NamedFunction } from "./tool-call.ts";
import { CALL_DECISION, CALL_OUTCOME } from "./tool-decisions.ts";

/** The methods of `g` that parts are made with. What their handles hold is known to nobody here, so nothing of it stands in the types. */
interface PartBuilder {
  await(name: string, options: AwaitOptions<Schema>): Node<unknown>;
  branch(
    name: string,
    options: { readonly needs: Needs; readonly on: string; readonly cases: Readonly<Record<string, PartDefinition>> },
  ): Node<unknown>;
  compose(name: string, options: { readonly needs: Needs; readonly child: AnyContract }): Node<unknown>;
  project(name: string, of: Node<unknown>, at: string): Node<unknown>;
}

type PartDefinition = (g: PartBuilder, handles: Needs, builder: Builder) => Node<unknown>;

/** The child that a tool's call is, and the names of what it is given. */
export function toolPart(tool: Tool<never>): { readonly definition: ChildDefinition; readonly handles: readonly string[] } {
  const { work, approve } = tool;
  if (work.type === "function") {
    const named: NamedFunction = { name: tool.name, work };
    const define = approved(tool, ["input"], (g, handles, builder) => settled(named, g, handles, builder));
    return { definition: definitionOf(define), handles: ["input", "which", ...tool.given] };
  }
  const inputs = work.contract.graph.inputs.map(({ name }) => name);
  if (approve === undefined) return { definition: work.contract, handles: inputs };
  return { definition: definitionOf(approved(tool, inputs, (g, handles) => runOf(work.contract, g, handles))), handles: inputs };
}

/** The builder hands a definition its own `g` and handles; the types of parts say less of both. */
function definitionOf(define: PartDefinition): ChildDefinition {
  return define;
}

/** The work, once a person has allowed it where somebody must. */
function approved(tool: Tool<never>, shown: readonly string[], work: PartDefinition): PartDefinition {
  const { approve } = tool;
  if (approve === undefined) return work;
  const gated: PartDefinition = (g, handles, builder) => {
    const approval = g.await("approval", approvalOptions(tool.name, approve, pick(handles, [...shown, ...tool.given])));
    if (tool.work.type === "function") return work(g, { ...handles, approval }, builder);
    return g.branch("decided", {
      needs: { ...handles, approval },
      on: "approval.decision",
      cases: {
        approve: (inner, { approval: _approval, ...inputs }, innerBuilder) => work(inner, inputs, innerBuilder),
        reject: (_inner, given, innerBuilder) =>
          declareRefusal(
            innerBuilder,
            "refused",
            { decision: need(given, "approval") },
            {
              code: "tool_rejected",
              message: `a person refused the call of "${tool.name}"`,
            },
          ),
      },
    });
  };
  const { when } = approve;
  if (when === undefined) return gated;
  return (g, handles, builder) => {
    const isFunction = tool.work.type === "function";
    const asked = declareQuestion(builder, "asked", pick(handles, shown), when, isFunction ? "input" : undefined);
    const inside =
      (define: PartDefinition): PartDefinition =>
      (inner, { asked: _asked, ...rest }, innerBuilder) =>
        define(inner, rest, innerBuilder);
    return g.branch("gate", { needs: { ...handles, asked }, on: "asked", cases: { ask: inside(gated), go: inside(work) } });
  };
}

function approvalOptions(tool: string, { assurance, roles, notStarter, timeout }: Approval, show: Needs): AwaitOptions<Schema> {
  return {
    description: `May the model call ${tool}?`,
    event: "tool.approval",
    schema: CALL_DECISION,
    by: "human",
    show,
    ...(assurance === undefined ? {} : { assurance }),
    ...(roles === undefined ? {} : { roles }),
    ...(notStarter === undefined ? {} : { notStarter }),
    ...(timeout === undefined ? {} : { timeout, onTimeout: { value: { decision: "reject", reason: `nobody decided within ${timeout}` } } }),
  };
}

/** The call, and a person's word on it where a crash may have cut it off and a person shall be asked. */
function settled(tool: NamedFunction, g: PartBuilder, handles: Needs, builder: Builder): Node<unknown> {
  if (!isAsked(tool.work)) return declareToolCall(builder, "call", tool, handles, false);
  const reported = declareToolCall(builder, "call", tool, handles, true);
  return g.branch("outcome", {
    needs: { ...handles, reported },
    on: "reported.status",
    cases: {
      known: (inner, needs) => inner.project("result", need(needs, "reported"), "result"),
      uncertain: (inner, { reported: _reported, ...needs }) => askWhatBecame(tool, inner, needs),
    },
  });
}

function askWhatBecame(tool: NamedFunction, g: PartBuilder, needs: Needs): Node<unknown> {
  const { approval: _approval, which: _which, ...show } = needs;
  const told = g.await("told", {
    description: `A crash cut the call of ${tool.name} off. Did it take effect?`,
    event: "tool.outcome",
    schema: CALL_OUTCOME,
    by: "human",
    show,
  });
  return g.branch("decided", {
    needs: { ...needs, told },
    on: "told.decision",
    cases: {
      done: (inner, given) => inner.project("result", need(given, "told"), "result"),
      again: (_inner, { told: _told, ...rest }, builder) => declareToolCall(builder, "call", tool, rest, false),
      fail: (_inner, given, builder) =>
        declareRefusal(
          builder,
          "refused",
          { decision: need(given, "told") },
          {
            code: "tool_uncertain",
            message: `a crash cut the call of "${tool.name}" off, and a person says that the run shall fail`,
          },
        ),
    },
  });
}

function isAsked({ repeatable, onUncertain }: ToolFunction): boolean {
  return !repeatable && onUncertain === "ask";
}

function runOf(contract: AnyContract, g: PartBuilder, needs: Needs): Node<unknown> {
  return g.compose("run", { needs, child: contract });
}

function pick(handles: Needs, names: readonly string[]): Needs {
  return Object.fromEntries(names.flatMap((name) => (handles[name] === undefined ? [] : [[name, handles[name]]])));
}

function need(needs: Needs, name: string): Node<unknown> {
  const handle = needs[name];
  if (handle === undefined) throw new BugError(`a tool's part has no "${name}"`);
  return handle;
}
