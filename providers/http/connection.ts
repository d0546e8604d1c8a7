// What the calls of the providers have in common once a client stands: the options of its requests, its faults, its end. Knows no API.

import type { CallContext } from "../../src/index.ts";

/** A client for one call. */
export interface Connection<Client> {
  readonly client: Client;
  readonly options: { readonly signal: AbortSignal; readonly headers: CallContext["headers"] };
  /** Whatever was thrown, as a ModelError without secrets. */
  readonly fault: (error: unknown) => Error;
  /** Closes whatever is still open. */
  readonly close: () => void;
}

/** One answer of a call that does not stream. @throws ModelError */
export async function answerOf<Client, Value>(
  opened: Promise<Connection<Client>>,
  ask: (connection: Connection<Client>) => Promise<Value>,
): Promise<Value> {
  const connection = await opened;
  try {
    connection.options.signal.throwIfAborted();
    return await ask(connection);
  } catch (error) {
    throw connection.fault(error);
  } finally {
    connection.close();
  }
}
