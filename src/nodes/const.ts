// A literal in the graph.

import type { NodeFinding } from "../graph/graph.ts";
import { handleInside } from "../graph/handle.ts";
import type { Node } from "../graph/node.ts";
import { toJson, type JsonResult } from "../json.ts";
import type { KindForm } from "./form.ts";
import { badOption, type CommonOptions, type NodeKind, RUNS_NO_CODE } from "./kind.ts";

export interface ConstMethods {
  /** Puts a literal into the graph; it is copied and must be JSON. */
  const<const T>(name: string, value: T, options?: CommonOptions): Node<T>;
}

export const constKind: NodeKind<ConstMethods> = {
  kind: "const",
  methods: ({ declare }) => ({
    const: (name, value, options = {}) => {
      const json = toJson(value);
      const literal = json.ok ? json.value : null;
      return declare({
        kind: "const",
        name,
        needs: {},
        options,
        behaviour: {
          work: { type: "given", value: () => literal },
          detail: { value: literal },
          picture: { shape: "input", lines: [JSON.stringify(literal).slice(0, 40)] },
          ...RUNS_NO_CODE,
          check: () => checkLiteral(value, json),
          gives: { const: literal },
          declared: () => ({ ...options, value }),
        },
      });
    },
  }),
};

function checkLiteral(value: unknown, json: JsonResult): NodeFinding[] {
  const handle = handleInside(value);
  if (handle !== undefined) {
    return [
      {
        code: "handle_as_value",
        severity: "error",
        message: `its value${handle.at} is the handle "${handle.name}"`,
        hint: "A literal holds no nodes; join them with g.compute and needs.",
      },
    ];
  }
  return json.ok ? [] : [badOption(`its value${json.problem.at.slice(1)} ${json.problem.message}`, "A const is recorded as JSON.")];
}

export const constForm: KindForm = {
  about: "A literal.",
  options: { value: { type: "json" } },
  declare: (g, name, { value, ...options }: CommonOptions & { readonly value: unknown }) => g.const(name, value, options),
};
