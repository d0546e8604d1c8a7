// Words by which a run is found again, as a caller gave them.

import { InputError } from "../errors.ts";

const COUNT_LIMIT = 16;
const LENGTH_LIMIT = 100;

/** The tags of a start, each once. @throws InputError `bad_tags` */
export function readTags(given: unknown = []): readonly string[] {
  if (!Array.isArray(given)) throw badTags(`tags is ${given === null ? "null" : `a ${typeof given}`}`);
  const tags: readonly unknown[] = given;
  const bad = tags.find((tag) => typeof tag !== "string" || tag === "" || tag.length > LENGTH_LIMIT);
  if (bad !== undefined)
    throw badTags(`one of the tags is ${typeof bad === "string" ? `${bad.length} characters long` : `a ${typeof bad}`}`);
  if (tags.length > COUNT_LIMIT) throw badTags(`there are ${tags.length} tags`);
  return [...new Set(tags.map(String))];
}

function badTags(message: string): InputError {
  return new InputError("bad_tags", message, { fix: `Give up to ${COUNT_LIMIT} texts of 1 to ${LENGTH_LIMIT} characters.` });
}
