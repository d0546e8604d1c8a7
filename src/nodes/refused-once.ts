// What a store refuses it refuses again: such a failure is tried again only where the author said so. Knows no kind.

import { InputError, RunError } from "../errors.ts";
import { ValueError } from "../graph/value-error.ts";
import type { CallOptions } from "./kind.ts";

/** Does something with a store; a refusal fails the node for good, unless its options have `retry`. */
export async function asSaid<T>({ retry }: Pick<CallOptions, "retry">, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isRefusal = error instanceof InputError || error instanceof RunError;
    if (!isRefusal || retry !== undefined) throw error;
    const { code, message, fix, details } = error;
    throw new ValueError(code, message, { details, cause: error, ...(fix === undefined ? {} : { fix }) });
  }
}
