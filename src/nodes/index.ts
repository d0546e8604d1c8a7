// The registry of node kinds: a kind is one file and one line in each of the two lists here.

import { awaitKind, type AwaitMethods } from "./await.ts";
import { branch, type BranchMethods } from "./branch.ts";
import { collection, type CollectionMethods } from "./collection.ts";
import { compose, type ComposeMethods } from "./compose.ts";
import { compute, type ComputeMethods } from "./compute.ts";
import { constKind, type ConstMethods } from "./const.ts";
import type { Scope } from "./kind.ts";
import { llm, type LlmMethods } from "./llm.ts";

/** What `define` is given as `g`: one method for each kind. */
export interface GraphBuilder
  extends ConstMethods,
    ComputeMethods,
    LlmMethods,
    AwaitMethods,
    BranchMethods,
    CollectionMethods,
    ComposeMethods {}

/** All methods over one scope. */
export function buildersOf(scope: Scope): GraphBuilder {
  return Object.freeze({
    ...constKind.methods(scope),
    ...compute.methods(scope),
    ...llm.methods(scope),
    ...awaitKind.methods(scope),
    ...branch.methods(scope),
    ...collection.methods(scope),
    ...compose.methods(scope),
  });
}
