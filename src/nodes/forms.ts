// The registry of how documents write nodes: one line for each kind.

import { aggregateForm } from "./aggregate.ts";
import { awaitForm } from "./await.ts";
import { branchForm } from "./branch.ts";
import { collectionForm } from "./collection.ts";
import { composeForm } from "./compose.ts";
import { computeForm } from "./compute.ts";
import { constForm } from "./const.ts";
import { effectForm } from "./effect.ts";
import type { KindForm } from "./form.ts";
import { guardForm } from "./guard.ts";
import { llmForm } from "./llm-form.ts";
import { lookupForm } from "./lookup.ts";
import { mapForm } from "./map.ts";
import { projectForm } from "./project.ts";
import { readForm } from "./read.ts";
import { remoteForm } from "./remote.ts";
import { repeatForm } from "./repeat.ts";
import { sleepForm } from "./sleep.ts";
import { writeForm } from "./write.ts";

/** The forms of all kinds by their names. */
export const KIND_FORMS: ReadonlyMap<string, KindForm> = new Map([
  ["const", constForm],
  ["compute", computeForm],
  ["map", mapForm],
  ["project", projectForm],
  ["aggregate", aggregateForm],
  ["lookup", lookupForm],
  ["guard", guardForm],
  ["llm", llmForm],
  ["await", awaitForm],
  ["sleep", sleepForm],
  ["branch", branchForm],
  ["collection", collectionForm],
  ["compose", composeForm],
  ["repeat", repeatForm],
  ["effect", effectForm],
  ["remote", remoteForm],
  ["read", readForm],
  ["write", writeForm],
]);
