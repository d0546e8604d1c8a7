// What the nodes that record facts of the application record: the change, with what is said of it, and how it is recorded once. Knows no options but those.

import { InputError } from "../errors.ts";
import { atOnce } from "../graph/at-once.ts";
import { isHandle } from "../graph/handle.ts";
import type { Grounds } from "../graph/store-access.ts";
import type { CallContext, NeedValues } from "../graph/work.ts";
import type { ChangeOptions, StoreChange } from "../store/change.ts";
import type { History, Store } from "../store/store.ts";
import { answerOf } from "./callback.ts";
import { badOption, codeOf } from "./kind.ts";
import { type Operands, readOperands } from "./operand.ts";
import { recordedOnce } from "./recorded-once.ts";
import { isConflict, type TakeBack, takingBack } from "./take-back.ts";
import type { Given, StoreReceipt } from "./write.ts";

/** What one node records. */
export interface Recording {
  readonly act: StoreChange["act"] | "change";
  readonly definition: { readonly name: string; readonly version: number; readonly kind: "store" | "history" };
  readonly options: Given;
  readonly operands: Operands;
  readonly changeOf: (values: NeedValues, saying: Saying, context: CallContext) => StoreChange | Promise<StoreChange>;
  /** True where what it records follows from how the key stands: then a conflict is met by looking again. */
  readonly looksAgain?: true;
  /** Set where it can be taken back: the key as it was before. */
  readonly takeBack?: TakeBack;
}

/** What is said with a change. */
type Said = ChangeOptions & { readonly expect?: string };

/** Gives that. @param read ids of what was read for the change */
type Saying = (read?: readonly string[]) => Said;

export function writing<T, Index extends string>(store: Store<T, Index>, options: Given): Recording {
  const operands = operandsOf(options, ["key", "value"]);
  return {
    act: "write",
    definition: store,
    options,
    operands,
    // What does not fit is refused by the store.
    changeOf: (values, saying) => store.write(operands.valueOf("key", values) as string, operands.valueOf("value", values) as T, saying()),
    ...(options.takeBack === true ? { takeBack: takingBack(store) } : {}),
  };
}

export function changing<T, Index extends string>(store: Store<T, Index>, options: Given): Recording {
  const { change } = options;
  const operands = operandsOf(options, ["key"]);
  const code = typeof change === "function" ? change : undefined;
  return {
    act: "change",
    definition: store,
    options,
    operands: {
      ...operands,
      detail: { ...operands.detail, change: code === undefined ? null : codeOf(code) },
      findings: [
        ...operands.findings,
        ...(code === undefined ? [badOption("change is no function", "Give one: change: (current) => ….")] : []),
      ],
    },
    looksAgain: true,
    changeOf: async (values, saying, { stores, note }) => {
      const key = operands.valueOf("key", values) as string;
      const { position } = stores;
      const found = await stores.store(store).get(key);
      const next = atOnce(
        "change",
        answerOf("change", () => code?.(found?.value, values)),
      ) as T;
      const read = found === undefined ? [] : [found.id];
      note({ type: "facts.read", store: store.name, facts: read, position });
      return store.write(key, next, { ...saying(read), expect: found?.id ?? "absent" });
    },
    ...(options.takeBack === true ? { takeBack: takingBack(store) } : {}),
  };
}

export function removing<T, Index extends string>(store: Store<T, Index>, options: Given): Recording {
  const operands = operandsOf(options, ["key"]);
  return {
    act: "remove",
    definition: store,
    options,
    operands,
    changeOf: (values, saying) => store.remove(operands.valueOf("key", values) as string, saying()),
    ...(options.takeBack === true ? { takeBack: takingBack(store) } : {}),
  };
}

export function appending<T>(history: History<T>, options: Given): Recording {
  const operands = operandsOf(options, ["event"]);
  return {
    act: "append",
    definition: history,
    options,
    operands,
    changeOf: (values, saying) => history.append(operands.valueOf("event", values) as T, saying()),
  };
}

function operandsOf({ needs, key, value, event, expect, validFrom, causedBy }: Given, needed: readonly string[]): Operands {
  return readOperands(needs, { key, value, event, expect, validFrom, causedBy }, needed);
}

/** How often a change is made again of what somebody has written meanwhile. */
const ROUNDS_LIMIT = 10;

export async function recordOnce(
  { changeOf, definition, looksAgain, operands, options }: Recording,
  values: NeedValues,
  context: CallContext,
): Promise<StoreReceipt> {
  const grounds = await context.stores.grounds();
  const expect = await expected(options, operands, values, grounds);
  const validFrom = operands.valueOf("validFrom", values) as ChangeOptions["validFrom"];
  const said = (operands.valueOf("causedBy", values) as readonly string[] | undefined) ?? [];
  const saying: Saying = (read = []) => ({
    // What the author names is all there or refused; what comes by itself gives way.
    causedBy: [...said, ...read, ...grounds.causes].slice(0, Math.max(CAUSES_LIMIT, said.length)),
    producer: { kind: "run", name: context.runId },
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(expect === undefined ? {} : { expect }),
  });
  const record = async (): Promise<StoreReceipt> => {
    const change = await changeOf(values, saying, context);
    const { id, store, key, number, position } = await recordedOnce(change, context);
    return { id, store, key, number, position };
  };
  if (looksAgain !== true) return record();
  // Many runs that count one thing would lose to each other again and again. What is no key is refused by the store.
  const key = operands.valueOf("key", values);
  return context.stores.inTurn(definition.name, typeof key === "string" ? key : "", async () => {
    for (let round = 1; ; round++) {
      try {
        return await record();
      } catch (error) {
        if (round === ROUNDS_LIMIT || !isConflict(error)) throw error;
      }
    }
  });
}

/** A fact takes as many causes. */
const CAUSES_LIMIT = 100;

async function expected({ expect }: Given, operands: Operands, values: NeedValues, grounds: Grounds): Promise<string | undefined> {
  if (!isHandle(expect)) return operands.valueOf("expect", values) as string | undefined;
  const stood = await grounds.stoodFor("expect");
  if (stood !== undefined) return stood;
  throw new InputError("read_unknown", `what "${expect.name}" has read is not known any more: the run it was taken over from is gone`, {
    fix: "Update an input of it, so that it is read again; or start a new run.",
  });
}
