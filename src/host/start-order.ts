// What a caller asks for, as a host takes it: with what caused it, where somebody knows that.

import type { AnyContract } from "../graph/contract.ts";
import type { TraceContext } from "../trace-context.ts";
import type { ContractSummary } from "./client.ts";
import { assertRegistered } from "./contracts.ts";
import type { Disclosure } from "./disclosure.ts";
import type { StartRequest } from "./host.ts";
import type { StartOptions } from "./requests.ts";

/** The start of a contract. @throws InputError for a contract object that was not registered */
export function startOrder(
  known: readonly ContractSummary[],
  contract: AnyContract | string,
  inputs: unknown,
  { idempotencyKey, actor, budget, tags, trace }: StartOptions,
  disclosure: Disclosure,
): StartRequest {
  if (typeof contract !== "string") assertRegistered(contract, known);
  const request: StartRequest = {
    contract: typeof contract === "string" ? contract : contract.name,
    inputs,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(actor === undefined ? {} : { actor }),
    ...(budget === undefined ? {} : { budget }),
    ...(tags === undefined ? {} : { tags }),
    ...(trace === undefined ? {} : { trace }),
  };
  return caused(request, disclosure);
}

/** The same request with what is active where it is made, unless the caller named a trace. */
export function caused<R extends { readonly trace?: TraceContext }>(request: R, { observers }: Disclosure): R {
  const trace = request.trace ?? observers.current();
  return trace === undefined ? request : { ...request, trace };
}
