// `store get`: what a key says, now or then.

import { InputError } from "../../../index.ts";
import type { Answer } from "../../answer.ts";
import { type AsOfOption, pastOf, zoned } from "../../moment-option.ts";
import { UsageError } from "../../problem.ts";
import type { GlobalOptions } from "../../project.ts";
import { extentOf, type FullOption } from "../../runs.ts";
import { keyNotFound, type MeantStore, type Shape, storeMeant, type ToldFact, withStores } from "../../stores.ts";
import type { Shell } from "../../shell.ts";
import { factLines, shapeLines } from "../../view/store-lines.ts";
import { shellWord } from "../../view/text.ts";
import { visibleCopy } from "../../view/visible.ts";

/** What `store get` takes. */
export interface StoreGetOptions extends GlobalOptions, AsOfOption, FullOption {
  readonly validAt?: string;
  readonly raw?: boolean;
}

type Moments = ReturnType<typeof pastOf> & { readonly validAt?: string };

/** Tells the fact that counts for a key. */
export function getFact(shell: Shell, name: string, key: string, options: StoreGetOptions): Promise<Answer> {
  const moments: Moments = { ...pastOf(options), ...(options.validAt === undefined ? {} : { validAt: zoned(options.validAt) }) };
  return withStores(shell, options, async ({ kindling }): Promise<Answer> => {
    const store = await storeMeant(kindling, name);
    if (store.kind === "history")
      throw new UsageError("not_a_store", `${name} is a history: it has parts, and no keys with values`, {
        fix: `${shell.program} store history ${name}${key === "" ? "" : ` ${shellWord(key)}`}`,
      });
    const shape: Shape = store.named === undefined || options.raw === true ? "recorded" : "current";
    const fact = await factOf(store, key, moments, { shape, program: shell.program });
    const { paint } = shell.out;
    const lines = factLines(visibleCopy(fact), extentOf(options), { paint, now: shell.now() });
    return {
      ok: true,
      result: { fact, shape },
      lines: [...lines, ...shapeLines(shape, name, store.named !== undefined, paint)],
    };
  });
}

/** That a key which has facts had none at the moment asked for. */
async function hadNoneThen(store: MeantStore, key: string, moments: Moments, program: string): Promise<InputError | undefined> {
  if (Object.keys(moments).length === 0 || (await store.recorded.get(key)) === undefined) return undefined;
  return new InputError("key_not_found", `${store.name}: ${JSON.stringify(key)} had no value then`, {
    fix: `${program} store history ${store.name} ${shellWord(key)} tells since when.`,
    details: { store: store.name, key },
  });
}

async function factOf(
  store: MeantStore,
  key: string,
  moments: Moments,
  { shape, program }: { readonly shape: Shape; readonly program: string },
): Promise<ToldFact> {
  if (shape === "current" && store.named?.kind === "store") {
    const fact = await store.named.handle.get(key, moments);
    if (fact !== undefined) return fact;
  }
  const recorded = await store.recorded.get(key, moments);
  if (recorded === undefined) throw (await hadNoneThen(store, key, moments, program)) ?? (await keyNotFound(store, key, program));
  if (recorded.act === "written") return recorded;
  throw new InputError(
    "key_removed",
    `${store.name}: ${JSON.stringify(key)} was removed at position ${recorded.position} and has no value`,
    {
      fix: `${program} store history ${store.name} ${shellWord(key)} tells what it was.`,
      details: { store: store.name, key, removed: recorded.id },
    },
  );
}
