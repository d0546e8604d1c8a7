// What a caller wants to be different in a fork, as the host takes it: as JSON, so that it can be recorded and passed on.

import { InputError } from "../errors.ts";
import { toJson, type JsonObject, type JsonValue } from "../json.ts";
import type { ForkOptions } from "./requests.ts";
import type { ForkOrder } from "./host.ts";

/** The order behind fork options. @throws InputError `invalid_value` for a node value that is not JSON, `prompt_elsewhere` for a prompt that is no file */
export function forkOrder(
  run: string,
  { at, inputs = {}, nodes = {}, models = {}, prompts = {}, budget, idempotencyKey, actor }: Omit<ForkOptions, "signal">,
): ForkOrder {
  const kept = Object.entries(prompts).find(([, { resolve }]) => resolve !== undefined);
  if (kept !== undefined)
    throw new InputError(
      "prompt_elsewhere",
      `the prompt for "${kept[0]}" is kept in ${kept[1].origin?.store ?? "another place"}, and a fork takes a file`,
      {
        fix: "Give it a prompt file: what is different in a fork is part of how it was started.",
      },
    );
  const paths = new Set([...Object.keys(models), ...Object.keys(prompts)]);
  const overrides = Object.fromEntries(
    [...paths].map((path): [string, JsonObject] => {
      const model = models[path];
      const prompt = prompts[path];
      return [
        path,
        {
          ...(model === undefined ? {} : { model }),
          ...(prompt === undefined ? {} : { prompt: { name: prompt.name, text: prompt.text } }),
        },
      ];
    }),
  );
  return {
    run,
    inputs,
    nodes: Object.fromEntries(Object.entries(nodes).map(([name, value]) => [name, jsonOf(name, value)])),
    overrides,
    ...(at === undefined ? {} : { at }),
    ...(budget === undefined ? {} : { budget }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(actor === undefined ? {} : { actor }),
  };
}

function jsonOf(name: string, value: unknown): JsonValue {
  const json = toJson(value);
  if (json.ok) return json.value;
  throw new InputError("invalid_value", `nodes.${name}${json.problem.at.slice(1)} ${json.problem.message}`, {
    fix: "A node's value is recorded as JSON.",
  });
}
