// What a document says of a contract besides its nodes and outputs.

import { BUDGET_FORM, optional, type OptionForm, type OptionForms } from "../nodes/form.ts";
import { KIND_FORMS } from "../nodes/forms.ts";

/** The version of the language that documents are written in: the value of `kindling` in each. */
export const LANGUAGE_VERSION = 1 as const;

/** Each guard as a contract has it: what the node of that kind would have besides its needs, which are the inputs. */
const GUARD: OptionForm = {
  type: "object",
  members: Object.fromEntries(
    [...KIND_FORMS.values()].flatMap(({ guards = [], options }) =>
      guards.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]] as const])),
    ),
  ),
};

const INPUT: OptionForm = {
  type: "object",
  members: {
    schema: { type: "schema", about: "Its default is taken where the input is left out." },
    optional: optional({ type: "boolean", about: "True when it may be left out though there is no default; it is null then." }),
    description: optional({ type: "text", about: "The same as the description of the schema." }),
  },
};

/** The members of a document besides `nodes` and `outputs`. */
export const CONTRACT_FORMS: OptionForms = {
  kindling: { type: "number", about: "The version of this language." },
  name: { type: "text" },
  version: optional({ type: "text" }),
  description: optional({ type: "text" }),
  inputs: { type: "map", of: INPUT, about: "Inputs by name." },
  correlate: optional({ type: "list", of: { type: "text" }, about: "The inputs by which events find a run." }),
  early: optional({ type: "object", members: { keepFor: { type: "duration" } }, about: "Keeps events that come before their run." }),
  budget: optional(BUDGET_FORM),
  mcp: optional({ type: "object", members: { expose: optional({ type: "boolean" }) } }),
  guards: optional({ type: "map", of: GUARD, about: "Checks of the inputs, by name: nothing else begins before all of them hold." }),
  schedule: optional({
    type: "object",
    members: {
      every: optional({ type: "duration" }),
      cron: optional({ type: "text" }),
      timezone: optional({ type: "text" }),
      inputs: { type: "map", of: { type: "json" } },
      missed: optional({ type: "text", values: ["latest", "none"] }),
    },
    about: "Starts runs by itself: every so often, or by a crontab line.",
  }),
  start: optional({
    type: "object",
    members: {
      on: { type: "store" },
      inputs: { type: "map", of: { type: "text" }, about: "Inputs, and the members of an event that have their values." },
      when: optional({ type: "code", cure: "Leave it out, and keep the events that are meant in a history of their own." }),
      from: optional({ type: "text", values: ["beginning", "now"] }),
    },
    about: "Starts a run for each event of a history.",
  }),
  migrate: optional({
    type: "list",
    of: {
      type: "object",
      members: {
        from: { type: "list", of: { type: "text" } },
        nodes: optional({ type: "map", of: { type: "text" }, about: "New names to old names." }),
        changed: optional({ type: "map", of: { type: "text", values: ["keep", "rerun"] } }),
      },
    },
    about: "What runs of older versions are, seen from this one.",
  }),
};
