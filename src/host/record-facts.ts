// Facts of the application, recorded by the host that writes: with nothing in them that the project does not want recorded.

import { FactWriter } from "../store/fact-writer.ts";
import type { EmbeddedHost } from "./embedded.ts";
import type { Host } from "./host.ts";

/** The call of a host that records them. */
export function recordFacts(host: Pick<EmbeddedHost, "assertOpen" | "disclosure" | "ledger">): Host["record"] {
  const writer = new FactWriter(host.ledger);
  return async (order) => {
    host.assertOpen();
    return writer.record(order, (value) => host.disclosure.given(value));
  };
}
