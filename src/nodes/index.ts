// The registry of node kinds: a kind is one file and one line in each of the two lists here.

import { aggregate, type AggregateMethods } from "./aggregate.ts";
import { awaitKind, type AwaitMethods } from "./await.ts";
import { branch, type BranchMethods } from "./branch.ts";
import { collection, type CollectionMethods } from "./collection.ts";
import { compose, type ComposeMethods } from "./compose.ts";
import { compute, type ComputeMethods } from "./compute.ts";
import { constKind, type ConstMethods } from "./const.ts";
import { effect, type EffectMethods } from "./effect.ts";
import { guard, type GuardMethods } from "./guard.ts";
import type { Builder } from "./kind.ts";
import { llm, type LlmMethods } from "./llm.ts";
import { lookup, type LookupMethods } from "./lookup.ts";
import { map, type MapMethods } from "./map.ts";
import { present, type PresentMethods } from "./present.ts";
import { project, type ProjectMethods } from "./project.ts";
import { read, type ReadMethods } from "./read.ts";
import { remote, type RemoteMethods } from "./remote.ts";
import { repeat, type RepeatMethods } from "./repeat.ts";
import { scope, type ScopeMethods } from "./scope.ts";
import { sleep, type SleepMethods } from "./sleep.ts";
import { write, type WriteMethods } from "./write.ts";

/** What `define` is given as `g`: one method for each kind. */
export interface GraphBuilder
  extends ConstMethods,
    ComputeMethods,
    MapMethods,
    ProjectMethods,
    AggregateMethods,
    LookupMethods,
    GuardMethods,
    LlmMethods,
    AwaitMethods,
    SleepMethods,
    BranchMethods,
    CollectionMethods,
    ComposeMethods,
    RepeatMethods,
    EffectMethods,
    RemoteMethods,
    ReadMethods,
    WriteMethods,
    ScopeMethods,
    PresentMethods {}

/** All methods over one builder. */
export function buildersOf(builder: Builder): GraphBuilder {
  return Object.freeze({
    ...constKind.methods(builder),
    ...compute.methods(builder),
    ...map.methods(builder),
    ...project.methods(builder),
    ...aggregate.methods(builder),
    ...lookup.methods(builder),
    ...guard.methods(builder),
    ...llm.methods(builder),
    ...awaitKind.methods(builder),
    ...sleep.methods(builder),
    ...branch.methods(builder),
    ...collection.methods(builder),
    ...compose.methods(builder),
    ...repeat.methods(builder),
    ...effect.methods(builder),
    ...remote.methods(builder),
    ...read.methods(builder),
    ...write.methods(builder),
    ...scope.methods(builder),
    ...present.methods(builder),
  });
}
