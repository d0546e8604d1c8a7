// How documents write the options of a kind: data that is read, written and published in the same terms. Knows no documents and no kind.

import type { Node } from "../graph/node.ts";
import type { GraphBuilder } from "./index.ts";

/** What an option is in a document. */
export type OptionForm = (
  | { readonly type: "json" }
  /** One of `values`, where there are some. */
  | { readonly type: "text"; readonly values?: readonly string[] }
  | { readonly type: "number" }
  | { readonly type: "boolean" }
  | { readonly type: "duration" }
  /** The name of a node. */
  | { readonly type: "node" }
  /** An executor by its key. */
  | { readonly type: "executor" }
  /** A store or a history by its name. */
  | { readonly type: "store" }
  /** A JSON Schema. */
  | { readonly type: "schema" }
  | { readonly type: "matcher" }
  /** A prompt file's name and text. */
  | { readonly type: "prompt" }
  /** A graph written in place, or a contract by its name. */
  | { readonly type: "child" }
  | { readonly type: "list"; readonly of: OptionForm }
  | { readonly type: "map"; readonly of: OptionForm }
  | { readonly type: "object"; readonly members: OptionForms }
  /** The first of these that it may be. */
  | { readonly type: "either"; readonly of: readonly OptionForm[] }
  /** Code that no document can name; `cure` says what there is instead. */
  | { readonly type: "code"; readonly cure: string }
) & { readonly optional?: true; readonly about?: string };

/** Options by name. */
export type OptionForms = Readonly<Record<string, OptionForm>>;

/** A kind as documents write it. */
export interface KindForm {
  /** What it does, in a sentence. */
  readonly about: string;
  /** Its options besides those that every node has. */
  readonly options: OptionForms;
  /** The options that name what its children are given: the names of their handles. */
  readonly given?: readonly string[];
  /** The options it has among a contract's guards, for the kind that may stand there. */
  readonly guards?: readonly string[];
  /** True when its outputs can be named as nodes: `pricing.total`. */
  readonly hasOutputs?: true;
  /** Calls the kind's own method with options as these forms say, so that a document can say nothing that the language cannot. */
  readonly declare: (g: GraphBuilder, name: string, options: never) => Node<unknown>;
}

/** The form of an option that may be left out. */
export function optional<F extends OptionForm>(form: F): F & { readonly optional: true } {
  return { ...form, optional: true };
}

/** Nodes by local name. */
export const NEEDS: OptionForm = { type: "map", of: { type: "node" }, about: "Nodes by the local names they are read under." };

/** Code that is an executor. */
export const EXECUTOR: OptionForm = { type: "executor" };

/** What every kind that runs code takes. */
export const CALL_FORMS: OptionForms = {
  timeout: optional({ type: "duration", about: "For one attempt." }),
  retry: optional({
    type: "object",
    members: {
      attempts: { type: "number", about: "Tries in all." },
      backoff: optional({ type: "duration", about: "The first pause; it doubles." }),
    },
  }),
};

/** What may be spent. */
export const BUDGET_FORM: OptionForm = {
  type: "object",
  members: {
    usd: optional({ type: "number" }),
    tokens: optional({ type: "number" }),
    turns: optional({ type: "number" }),
    unpriced: optional({ type: "text", values: ["refuse", "allow"] }),
  },
  about: "What models may cost: US dollars, tokens, requests.",
};

/** The option of kinds whose values may be taken from other runs. */
export const REUSE_FORMS: OptionForms = {
  reuse: optional({
    type: "object",
    members: { across: { type: "boolean" }, ttl: optional({ type: "duration" }) },
    about: "Takes what any run found for the same reading: across is true.",
  }),
};

/** What every node may say about itself. */
export const COMMON_FORMS: OptionForms = {
  after: optional({
    type: "list",
    of: { type: "node" },
    about: "Nodes that must have succeeded first, though this one does not read them.",
  }),
  description: optional({ type: "text" }),
  tags: optional({ type: "list", of: { type: "text" } }),
};
