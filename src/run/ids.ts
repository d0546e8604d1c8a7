// Ids that follow from something, so that doing it twice is the same run.

import { sha256 } from "../sha256.ts";

/** The id of a child: from its parent, the node and the key. */
export function childRunId(parent: string, node: string, key: string): string {
  return derived("child", parent, node, key);
}

/** The id of a run started under an idempotency key. */
export function keyedRunId(contract: string, key: string): string {
  return derived("start", contract, key);
}

/** The id of a delivery that came without one: the same payload for the same await, about the same that was shown, is the same delivery. */
export function derivedDeliveryId(run: string, node: string, payload: string, shown?: string): string {
  return `d_${digest("delivery", run, node, payload, ...(shown === undefined ? [] : [shown]))}`;
}

/** True for ids of that form. */
export function isDerivedDeliveryId(id: string): boolean {
  return /^d_[0-9a-f]{32}$/.test(id);
}

function derived(...parts: string[]): string {
  return `run_${digest(...parts)}`;
}

// 26 characters of base 32 hold 130 bits: 32 hexadecimal digits hold 128, in the alphabet of hashes.
function digest(...parts: string[]): string {
  return sha256(JSON.stringify(parts)).slice(0, 32);
}
