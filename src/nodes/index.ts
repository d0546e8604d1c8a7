// The registry of node kinds: a kind is one file and one line in each of the two lists here.

import { awaitKind, type AwaitMethods } from "./await.ts";
import { branch, type BranchMethods } from "./branch.ts";
import { collection, type CollectionMethods } from "./collection.ts";
import { compose, type ComposeMethods } from "./compose.ts";
import { compute, type ComputeMethods } from "./compute.ts";
import { constKind, type ConstMethods } from "./const.ts";
import type { Builder } from "./kind.ts";
import { llm, type LlmMethods } from "./llm.ts";
import { scope, type ScopeMethods } from "./scope.ts";

/** What `define` is given as `g`: one method for each kind. */
export interface GraphBuilder
  extends ConstMethods,
    ComputeMethods,
    LlmMethods,
    AwaitMethods,
    BranchMethods,
    CollectionMethods,
    ComposeMethods,
    ScopeMethods {}

/** All methods over one builder. */
export function buildersOf(builder: Builder): GraphBuilder {
  return Object.freeze({
    ...constKind.methods(builder),
    ...compute.methods(builder),
    ...llm.methods(builder),
    ...awaitKind.methods(builder),
    ...branch.methods(builder),
    ...collection.methods(builder),
    ...compose.methods(builder),
    ...scope.methods(builder),
  });
}
